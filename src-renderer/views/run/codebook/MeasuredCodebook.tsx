import { useQuery } from '@tanstack/react-query'
import { Ruler } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { CodebookEvaluation } from '../../../../src-shared/codebook-evaluation.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { codebookEvaluationQuery } from '../../../api/queries.ts'
import { Button } from '../../../components/button.tsx'
import { useInspector } from '../../../components/inspector.tsx'
import { MetricCardLines, MetricCardTable } from '../../../components/metric-cards.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Progress } from '../../../components/progress.tsx'
import { Select } from '../../../components/select.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatInteger } from '../../../format.ts'
import { Explanation } from '../multimodal/WithModel.tsx'
import { type Measuring, useMeasuring } from './use-measuring.ts'

const CLASSES = [
  { value: 'subgroup', label: 'classes: subgroups' },
  { value: 'group', label: 'classes: groups' },
]

/** Figures of a run's codebook on its held-out pictures, which are measured on request and kept. */
export function MeasuredCodebook({ run }: { run: RunDetail }) {
  const { data, error, refetch } = useQuery(codebookEvaluationQuery(run.id))
  const { measuring, error: failure, start, stop } = useMeasuring(run.id)
  const [classes, setClasses] = useState<CodebookEvaluation['classes']>('subgroup')
  const [chosen, setChosen] = useState<string | null>(null)
  const card = data?.cards.find(({ metric }) => metric === chosen) ?? null
  useInspector(useMemo(() => (card ? <MetricCardLines card={card} /> : null), [card]))
  const measure = () => start({ classes, pictures: 0, seed: 0 })
  const controls = measuring ? (
    <Under measuring={measuring} onStop={stop} />
  ) : (
    <div className="flex items-center gap-2">
      <Select
        label="What a picture’s class is"
        value={classes}
        onChange={(value) => setClasses(value as CodebookEvaluation['classes'])}
        options={CLASSES}
        className="w-48"
      />
      <Button onClick={measure}>{data ? 'Measure again' : 'Measure'}</Button>
    </div>
  )
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <Explanation>
          Usage and perplexity by every definition in use, how well a picture’s class can be told from its codes, and
          how much like text the codes are: of the newest checkpoint, on all held-out pictures.
        </Explanation>
        {controls}
      </div>
      {failure !== null && <ErrorState title="The codebook could not be measured" error={failure} onRetry={measure} />}
      {error ? (
        <ErrorState title="The figures could not be read" error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={8} />
      ) : data === null ? (
        <EmptyState icon={<Ruler />} title="Nothing measured yet">
          Measuring takes from seconds to some minutes, depending on the pictures and the language model. The figures
          are kept with the run.
        </EmptyState>
      ) : (
        <>
          <Panel
            title={`Measured at step ${formatInteger(data.step)}`}
            hint={`${data.asked.classes}s as classes, seed ${data.asked.seed}, 95 % intervals`}
            flush
          >
            <MetricCardTable
              cards={data.cards}
              chosen={chosen}
              onChoose={(metric) => setChosen(metric === chosen ? null : metric)}
            />
          </Panel>
          {data.notMeasured.length > 0 && (
            <Panel title="Not measured">
              <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
                {data.notMeasured.map(({ what, why }) => (
                  <div key={what} className="contents">
                    <dt>{what}</dt>
                    <dd className="text-muted">{why}</dd>
                  </div>
                ))}
              </dl>
            </Panel>
          )}
        </>
      )}
    </div>
  )
}

function Under({ measuring: { share, words }, onStop }: { measuring: NonNullable<Measuring>; onStop: () => void }) {
  return (
    <div className="flex items-center gap-3 text-sm">
      <Progress value={share} max={1} label={`Measuring: ${words}`} className="w-40" />
      <span className="text-muted">{words}</span>
      <Button onClick={onStop}>Stop</Button>
    </div>
  )
}
