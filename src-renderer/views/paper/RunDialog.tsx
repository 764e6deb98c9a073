import { useQuery } from '@tanstack/react-query'
import { FlaskConical, Play } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { PaperExperiment, PaperTableView } from '../../../src-shared/contract/paper.ts'
import { useRunPaperRows } from '../../api/paper-actions.ts'
import { paperExperimentsQuery } from '../../api/paper-queries.ts'
import { statusQuery } from '../../api/queries.ts'
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/checkbox.tsx'
import { cn } from '../../components/class-names.ts'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatBytes, formatCountOf, formatMinutes } from '../../format.ts'
import { formatAddressOfPlan } from '../ablate/plan.ts'
import { SeedsField } from '../ablate/SeedsField.tsx'

const titles = { minutes: 'Minutes', hours: 'Hours', paper: 'Paper scale' }
const about = {
  minutes: 'A small language model of its own, 32 px pictures that come with the app.',
  hours: 'SmolLM2’s table as the codebook, 64 px.',
  paper: 'As in the paper: a plan, for devices that are not here.',
}
/** With one seed nothing can be said of a difference. */
const SEEDS = { minutes: [0, 1], hours: [0], paper: [0] }

/** Which rows to train, at which of three sizes, with which seeds. @param row null: all rows that are trained here */
export function RunDialog({ view, row, onClose }: { view: PaperTableView; row: number | null; onClose: () => void }) {
  const trainable = view.rows.flatMap(({ outside }, index) => (outside === null ? [index] : []))
  const [rows, setRows] = useState(row === null ? trainable : [row])
  const [size, setSize] = useState<PaperExperiment['size']>('minutes')
  const [seeds, setSeeds] = useState<Partial<Record<PaperExperiment['size'], number[]>>>({})
  const start = useRunPaperRows()
  const { data: status } = useQuery(statusQuery)
  const shown = rows[0] ?? trainable[0] ?? 0
  const { data: sizes, error, refetch } = useQuery(paperExperimentsQuery(view.id, shown))
  const chosen = sizes?.find((each) => each.size === size)
  const own = seeds[size] ?? SEEDS[size]
  const count = rows.length * own.length
  const atOnce = Math.min(status?.concurrency ?? 1, Math.max(1, count))
  const blocked = (chosen?.missing.length ?? 0) > 0 || (chosen?.problems.length ?? 0) > 0
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={row === null ? `Run table ${view.id}` : `Run ${view.rows[row]?.name}`}
      description={`Table ${view.id}. ${view.title}`}
      className="max-w-3xl"
      footer={
        size === 'paper' ? (
          <Button asChild>
            <Link href={formatAddressOfPlan({ preset: chosen?.preset ?? 'unicode-paper' })}>
              <FlaskConical aria-hidden /> Open as a plan
            </Link>
          </Button>
        ) : (
          <Button
            variant="primary"
            disabled={count === 0 || blocked || start.isPending}
            onClick={() => start.mutate({ table: view.id, rows, size, seeds: own }, { onSuccess: onClose })}
          >
            <Play aria-hidden /> Start {formatCountOf(count, 'run')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <div role="radiogroup" aria-label="Size" className="grid grid-cols-3 gap-2">
          {(['minutes', 'hours', 'paper'] as const).map((each) => (
            // biome-ignore lint/a11y/useSemanticElements: a radio input cannot hold a card
            <button
              key={each}
              type="button"
              role="radio"
              aria-checked={size === each}
              onClick={() => setSize(each)}
              className={cn(
                'rounded-md border px-3 py-2 text-left',
                size === each ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-hover',
              )}
            >
              <span className="block text-sm font-semibold">{titles[each]}</span>
              <span className="block text-xs text-muted">{about[each]}</span>
              <span className="mt-1 block text-xs font-medium tabular-nums">
                {timeOf(sizes?.find((one) => one.size === each))}
              </span>
            </button>
          ))}
        </div>
        {error ? (
          <ErrorState error={error} title="What it takes is not known" onRetry={() => void refetch()} />
        ) : chosen ? (
          <Taken chosen={chosen} runs={count} atOnce={atOnce} />
        ) : (
          <Skeleton lines={4} />
        )}
        <div className="grid grid-cols-[minmax(0,1fr)_180px] gap-4">
          <fieldset className="min-w-0">
            <legend className="mb-1 text-xs font-medium text-muted">Rows</legend>
            <div className="grid grid-cols-2 gap-x-4 gap-y-1">
              {trainable.map((index) => (
                <Checkbox
                  key={index}
                  checked={rows.includes(index)}
                  onChange={(on) =>
                    setRows(on ? [...rows, index].sort((a, b) => a - b) : rows.filter((each) => each !== index))
                  }
                >
                  {rowLabel(view, index)}
                </Checkbox>
              ))}
            </div>
          </fieldset>
          <SeedsField key={size} seeds={own} onChange={(next) => setSeeds({ ...seeds, [size]: next })} />
        </div>
      </div>
    </Dialog>
  )
}

/** Rows of one name are told apart by what the paper prints in their first column. */
function rowLabel({ rows, columns }: PaperTableView, index: number): string {
  const name = rows[index]?.name ?? ''
  const twice = rows.filter((row) => row.name === name).length > 1
  const fact = columns.findIndex((column) => column.key === 'Layers:Tokens')
  return twice && fact >= 0 ? `${name} ${rows[index]?.cells[fact]?.published ?? ''}` : name
}

const timeOf = (experiment: PaperExperiment | undefined): string => {
  if (!experiment) return '\u00a0'
  if (experiment.minutes === null) return experiment.size === 'paper' ? 'time not known' : 'not measured here yet'
  return `${formatMinutes(experiment.minutes)} a run`
}

function Taken({ chosen, runs, atOnce }: { chosen: PaperExperiment; runs: number; atOnce: number }) {
  const { label, minutes, memoryBytes, missing, problems, sizes, machine, size } = chosen
  const lines: [string, string][] = [
    ['Experiment', label],
    ...sizes,
    ...(memoryBytes === null
      ? []
      : [
          [machine ? 'Memory of a device, cut over all' : 'Memory of a run', formatBytes(memoryBytes)] as [
            string,
            string,
          ],
        ]),
    ...(machine ? [['Planned for', machine] as [string, string]] : []),
    ...(minutes === null || size === 'paper'
      ? []
      : [[`All ${runs}, ${atOnce} at a time`, formatMinutes((minutes * runs) / atOnce)] as [string, string]]),
  ]
  return (
    <div className="rounded-md border border-line bg-surface p-3">
      <dl className="grid grid-cols-[170px_minmax(0,1fr)] gap-x-3 gap-y-1 text-xs">
        {lines.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {(missing.length > 0 || problems.length > 0) && (
        <ul aria-label="Not here" className="mt-2 border-t border-line pt-2 text-xs">
          {missing.map(({ path, message, remedy }) => (
            <li key={path} className="text-warn">
              {message} <span className="text-muted">{remedy}</span>
            </li>
          ))}
          {problems.map(({ path, message }) => (
            <li key={path} className="text-danger">
              <code className="font-mono">{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
