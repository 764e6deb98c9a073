import { useQuery } from '@tanstack/react-query'
import { FolderOpen, Zap } from 'lucide-react'
import { Link } from 'wouter'
import type { AblationSummary } from '../../../src-shared/contract/ablations.ts'
import type { Preset } from '../../../src-shared/contract/presets.ts'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { useQuickAblation } from '../../api/actions.ts'
import { ablationsQuery, preflightQuery, presetsQuery, runsQuery } from '../../api/queries.ts'
import { RunSwatch, StateBadge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Progress } from '../../components/progress.tsx'
import { ErrorState } from '../../components/states.tsx'
import { formatDuration, formatMetric, formatMinutes, formatTime } from '../../format.ts'
import { PresetList } from '../../presets/PresetList.tsx'
import { useRunColour } from '../../theme.ts'

/** First page: what this is, the one button, and what was done last. */
export function HomeView() {
  const { data: presets, error, refetch } = useQuery(presetsQuery)
  const { data: runs = [] } = useQuery(runsQuery)
  const { data: ablations = [] } = useQuery(ablationsQuery)
  const quick = presets?.find((preset) => preset.id === 'quick')
  return (
    <Page title="Home">
      <div className="mx-auto flex max-w-5xl flex-col gap-8 pt-4">
        <section>
          <h2 className="text-2xl font-semibold tracking-tight">Unified visual-text codebooks, measured</h2>
          <p className="mt-2 max-w-3xl text-base text-muted">
            The workbench trains visual tokenizers whose codebook is bound to a language model’s embedding table, and
            teaches that model to read and paint with it, on real pictures and without a GPU. It records what each way
            of binding does to reconstruction, codebook usage, drift and the language model, and compares them over
            seeds.
          </p>
          {error ? (
            <ErrorState className="mt-5" error={error} onRetry={() => void refetch()} />
          ) : (
            quick && <Start preset={quick} />
          )}
        </section>
        {(ablations.length > 0 || runs.length > 0) && <Latest ablations={ablations} runs={runs} />}
        {presets && (
          <section>
            <h2 className="mb-2 text-sm font-semibold">Experiments to start from</h2>
            <PresetList described={false} />
          </section>
        )}
      </div>
    </Page>
  )
}

function Start({ preset }: { preset: Preset }) {
  const quick = useQuickAblation()
  const { data } = useQuery(
    preflightQuery({
      name: preset.baseline.name,
      baseline: preset.baseline,
      factors: preset.factors,
      seeds: preset.seeds,
    }),
  )
  const minutes = data?.preflight?.minutes
  return (
    <div className="mt-5 grid grid-cols-2 gap-4">
      <div>
        <Button variant="primary" size="large" disabled={quick.isPending} onClick={() => quick.mutate()}>
          <Zap aria-hidden />
          {typeof minutes === 'number'
            ? `Quick ablation (${formatMinutes(minutes)} on this machine)`
            : 'Quick ablation'}
        </Button>
        <p className="mt-2 text-sm text-muted">
          {preset.description}
          {minutes === null && ' The first run measures how long this takes here.'}
        </p>
      </div>
      <div>
        <Button asChild size="large">
          <Link href="/data?kind=folder">
            <FolderOpen aria-hidden /> Use your own pictures
          </Link>
        </Button>
        <p className="mt-2 text-sm text-muted">
          Any folder of pictures. Sub-folders are classes, and a .txt beside a picture is its caption. See what is in
          it, then plan an ablation with it.
        </p>
      </div>
    </div>
  )
}

function Latest({ ablations, runs }: { ablations: AblationSummary[]; runs: RunSummary[] }) {
  const colour = useRunColour()
  const now = Date.now()
  const newest = <T extends { createdAt: number }>(items: T[], count: number) =>
    items.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, count)
  const line = 'flex h-9 items-center gap-3 border-b border-line px-3 text-sm last:border-b-0 hover:bg-hover'
  return (
    <div className="grid grid-cols-2 items-start gap-4">
      <Panel
        flush
        title="Latest ablations"
        actions={
          <Button asChild variant="ghost" size="small">
            <Link href="/ablate">All ablations</Link>
          </Button>
        }
      >
        {ablations.length === 0 && <p className="p-3 text-sm text-muted">None yet.</p>}
        {newest(ablations, 8).map((ablation) => (
          <Link key={ablation.id} href={`/ablations/${ablation.id}`} className={line}>
            <span className="min-w-0 flex-1 truncate font-medium">{ablation.name}</span>
            <Progress
              className="w-20"
              value={ablation.finished}
              max={ablation.runCount}
              tone={ablation.finished === ablation.runCount ? 'ok' : 'accent'}
              label={`Runs of ${ablation.name} finished`}
            />
            <span className="w-24 text-right text-xs text-muted">
              {ablation.running > 0 && ablation.secondsLeft !== null
                ? `${formatDuration(ablation.secondsLeft)} left`
                : `${ablation.finished} of ${ablation.runCount} done`}
            </span>
            <span className="w-20 text-right text-xs text-faint">{formatTime(ablation.createdAt, now)}</span>
          </Link>
        ))}
      </Panel>
      <Panel
        flush
        title="Latest runs"
        actions={
          <Button asChild variant="ghost" size="small">
            <Link href="/runs">All runs</Link>
          </Button>
        }
      >
        {newest(runs, 8).map((run) => (
          <Link key={run.id} href={`/runs/${run.id}`} className={line}>
            <RunSwatch colour={colour(run.colour)} />
            <span className="min-w-0 flex-1 truncate font-medium">{run.name}</span>
            <span className="text-xs text-muted">
              {run.latest['heldout.mse'] !== undefined &&
                `MSE ${formatMetric('heldout.mse', run.latest['heldout.mse'])}`}
            </span>
            <span className="w-24">
              <StateBadge state={run.state} queuePosition={run.queuePosition} reason={run.reason} />
            </span>
          </Link>
        ))}
      </Panel>
    </div>
  )
}
