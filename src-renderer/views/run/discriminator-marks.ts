import type { RunDetail } from '../../../src-shared/contract/runs.ts'

/** Where a run's discriminator began and ended, as far as the run has come. */
export function discriminatorMarks({
  config,
  step,
  discriminatorOff,
}: Pick<RunDetail, 'config' | 'step' | 'discriminatorOff'>): { step: number; label: string }[] {
  const { weight, start, stop } = config.losses.adversarial
  if (weight === 0) return []
  const off = discriminatorOff !== null && (stop === 0 || discriminatorOff < stop) ? discriminatorOff : null
  const end = off ?? (stop > 0 ? stop : null)
  return [
    ...(step > start && (end === null || end > start)
      ? [{ step: start, label: `The discriminator begins after step ${start}` }]
      : []),
    ...(end !== null && step >= end
      ? [{ step: end, label: `The discriminator ends with step ${end}${off === null ? '' : ': switched off'}` }]
      : []),
  ]
}
