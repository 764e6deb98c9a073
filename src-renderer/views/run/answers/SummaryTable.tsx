import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import type { Proportion } from '../../../../src-shared/proportions.ts'
import { Panel } from '../../../components/panel.tsx'
import { Cell, HeadCell, Table } from '../../../components/table.tsx'
import { formatInteger, formatPercent } from '../../../format.ts'
import type { TaskSummary } from './answer-summary.ts'

const interval = ({ low, high }: Proportion): string => `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}`

/** How the model did, task by task, beside what needs no picture. */
export function SummaryTable({ summary }: { summary: readonly TaskSummary[] }) {
  return (
    <Panel title="By task" hint="share of right answers, 95 % interval (Wilson)" flush>
      <div className="overflow-x-auto">
        <Table>
          <thead>
            <tr>
              <HeadCell className="pl-3">Task</HeadCell>
              <HeadCell numeric>Questions</HeadCell>
              <HeadCell numeric>Right</HeadCell>
              <HeadCell numeric>Without the picture</HeadCell>
              <HeadCell numeric>Commonest answer</HeadCell>
              <HeadCell>In words</HeadCell>
            </tr>
          </thead>
          <tbody>
            {summary.map(({ task, count, right, blind, commonest, isAbove }) => (
              <tr key={task}>
                <Cell className="pl-3">{taskLabel(task)}</Cell>
                <Cell numeric>{formatInteger(count)}</Cell>
                <Cell numeric>
                  <span className="font-medium">{formatPercent(right.share, 1)}</span>{' '}
                  <span className="text-xs text-muted">{interval(right)}</span>
                </Cell>
                <Cell numeric>{formatPercent(blind.share, 1)}</Cell>
                <Cell numeric>
                  <span className="text-xs text-muted">“{commonest.answer}”</span> {formatPercent(commonest.share, 1)}
                </Cell>
                <Cell className={isAbove ? 'text-ok' : 'text-muted'}>
                  {isAbove ? 'above both, beyond chance' : 'not told from guessing'}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}
