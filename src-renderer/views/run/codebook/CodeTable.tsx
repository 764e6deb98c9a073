import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useLayoutEffect, useMemo, useRef } from 'react'
import { useParam } from '../../../address.ts'
import { cn } from '../../../components/class-names.ts'
import { ariaSort, Cell, HeadCell, SortButton, Table, TableHead } from '../../../components/table.tsx'
import { Tooltip } from '../../../components/tooltip.tsx'
import { formatFixed } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { type CodeColumn, codeColumns, sortCodes } from './code-columns.ts'

const ROW = 24
const HEAD = 32
const PAGE = 20
const ID_WIDTH = 52
const TOKEN_WIDTH = 82

/** Every code with what the sample says of it: sorts by any column, moves by keyboard, draws only what is in sight. */
export const CodeTable = memo(function CodeTable({
  sample,
  names,
  layer,
  codes,
  only,
  selected,
  onCode,
  className,
}: {
  sample: Sample
  names: CodeNames
  /** null: all layers together */
  layer: number | null
  /** Only these. */
  codes: Int32Array
  /** Keys of the columns that are wanted; all if left out. */
  only?: readonly string[]
  selected: number
  onCode: (code: number) => void
  className?: string
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const [sortText, setSort] = useParam('sort', 'hits.desc')
  const columns = useMemo(
    () => codeColumns(sample, layer).filter((column) => !only || only.includes(column.key)),
    [sample, layer, only],
  )
  const [key = '', direction] = sortText.split('.')
  const descending = direction !== 'asc'
  const sorted = useMemo(() => {
    const column = columns.find((one) => one.key === key)
    return sortCodes(codes, key === 'code' ? names.number : (column ?? (columns[0] as CodeColumn)).value, descending)
  }, [columns, codes, key, descending, names])
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
    scrollPaddingStart: HEAD,
  })
  const at = useMemo(() => sorted.indexOf(selected), [sorted, selected])
  useLayoutEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at)
  }, [at, virtualizer])
  const sortBy = (next: string) =>
    setSort(
      `${next}.${next === key ? (descending ? 'asc' : 'desc') : next === 'code' || next === 'birth' ? 'asc' : 'desc'}`,
    )
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: sorted.length - 1,
    }[event.key]
    if (to === undefined || event.target !== event.currentTarget || sorted.length === 0) return
    event.preventDefault()
    onCode(sorted[Math.min(sorted.length - 1, Math.max(0, to))] as number)
  }
  const drawn = virtualizer.getVirtualItems()
  const before = drawn[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (drawn.at(-1)?.end ?? 0)
  const width = ID_WIDTH + TOKEN_WIDTH + columns.reduce((sum, one) => sum + one.width, 0)
  const sortOf = (column: string) => (column === key ? (descending ? 'desc' : 'asc') : false)
  return (
    <div ref={scroller} className={cn('overflow-auto', className)}>
      <Table
        role="grid"
        aria-label="Codes"
        aria-rowcount={sorted.length + 1}
        aria-activedescendant={at < 0 ? undefined : `code-${selected}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="table-fixed text-xs focus-visible:outline-offset-[-2px]"
        style={{ minWidth: width }}
      >
        <TableHead>
          <tr aria-rowindex={1}>
            <Head
              sort={sortOf('code')}
              onSort={() => sortBy('code')}
              definition={
                names.independent
                  ? 'Row of the codebook’s table.'
                  : 'Id of the LLM token whose row the code started as, which it keeps.'
              }
              numeric
              width={ID_WIDTH}
            >
              Code
            </Head>
            <Head sort={false} definition="The text of that LLM token.">
              Token
            </Head>
            {columns.map((column) => (
              <Head
                key={column.key}
                sort={sortOf(column.key)}
                onSort={() => sortBy(column.key)}
                definition={column.definition}
                width={column.width}
                numeric
              >
                {column.title}
              </Head>
            ))}
          </tr>
        </TableHead>
        <tbody className="font-mono">
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {drawn.map(({ index }) => {
            const code = sorted[index] as number
            return (
              <tr
                key={code}
                id={`code-${code}`}
                aria-rowindex={index + 2}
                aria-selected={code === selected}
                onClick={() => onCode(code)}
                className={code === selected ? 'bg-accent-soft' : 'hover:bg-hover'}
              >
                <Cell numeric className="h-6 px-1.5">
                  {names.number(code)}
                </Cell>
                <Cell className="h-6 truncate px-1.5 text-accent">{names.text(code) || '–'}</Cell>
                {columns.map((column) => (
                  <Value key={column.key} column={column} code={code} />
                ))}
              </tr>
            )
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </Table>
      {sorted.length === 0 && <p className="p-4 text-center text-sm text-muted">No code by that name.</p>}
    </div>
  )
})

function Value({ column, code }: { column: CodeColumn; code: number }) {
  const value = column.value(code)
  const nothing = Number.isNaN(value) || (value === 0 && column.decimals === 0 && column.key !== 'rank')
  return (
    <Cell numeric className={cn('h-6 px-1.5', nothing && 'text-faint')}>
      {Number.isNaN(value) ? '–' : formatFixed(value, column.decimals)}
    </Cell>
  )
}

function Head({
  sort,
  onSort,
  definition,
  width,
  numeric = false,
  children,
}: {
  sort: 'asc' | 'desc' | false
  onSort?: () => void
  definition: string
  /** px; the rest goes to the column that has none */
  width?: number
  numeric?: boolean
  children: string
}) {
  return (
    <HeadCell
      numeric={numeric}
      {...(onSort ? { 'aria-sort': ariaSort(sort) } : {})}
      className="px-1.5"
      {...(width === undefined ? {} : { style: { width } })}
    >
      <Tooltip content={definition}>
        <span>
          {onSort ? (
            <SortButton direction={sort} onClick={onSort}>
              {children}
            </SortButton>
          ) : (
            children
          )}
        </span>
      </Tooltip>
    </HeadCell>
  )
}
