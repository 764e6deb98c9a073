import { useQuery } from '@tanstack/react-query'
import type { SortingState } from '@tanstack/react-table'
import { Columns2, Copy, Download, Ellipsis, Square, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { navigate, useParam } from '../../address.ts'
import { useRemoveAblation, useStopAblation } from '../../api/actions.ts'
import { ablationQuery } from '../../api/queries.ts'
import { fileName, saveText } from '../../charts/save-picture.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { useInspector } from '../../components/inspector.tsx'
import { Menu } from '../../components/menu.tsx'
import { Provenance } from '../../components/metric-label.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatDuration, formatTime, formatValue } from '../../format.ts'
import { RunTable } from '../runs/RunTable.tsx'
import { AblationProgress } from './AblationProgress.tsx'
import { ablationCsv } from './ablation-csv.ts'
import { CellInspector } from './CellInspector.tsx'
import { ResultMatrix } from './ResultMatrix.tsx'

const crumbs = [{ label: 'Ablate', href: '/ablate' }]
/** As the app lists them: arm by arm, in the plan's order. */
const asPlanned: SortingState = []

/** One ablation: its result matrix, live while it runs, and its runs. */
export function AblationView({ id }: { id: string }) {
  const { data: ablation, error, refetch } = useQuery(ablationQuery(id))
  if (ablation) return <Ablation ablation={ablation} />
  return (
    <Page title="Ablation" crumbs={crumbs}>
      {error ? (
        <ErrorState error={error} title="This ablation cannot be shown" onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  )
}

function Ablation({ ablation }: { ablation: AblationDetail }) {
  const [cell, setCell] = useParam('cell')
  const selected = useMemo(() => {
    const at = cell.lastIndexOf('|')
    return at < 0 ? null : { arm: cell.slice(0, at), metric: cell.slice(at + 1) }
  }, [cell])
  const arm = ablation.arms.find(({ label }) => label === selected?.arm)
  useInspector(arm && selected ? <CellInspector ablation={ablation} arm={arm} metric={selected.metric} /> : null)
  const [focused, setFocused] = useParam('run')
  const [chosen, setChosen] = useState<string[]>([])
  const [sorting, setSorting] = useState(asPlanned)
  const allRuns = ablation.runs.map((run) => run.id)
  return (
    <Page
      title={ablation.name}
      crumbs={crumbs}
      detail={
        <>
          <AblationProgress ablation={ablation} />
          {ablation.secondsLeft !== null && ablation.running > 0 && (
            <span>{formatDuration(ablation.secondsLeft)} left</span>
          )}
        </>
      }
      actions={
        <>
          <Button asChild>
            <Link href={`/compare?runs=${(chosen.length > 0 ? chosen : allRuns).join(',')}`}>
              <Columns2 aria-hidden /> {chosen.length > 0 ? `Compare ${chosen.length} runs` : 'Compare all runs'}
            </Link>
          </Button>
          <Actions ablation={ablation} />
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Panel
          title="Results"
          hint="mean ± std over seeds; bars: difference from the baseline with its 95 % interval"
          actions={
            <Button
              size="small"
              variant="ghost"
              onClick={() => saveText(`${fileName(ablation.name)}.csv`, ablationCsv(ablation), 'text/csv')}
            >
              <Download aria-hidden /> CSV
            </Button>
          }
          flush
          className="overflow-hidden"
        >
          <Provenance value={ablation.provenance}>
            <ResultMatrix
              ablation={ablation}
              selected={selected}
              onSelect={(label, metric) => setCell(`${label}|${metric}` === cell ? '' : `${label}|${metric}`)}
            />
          </Provenance>
        </Panel>
        <Panel title="Runs" hint={`${ablation.runCount}`} flush className="overflow-hidden">
          <RunTable
            runs={ablation.runs}
            sorting={sorting}
            onSortingChange={setSorting}
            selected={chosen}
            onSelectedChange={setChosen}
            focused={focused}
            onFocusedChange={setFocused}
          />
        </Panel>
        <p className="text-xs text-faint">
          Created {formatTime(ablation.createdAt, Date.now())}. Seeds {ablation.seeds.join(', ')}. Factors:{' '}
          {ablation.factors.map(({ path, values }) => `${path} ∈ {${values.map(formatValue).join(', ')}}`).join('; ') ||
            'none'}
          .
        </p>
      </div>
    </Page>
  )
}

function Actions({ ablation }: { ablation: AblationDetail }) {
  const stop = useStopAblation()
  const remove = useRemoveAblation()
  const [asking, setAsking] = useState<'stop' | 'remove' | null>(null)
  const open = ablation.runs.filter(({ state }) => state === 'running' || state === 'queued').length
  const [first] = ablation.arms.find(({ isBaseline }) => isBaseline)?.runIds ?? ablation.arms[0]?.runIds ?? []
  return (
    <>
      {open > 0 && (
        <Button onClick={() => setAsking('stop')}>
          <Square aria-hidden /> Stop
        </Button>
      )}
      <Menu
        label="More actions"
        trigger={
          <IconButton label="More actions">
            <Ellipsis aria-hidden />
          </IconButton>
        }
        items={[
          {
            label: 'Plan another from its baseline',
            icon: <Copy aria-hidden />,
            disabled: !first,
            onSelect: () => navigate(`/ablate/new?run=${first}`),
          },
          null,
          {
            label: 'Remove',
            icon: <Trash2 aria-hidden />,
            danger: true,
            disabled: open > 0,
            onSelect: () => setAsking('remove'),
          },
        ]}
      />
      <ConfirmDialog
        open={asking === 'stop'}
        onOpenChange={(next) => !next && setAsking(null)}
        title={`Stop “${ablation.name}”?`}
        message={`${open} running or queued ${open === 1 ? 'run ends' : 'runs end'} after the present step. Each can be resumed later.`}
        action={open === 1 ? 'Stop 1 run' : `Stop ${open} runs`}
        onConfirm={() => stop.mutate(ablation.id)}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={(next) => !next && setAsking(null)}
        title={`Remove “${ablation.name}”?`}
        message="The matrix is forgotten. Its runs stay, as runs of their own."
        action="Remove the ablation"
        onConfirm={() => remove.mutate(ablation.id)}
      />
    </>
  )
}
