import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type Row,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type RefObject, useId, useLayoutEffect, useRef } from 'react'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { navigate } from '../../address.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { cn } from '../../components/class-names.ts'
import { ariaSort, Cell, HeadCell, SortButton, Table, TableHead } from '../../components/table.tsx'
import { runColumns } from './columns.tsx'

const ROW_HEIGHT = 36
/** Up to so many rows are all drawn; the page's own search then finds them too. */
const MOST_DRAWN = 100
/** Rows that a page key moves by. */
const PAGE = 12

/** A table of runs: sorts, selects and opens by mouse and by keyboard. */
export function RunTable({
  runs,
  sorting,
  onSortingChange,
  selected,
  onSelectedChange,
  focused,
  onFocusedChange,
}: {
  runs: RunSummary[]
  sorting: SortingState
  onSortingChange: (sorting: SortingState) => void
  selected: readonly string[]
  onSelectedChange: (ids: string[]) => void
  /** Id of the run with the keyboard's focus; '' for none. */
  focused: string
  onFocusedChange: (id: string) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const idPrefix = useId()
  const table = useReactTable({
    data: runs,
    columns: runColumns,
    state: { sorting },
    getRowId: (run) => run.id,
    onSortingChange: (update) => onSortingChange(typeof update === 'function' ? update(sorting) : update),
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    enableSortingRemoval: false,
  })
  const { rows } = table.getRowModel()
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: rows.length > MOST_DRAWN,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // The sticky head covers the first pixels.
    scrollPaddingStart: 40,
  })
  const virtual = rows.length > MOST_DRAWN ? virtualizer.getVirtualItems() : null
  const drawn = virtual ? virtual.flatMap(({ index }) => rows[index] ?? []) : rows
  const before = virtual?.[0]?.start ?? 0
  const after = virtual ? virtualizer.getTotalSize() - (virtual.at(-1)?.end ?? 0) : 0

  const select = (id: string, on: boolean) =>
    onSelectedChange(on ? [...selected, id] : selected.filter((other) => other !== id))
  const actions = useRef<RowActions>({ select, focus: onFocusedChange })
  useLayoutEffect(() => {
    actions.current = {
      select,
      focus: (id) => {
        onFocusedChange(id)
        scroller.current?.focus({ preventScroll: true })
      },
    }
  })
  const minute = Math.floor(Date.now() / 60_000)
  const move = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row) onFocusedChange(row.id)
  }
  const at = rows.findIndex((row) => row.id === focused)
  useLayoutEffect(() => {
    if (at < 0) return
    if (rows.length > MOST_DRAWN) virtualizer.scrollToIndex(at)
    else document.getElementById(`${idPrefix}${focused}`)?.scrollIntoView({ block: 'nearest' })
  }, [at, focused, idPrefix, rows.length, virtualizer])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    switch (event.key) {
      case 'ArrowDown':
        move(at + 1)
        break
      case 'ArrowUp':
        move(at < 0 ? rows.length - 1 : at - 1)
        break
      case 'PageDown':
        move(at + PAGE)
        break
      case 'PageUp':
        move(at - PAGE)
        break
      case 'Home':
        move(0)
        break
      case 'End':
        move(rows.length - 1)
        break
      case 'Enter':
        if (at >= 0) navigate(`/runs/${focused}`)
        break
      case ' ':
        if (at >= 0) select(focused, !selected.includes(focused))
        break
      default:
        return
    }
    event.preventDefault()
  }
  const chosen = rows.filter((row) => selected.includes(row.id)).length
  return (
    <div ref={scroller} className="@container h-full min-w-0 overflow-auto bg-surface">
      <Table
        role="grid"
        aria-label="Runs"
        aria-rowcount={rows.length + 1}
        aria-multiselectable
        aria-activedescendant={at >= 0 ? `${idPrefix}${focused}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-run-table
        className="min-w-[640px] table-fixed focus-visible:outline-offset-[-2px]"
      >
        <TableHead>
          <tr>
            <HeadCell className="w-10 pl-4">
              <Checkbox
                label="Select all runs shown"
                tabIndex={-1}
                checked={chosen === 0 ? false : chosen === rows.length ? true : 'indeterminate'}
                onChange={(on) => onSelectedChange(on ? rows.map((row) => row.id) : [])}
              />
            </HeadCell>
            {table.getFlatHeaders().map(({ column }) => {
              const { meta } = column.columnDef
              return (
                <HeadCell
                  key={column.id}
                  numeric={meta?.numeric ?? false}
                  aria-sort={ariaSort(column.getIsSorted())}
                  className={cn(meta?.className)}
                >
                  <SortButton direction={column.getIsSorted()} onClick={() => column.toggleSorting()}>
                    {meta?.header ?? meta?.title}
                  </SortButton>
                </HeadCell>
              )
            })}
          </tr>
        </TableHead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {drawn.map((row) => (
            <RunRow
              key={row.id}
              row={row}
              domId={`${idPrefix}${row.id}`}
              selected={selected.includes(row.id)}
              focused={row.id === focused}
              minute={minute}
              actions={actions}
            />
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </Table>
    </div>
  )
}

interface RowActions {
  select: (id: string, on: boolean) => void
  focus: (id: string) => void
}

interface RowProps {
  row: Row<RunSummary>
  domId: string
  selected: boolean
  focused: boolean
  /** The present minute, since rows show how long ago something was. */
  minute: number
  actions: RefObject<RowActions>
}

/** Drawn anew only when its run has changed: a live table would otherwise draw every row ten times a second. */
const RunRow = memo(DrawnRow, (before, after) => {
  const same = (['domId', 'selected', 'focused', 'minute'] as const).every((key) => before[key] === after[key])
  return same && before.row.original === after.row.original
})

function DrawnRow({ row, domId, selected, focused, actions }: RowProps) {
  return (
    <tr
      id={domId}
      aria-selected={selected}
      onClick={() => actions.current.focus(row.id)}
      onDoubleClick={() => navigate(`/runs/${row.id}`)}
      className={cn('group', focused ? 'bg-accent-soft' : selected ? 'bg-accent-soft/50' : 'hover:bg-hover')}
    >
      <Cell
        className="h-9 pl-4"
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Checkbox
          label={`Select ${row.original.name}`}
          tabIndex={-1}
          checked={selected}
          onChange={(on) => actions.current.select(row.id, on)}
        />
      </Cell>
      {row.getVisibleCells().map((cell) => {
        const { meta } = cell.column.columnDef
        return (
          <Cell key={cell.id} numeric={meta?.numeric ?? false} className={cn('h-9', meta?.className)}>
            {flexRender(cell.column.columnDef.cell, cell.getContext())}
          </Cell>
        )
      })}
    </tr>
  )
}
