import { FileUp, Play } from 'lucide-react'
import type { PaperColumnView, PaperRowView, PaperTableView } from '../../../src-shared/contract/paper.ts'
import { ARROWS, measureText } from '../../../src-shared/paper/figure-text.ts'
import { IconButton } from '../../components/button.tsx'
import { Progress } from '../../components/progress.tsx'
import { HeadCell, Table, TableHead } from '../../components/table.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { formatCountOf, formatPercent } from '../../format.ts'
import { PaperCell } from './PaperCell.tsx'
import { columnDomain } from './seed-strip.ts'

/** The table as in the paper. Arrow keys move between its cells, Enter opens one. */
export function PaperTable({
  view,
  selected,
  onOpen,
  onRun,
  onImport,
}: {
  view: PaperTableView
  selected: { row: number; column: string } | null
  onOpen: (row: number, column: string) => void
  onRun: (row: number) => void
  onImport: (row: number) => void
}) {
  const domains = view.columns.map((_, at) => columnDomain(view.rows.map(({ cells }) => cells[at]?.measured ?? null)))
  return (
    <div className="overflow-x-auto">
      <Table aria-label={`Table ${view.id}`} className="w-auto min-w-full">
        <TableHead>
          <tr>
            <HeadCell className="sticky left-0 z-20 min-w-36 border-r pl-3 align-bottom">{view.rowKey}</HeadCell>
            {view.columns.map((column, at) => (
              <ColumnHead key={column.key} column={column} measured={domains[at] !== null} />
            ))}
          </tr>
        </TableHead>
        <tbody>
          {view.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are the paper's, in its order, and some share a name
            <tr key={index}>
              <RowHead
                row={row}
                isBaseline={index === view.baseline}
                onRun={() => onRun(index)}
                onImport={() => onImport(index)}
              />
              {row.cells.map((cell, at) => {
                const column = view.columns[at] as PaperColumnView
                return (
                  <td key={column.key} className="h-11 border-b border-line p-0 align-top">
                    <PaperCell
                      cell={cell}
                      column={column}
                      label={`${row.name}, ${column.key}`}
                      domain={domains[at] ?? null}
                      place={`${index},${at}`}
                      selected={selected?.row === index && selected.column === column.key}
                      onClick={() => onOpen(index, column.key)}
                    />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

/** @param measured whether a row has a figure of runs; the measure is named where one has */
function ColumnHead({ column, measured }: { column: PaperColumnView; measured: boolean }) {
  const { key, better, data, own, measure } = column
  const told = measured ? measureText(column) : ''
  return (
    <HeadCell numeric className="h-11 px-2.5 pt-1.5 pb-1 align-bottom">
      <Tooltip
        content={
          <>
            <span className="font-semibold">{key}</span>
            {data && <span className="text-muted"> on {data} in the paper</span>}
            {own && <span className="text-muted"> is not in the paper</span>}
            {better && `. ${better === 'higher' ? 'Higher' : 'Lower'} is better.`}
            {measure && (
              <>
                <br />
                Here: {measure.label}. {measure.differs}
              </>
            )}
          </>
        }
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning is in the tooltip, which the keyboard must reach */}
        <span tabIndex={0} className="inline-flex flex-col items-end rounded-sm leading-4">
          <span className="text-text underline decoration-line-strong decoration-dotted underline-offset-4">
            {key}
            {better && <span className="text-faint"> {ARROWS[better]}</span>}
          </span>
          <span className="text-2xs font-normal text-accent">{told || '\u00a0'}</span>
        </span>
      </Tooltip>
    </HeadCell>
  )
}

function RowHead({
  row,
  isBaseline,
  onRun,
  onImport,
}: {
  row: PaperRowView
  isBaseline: boolean
  onRun: () => void
  onImport: () => void
}) {
  const { name, outside, runs, others } = row
  const under = [
    ...(runs.finished > 0 ? [formatCountOf(runs.finished, 'run')] : []),
    ...(runs.running > 0 ? [`${runs.running} training`] : []),
    ...(runs.queued > 0 ? [`${runs.queued} queued`] : []),
    ...(runs.ended > 0 ? [`${runs.ended} ended early`] : []),
    ...(others > 0 ? [`${others} with other settings`] : []),
  ]
  return (
    <th
      scope="row"
      className="sticky left-0 z-10 border-r border-b border-line bg-surface py-2 pr-1.5 pl-3 text-left align-top font-normal"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <div className="text-sm font-semibold whitespace-nowrap">{name}</div>
          <div className="text-2xs whitespace-nowrap text-faint">
            {outside !== null
              ? 'from elsewhere'
              : under.join(', ') || (isBaseline ? 'others are compared with it' : 'no run yet')}
          </div>
          {runs.progress !== null && (
            <div className="mt-1 flex items-center gap-1.5 text-2xs whitespace-nowrap text-accent tabular-nums">
              <Progress value={runs.progress} max={1} label={`Training of ${name}`} className="w-16" />
              {formatPercent(Math.floor(runs.progress * 100) / 100)}
            </div>
          )}
        </div>
        {outside === null ? (
          <IconButton label={`Run ${name}`} size="iconSmall" onClick={onRun}>
            <Play aria-hidden />
          </IconButton>
        ) : (
          <IconButton label={`Import a result of ${name}`} size="iconSmall" onClick={onImport}>
            <FileUp aria-hidden />
          </IconButton>
        )}
      </div>
    </th>
  )
}
