import { TriangleAlert } from 'lucide-react'
import type { RunDetail } from '../../../src-shared/contract.ts'
import { formatInteger } from '../../format.ts'
import { sentence } from './log-lines.ts'

type Alarm = RunDetail['alarmList'][number]

/** The latest alarm of each name, with how often it rang. */
function latestByName(alarms: readonly Alarm[]): (Alarm & { times: number })[] {
  const latest = new Map<string, Alarm & { times: number }>()
  for (const alarm of alarms) {
    const times = (latest.get(alarm.name)?.times ?? 0) + 1
    latest.delete(alarm.name)
    latest.set(alarm.name, { ...alarm, times })
  }
  return [...latest.values()].reverse()
}

/** What a person should look at, and the remedy to try. */
export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  const shown = latestByName(alarms)
  if (shown.length === 0) return null
  return (
    <ul aria-label="Alarms" className="flex shrink-0 flex-col border-b border-line bg-warn-soft">
      {shown.map((alarm) => (
        <li key={alarm.name} className="flex items-start gap-2 px-5 py-1.5 text-sm">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span className="shrink-0 font-semibold text-warn">Alarm: {alarm.name}</span>
          <span className="min-w-0">
            {sentence(alarm.message)} <span className="text-muted">{sentence(alarm.remedy)}</span>
          </span>
          <span className="ml-auto shrink-0 font-mono text-xs text-muted">
            step {formatInteger(alarm.step)}
            {alarm.times > 1 && `, ${alarm.times} times`}
          </span>
        </li>
      ))}
    </ul>
  )
}
