import { useQuery } from '@tanstack/react-query'
import { FlaskConical, Plus, Zap } from 'lucide-react'
import { Link } from 'wouter'
import type { AblationSummary } from '../../../src-shared/contract/ablations.ts'
import { navigate } from '../../address.ts'
import { useQuickAblation } from '../../api/actions.ts'
import { ablationsQuery } from '../../api/queries.ts'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatDuration, formatTime } from '../../format.ts'
import { PresetList } from '../../presets/PresetList.tsx'
import { AblationProgress } from './AblationProgress.tsx'

/** All ablations, and what a new one can start from. */
export function AblateView() {
  const { data: ablations, error, refetch } = useQuery(ablationsQuery)
  const quick = useQuickAblation()
  return (
    <Page
      title="Ablate"
      detail={ablations && <span>{ablations.length}</span>}
      actions={
        <>
          <Button onClick={() => quick.mutate()} disabled={quick.isPending}>
            <Zap aria-hidden /> Quick ablation
          </Button>
          <Button asChild variant="primary">
            <Link href="/ablate/new">
              <Plus aria-hidden /> New ablation
            </Link>
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {error && !ablations && <ErrorState error={error} onRetry={() => void refetch()} />}
        {!ablations && !error && <Skeleton />}
        {ablations && ablations.length > 0 && <List ablations={ablations} />}
        {ablations?.length === 0 && (
          <EmptyState icon={<FlaskConical aria-hidden />} title="No ablations yet" className="py-8">
            An ablation trains every combination of the settings you vary, over several seeds, and compares them with
            the baseline. Start from a preset below.
          </EmptyState>
        )}
        <Presets />
      </div>
    </Page>
  )
}

function List({ ablations }: { ablations: AblationSummary[] }) {
  const now = Date.now()
  return (
    <Panel flush>
      <Table aria-label="Ablations">
        <TableHead>
          <tr>
            <HeadCell className="rounded-tl-lg pl-3">Name</HeadCell>
            <HeadCell className="w-64">Progress</HeadCell>
            <HeadCell numeric>Runs</HeadCell>
            <HeadCell numeric>Failed</HeadCell>
            <HeadCell numeric>Time left</HeadCell>
            <HeadCell numeric className="rounded-tr-lg pr-3">
              Created
            </HeadCell>
          </tr>
        </TableHead>
        <tbody>
          {ablations
            .toSorted((a, b) => b.createdAt - a.createdAt)
            .map((ablation) => (
              <tr key={ablation.id} className="hover:bg-hover" onClick={() => navigate(`/ablations/${ablation.id}`)}>
                <Cell className="h-9 pl-3">
                  <Link href={`/ablations/${ablation.id}`} className="rounded-sm font-medium hover:text-accent">
                    {ablation.name}
                  </Link>
                </Cell>
                <Cell>
                  <AblationProgress ablation={ablation} />
                </Cell>
                <Cell numeric className="font-mono">
                  {ablation.runCount}
                </Cell>
                <Cell numeric className={ablation.failed > 0 ? 'font-mono text-danger' : 'font-mono text-faint'}>
                  {ablation.failed}
                </Cell>
                <Cell numeric className="text-muted">
                  {formatDuration(ablation.secondsLeft)}
                </Cell>
                <Cell numeric className="pr-3 text-muted">
                  {formatTime(ablation.createdAt, now)}
                </Cell>
              </tr>
            ))}
        </tbody>
      </Table>
    </Panel>
  )
}

const Presets = () => (
  <section>
    <h2 className="mb-2 text-sm font-semibold">Start from a preset</h2>
    <PresetList described />
  </section>
)
