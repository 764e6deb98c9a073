import type { RunDetail } from '../../../src-shared/contract/runs.ts'

export type Alarm = RunDetail['alarmList'][number]

/** The latest alarm of each name with how often it rang, the newest first. */
export function latestByName(alarms: readonly Alarm[]): (Alarm & { times: number })[] {
  const latest = new Map<string, Alarm & { times: number }>()
  for (const alarm of alarms) {
    const times = (latest.get(alarm.name)?.times ?? 0) + 1
    latest.delete(alarm.name)
    latest.set(alarm.name, { ...alarm, times })
  }
  return [...latest.values()].reverse()
}

/**
 * Parameters of the address that show what was recorded where an alarm rang: the codebook or the drift at the sample
 * nearest to it where the alarm is about those, otherwise the curves around its step.
 */
export function placeOfAlarm(
  alarm: Alarm,
  run: Pick<RunDetail, 'steps' | 'sampleSteps'>,
): Record<string, string | null> {
  const { step, name, message } = alarm
  const words = `${name} ${message}`
  const about = /codebook|codes?\b|usage/i.test(name) ? 'codebook' : /norm|drift/i.test(words) ? 'drift' : 'curves'
  if (about === 'curves' || run.sampleSteps.length === 0) {
    const around = Math.max(10, Math.round(run.steps * 0.1))
    return { tab: null, chart: null, axis: null, range: `${Math.max(0, step - around)},${step + around}` }
  }
  return { tab: about, step: String(step), ...(about === 'codebook' ? { view: 'step' } : { drift: null }) }
}
