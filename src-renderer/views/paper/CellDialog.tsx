import { useQuery } from '@tanstack/react-query'
import { FileUp, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { PaperCellCard, PaperTableView } from '../../../src-shared/contract/paper.ts'
import { importedText, measuredText, valueText } from '../../../src-shared/paper/figure-text.ts'
import { useRemoveImported } from '../../api/paper-actions.ts'
import { paperCellQuery } from '../../api/paper-queries.ts'
import { Badge, StateBadge } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatCountOf } from '../../format.ts'

/** The card of a cell: its figures, why they can or cannot be compared, and where they come from. */
export function CellDialog({
  view,
  row,
  column,
  onClose,
  onImport,
}: {
  view: PaperTableView
  row: number
  column: string
  onClose: () => void
  onImport: () => void
}) {
  const { data: card, error } = useQuery(paperCellQuery({ table: view.id, row, column, family: view.family }))
  const own = view.columns.find(({ key }) => key === column)
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${view.rows[row]?.name}, ${column}`}
      description={`Table ${view.id}. ${view.title}`}
      className="max-w-2xl"
      {...(own && !own.fact && !own.own
        ? {
            footer: (
              <Button onClick={onImport}>
                <FileUp aria-hidden /> Import a figure
              </Button>
            ),
          }
        : {})}
    >
      {error ? <ErrorState error={error} /> : card ? <Card card={card} view={view} row={row} /> : <Skeleton />}
    </Dialog>
  )
}

function Card({ card, view, row }: { card: PaperCellCard; view: PaperTableView; row: number }) {
  const { cell, measure, provenance, sizes, runs, imported, byQuestion } = card
  const { measured } = cell
  const about = view.rows[row]
  const column = view.columns.find(({ key }) => key === card.column)
  return (
    <div className="flex flex-col gap-4 text-sm">
      <div className="grid grid-cols-2 gap-3">
        <Figure title="Published" hint={column?.data ? `on ${column.data}` : ''}>
          {column?.own ? <span className="text-muted">not in the paper</span> : (cell.published ?? '–')}
        </Figure>
        <Figure
          title="Measured here"
          hint={measured ? `${formatCountOf(measured.n, 'seed')}, ${measure?.label ?? ''}` : ''}
          accent
        >
          {measured && measure
            ? measuredText(measured, measure)
            : (cell.fact ?? <span className="text-muted">nothing yet</span>)}
        </Figure>
      </div>
      {measured && measure && (
        <div className="flex flex-col gap-1">
          {measured.low !== null && measured.high !== null && (
            <p>
              95 % interval of the mean over seeds (bootstrap): {valueText(measured.low, measure.decimals)} to{' '}
              {valueText(measured.high, measure.decimals)}.
            </p>
          )}
          {measured.comparison && (
            <p>
              <Badge tone={measured.comparison.verdict === 'larger' ? 'ok' : 'neutral'}>
                {
                  { larger: 'larger than seed noise', within: 'within seed noise', unknown: 'not decided' }[
                    measured.comparison.verdict
                  ]
                }
              </Badge>{' '}
              {measured.comparison.sentence}
            </p>
          )}
          {byQuestion && <p>Question by question: {byQuestion}</p>}
        </div>
      )}
      {!measured && about?.outside && <p className="text-muted">{about.outside}</p>}
      {about?.differs && <p className="text-muted">{about.differs}</p>}
      {cell.incomparable.length > 0 && (
        <Part title="Why the two figures cannot be compared">
          <Lines lines={cell.incomparable.map(({ what, words }) => [`Other ${what}`, words])} />
        </Part>
      )}
      {imported.map(({ id, source, lines, comparisons }) => (
        <Part
          key={id}
          title={`Imported: ${source}, ${importedText(cell.imported.find((each) => each.id === id)?.value ?? Number.NaN)}`}
          action={<RemoveImported id={id} />}
        >
          {comparisons.map((sentence) => (
            <p key={sentence} className="mb-1">
              {sentence}
            </p>
          ))}
          <Lines lines={lines} />
        </Part>
      ))}
      {runs.length > 0 && (
        <Part title="Runs">
          <ul>
            {runs.map(({ id, name, seed, state, step, steps, value }) => (
              <li key={id} className="flex h-7 items-center gap-3 border-b border-line last:border-b-0">
                <Link href={`/runs/${id}`} className="min-w-0 flex-1 truncate rounded-sm hover:text-accent">
                  {name}
                </Link>
                <span className="text-xs text-faint">seed {seed}</span>
                <StateBadge state={state} />
                <span className="w-20 text-right font-mono text-xs">
                  {state === 'finished'
                    ? value === null || !measure
                      ? '–'
                      : valueText(value, measure.decimals)
                    : `${step} of ${steps}`}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {provenance.length > 0 && (
        <Part title="Provenance">
          <Lines lines={provenance} />
        </Part>
      )}
      {sizes.length > 0 && (
        <Part title="Sizes">
          <Lines lines={sizes} />
        </Part>
      )}
    </div>
  )
}

function RemoveImported({ id }: { id: number }) {
  const remove = useRemoveImported()
  return (
    <IconButton
      label="Remove this imported figure"
      size="iconSmall"
      disabled={remove.isPending}
      onClick={() => remove.mutate(id)}
    >
      <Trash2 aria-hidden />
    </IconButton>
  )
}

const Figure = ({
  title,
  hint,
  accent = false,
  children,
}: {
  title: string
  hint: string
  accent?: boolean
  children: ReactNode
}) => (
  <div className="rounded-md border border-line bg-surface px-3 py-2">
    <div className="text-xs font-medium text-muted">{title}</div>
    <div className={`font-mono text-xl ${accent ? 'text-accent' : 'text-text'}`}>{children}</div>
    <div className="text-xs text-faint">{hint || '\u00a0'}</div>
  </div>
)

const Part = ({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) => (
  <section>
    <div className="mb-1 flex items-center justify-between">
      <h3 className="text-xs font-semibold text-muted">{title}</h3>
      {action}
    </div>
    {children}
  </section>
)

const Lines = ({ lines }: { lines: readonly (readonly [string, string])[] }) => (
  <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-x-3 gap-y-1 text-xs">
    {lines.map(([name, value]) => (
      <div key={`${name} ${value}`} className="contents">
        <dt className="text-muted">{name}</dt>
        <dd className="break-words">{value}</dd>
      </div>
    ))}
  </dl>
)
