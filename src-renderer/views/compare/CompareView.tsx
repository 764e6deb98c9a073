import { useQueries, useQuery } from '@tanstack/react-query'
import { Columns2, X } from 'lucide-react'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { useListParam, useParam } from '../../address.ts'
import { runQuery, runsQuery } from '../../api/queries.ts'
import { LineSwatch } from '../../charts/CurveChart.tsx'
import { useStableList } from '../../charts/use-stable-list.ts'
import { runDash } from '../../colours.ts'
import { StateBadge } from '../../components/badge.tsx'
import { Page } from '../../components/page.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { TabPanel, Tabs } from '../../components/tabs.tsx'
import { useRunColour } from '../../theme.ts'
import { CompareAnswers } from './CompareAnswers.tsx'
import { CompareCurves } from './CompareCurves.tsx'
import { ComparePictures } from './ComparePictures.tsx'
import { Differences, FinalMetrics } from './CompareTables.tsx'
import { RunPicker } from './RunPicker.tsx'

/** As many runs as can be told apart by colour and dash. */
const MOST = 16
const TABS = [
  { value: 'curves', label: 'Curves' },
  { value: 'tables', label: 'Settings and metrics' },
  { value: 'answers', label: 'Answers' },
  { value: 'pictures', label: 'Pictures' },
]

/** Several runs over each other: curves, what differs in their settings, final metrics, answers, reconstructions. */
export function CompareView() {
  const [ids, setIds] = useListParam('runs')
  const [tabText, setTab] = useParam('tab', 'curves')
  const tab = TABS.find(({ value }) => value === tabText)?.value ?? 'curves'
  const all = useQuery(runsQuery)
  const details = useQueries({ queries: ids.map((id) => runQuery(id)) })
  const failed = details.findIndex((query) => query.isError)
  const loaded = details.flatMap((query) => query.data ?? [])
  const runs = useStableList(loaded)
  const toggle = (id: string) => setIds(ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id])
  const picker = <RunPicker runs={all.data ?? []} chosen={ids} most={MOST} onToggle={toggle} />

  const body = () => {
    if (failed >= 0)
      return (
        <div className="p-5">
          <ErrorState
            title={`Run ${ids[failed]} could not be opened`}
            error={details[failed]?.error}
            onRetry={() => void details[failed]?.refetch()}
          />
        </div>
      )
    if (ids.length === 0)
      return (
        <EmptyState icon={<Columns2 />} title="Choose runs to compare" actions={picker}>
          Their curves, the settings in which they differ, their final metrics, their answers to the same questions and
          their reconstructions of the same pictures stand side by side here.
        </EmptyState>
      )
    if (loaded.length < ids.length) return <Skeleton lines={8} className="p-5" />
    return (
      <Tabs
        value={tab}
        onChange={setTab}
        tabs={TABS}
        label="Parts of the comparison"
        className="flex-1 [&>div:first-child]:bg-surface [&>div:first-child]:px-5"
      >
        <TabPanel value="curves" className="overflow-auto px-5 py-4">
          <CompareCurves runs={runs} />
        </TabPanel>
        <TabPanel value="tables" className="overflow-auto px-5 py-4">
          <div className="flex flex-col gap-3">
            <FinalMetrics runs={runs} />
            <Differences runs={runs} />
          </div>
        </TabPanel>
        <TabPanel value="answers" className="overflow-auto px-5 py-4">
          <CompareAnswers runs={runs} />
        </TabPanel>
        <TabPanel value="pictures" className="overflow-auto px-5 py-3">
          <ComparePictures runs={runs} />
        </TabPanel>
      </Tabs>
    )
  }
  return (
    <Page title="Compare" scroll={false} className="flex flex-col" actions={ids.length > 0 && picker}>
      {runs.length > 0 && <Chosen runs={runs} onRemove={toggle} />}
      {body()}
    </Page>
  )
}

/** The chosen runs with their colours, the key to every chart of the view. */
function Chosen({ runs, onRemove }: { runs: readonly RunDetail[]; onRemove: (id: string) => void }) {
  const colour = useRunColour()
  return (
    <ul
      aria-label="Chosen runs"
      className="flex max-h-20 shrink-0 flex-wrap gap-x-2 gap-y-1 overflow-y-auto border-b border-line bg-surface px-5 py-2"
    >
      {runs.map((run) => (
        <li key={run.id} className="flex h-6 items-center gap-1.5 rounded-sm border border-line pl-2 text-xs">
          <LineSwatch colour={colour(run.colour)} dash={runDash(run.colour)} />
          <a href={`#/runs/${run.id}`} className="max-w-52 truncate hover:underline">
            {run.name}
          </a>
          <StateBadge state={run.state} compact />
          <button
            type="button"
            aria-label={`Remove ${run.name} from the comparison`}
            onClick={() => onRemove(run.id)}
            className="flex size-6 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-text"
          >
            <X aria-hidden className="size-3" />
          </button>
        </li>
      ))}
    </ul>
  )
}
