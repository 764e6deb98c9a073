import { useMemo } from 'react'
import { Link } from 'wouter'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { toCsv } from '../../../src-shared/csv.ts'
import { LineSwatch } from '../../charts/CurveChart.tsx'
import { saveText } from '../../charts/save-picture.ts'
import { runDash } from '../../colours.ts'
import { Button } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { MetricLabel } from '../../components/metric-label.tsx'
import { Panel } from '../../components/panel.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatMetric, formatValue } from '../../format.ts'
import { useRunColour } from '../../theme.ts'
import { configDifferences } from '../run/config-differences.ts'
import { finalMetrics } from './final-metrics.ts'

/** Column heads: one run each, in its colour. */
function RunHeads({ runs }: { runs: readonly RunDetail[] }) {
  const colour = useRunColour()
  return runs.map((run) => (
    <HeadCell key={run.id} numeric className="max-w-44">
      <Link
        href={`/runs/${run.id}`}
        title={run.name}
        className="inline-flex max-w-full items-center gap-1.5 hover:text-text"
      >
        <LineSwatch colour={colour(run.colour)} dash={runDash(run.colour)} />
        <span className="truncate">{run.name}</span>
      </Link>
    </HeadCell>
  ))
}

/** Latest values side by side, the best of each metric marked. */
export function FinalMetrics({ runs }: { runs: readonly RunDetail[] }) {
  const rows = useMemo(() => finalMetrics(runs), [runs])
  const save = () =>
    saveText(
      'comparison-metrics.csv',
      toCsv(
        ['metric', ...runs.map((run) => run.name)],
        rows.map(({ metric, values }) => [metric, ...values]),
      ),
      'text/csv',
    )
  const behind = runs.filter((run) => run.state !== 'finished').length
  return (
    <Panel
      title="Metrics at the last evaluation"
      hint={behind > 0 ? `${behind} of ${runs.length} runs have not finished` : 'best in bold, with a mark'}
      flush
      actions={
        <Button size="small" variant="ghost" onClick={save}>
          Save as CSV
        </Button>
      }
    >
      <div className="overflow-x-auto">
        <Table>
          <TableHead>
            <tr>
              <HeadCell className="pl-3">Metric</HeadCell>
              <RunHeads runs={runs} />
            </tr>
          </TableHead>
          <tbody>
            {rows.map(({ metric, values, best }) => (
              <tr key={metric} className="hover:bg-hover">
                <Cell className="pl-3">
                  <MetricLabel name={metric} unit />
                </Cell>
                {values.map((value, index) => (
                  <Cell
                    key={runs[index]?.id}
                    numeric
                    className={cn('font-mono', best.includes(index) && 'font-semibold')}
                  >
                    {best.includes(index) && (
                      <span role="img" aria-label="best" title="best" className="mr-1.5 text-ok">
                        ●
                      </span>
                    )}
                    {formatMetric(metric, value)}
                  </Cell>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}

/** Only the settings that are not alike. */
export function Differences({ runs }: { runs: readonly RunDetail[] }) {
  const differences = useMemo(
    () => configDifferences(runs.map((run) => run.config)).filter(({ path }) => path !== 'name'),
    [runs],
  )
  return (
    <Panel title="Settings that differ" hint={`${differences.length}; all others are the same in every run`} flush>
      {differences.length === 0 ? (
        <p className="p-3 text-sm text-muted">
          Every setting is the same, the seed included: what differs between these runs is chance of execution alone.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table>
            <TableHead>
              <tr>
                <HeadCell className="pl-3">Setting</HeadCell>
                <RunHeads runs={runs} />
              </tr>
            </TableHead>
            <tbody className="font-mono">
              {differences.map(({ path, values }) => (
                <tr key={path} className="hover:bg-hover">
                  <Cell className="pl-3 text-muted">{path}</Cell>
                  {values.map((value, index) => (
                    <Cell key={runs[index]?.id} numeric>
                      {formatValue(value)}
                    </Cell>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Panel>
  )
}
