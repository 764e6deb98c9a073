import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { DialogueCheck } from '../../../../src-shared/contract/multimodal.ts'
import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import { Panel } from '../../../components/panel.tsx'
import { Cell, HeadCell, Table } from '../../../components/table.tsx'
import { formatInteger } from '../../../format.ts'

/** What a look through all dialogues found. */
export function CheckTable({
  checks,
  skipped,
}: {
  checks: readonly DialogueCheck[]
  skipped: readonly { reason: string; count: number; first: string[] }[]
}) {
  const bad = checks.reduce((sum, { problems }) => sum + problems.reduce((n, { count }) => n + count, 0), 0)
  return (
    <Panel
      title="Check of all dialogues"
      hint={
        bad === 0 ? 'every dialogue that was looked at has something to learn' : `${formatInteger(bad)} with a problem`
      }
      flush
    >
      <div className="overflow-x-auto">
        <Table>
          <thead>
            <tr>
              <HeadCell className="pl-3">Task</HeadCell>
              <HeadCell>Side</HeadCell>
              <HeadCell numeric>Dialogues</HeadCell>
              <HeadCell numeric>Looked at</HeadCell>
              <HeadCell numeric>Problems</HeadCell>
              <HeadCell>What, and the first ones</HeadCell>
            </tr>
          </thead>
          <tbody>
            {checks.map(({ task, side, count, looked, problems }) => {
              const found = problems.reduce((sum, one) => sum + one.count, 0)
              return (
                <tr key={`${task} ${side}`}>
                  <Cell className="pl-3">{taskLabel(task)}</Cell>
                  <Cell>{side === 'training' ? 'training' : 'held-out'}</Cell>
                  <Cell numeric>{formatInteger(count)}</Cell>
                  <Cell numeric>{formatInteger(looked)}</Cell>
                  <Cell numeric>{formatInteger(found)}</Cell>
                  <Cell className="py-1 whitespace-normal">
                    {found === 0 ? (
                      <span className="flex items-center gap-1.5 text-ok">
                        <CircleCheck aria-hidden className="size-3.5" /> none
                      </span>
                    ) : (
                      problems.map((one) => (
                        <Offenders key={one.problem} what={one.problem} count={one.count} first={one.first} />
                      ))
                    )}
                  </Cell>
                </tr>
              )
            })}
            {skipped.map(({ reason, count, first }) => (
              <tr key={reason}>
                <Cell className="pl-3 text-muted" colSpan={4}>
                  Left out before any task
                </Cell>
                <Cell numeric>{formatInteger(count)}</Cell>
                <Cell className="py-1 whitespace-normal">
                  <Offenders what={reason} count={count} first={first} />
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}

const Offenders = ({ what, count, first }: { what: string; count: number; first: readonly string[] }) => (
  <div className="flex items-start gap-1.5">
    <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warn" />
    <span>
      {formatInteger(count)}: {what}
      <span className="block text-xs text-muted">
        {first.join('; ')}
        {count > first.length && '; …'}
      </span>
    </span>
  </div>
)
