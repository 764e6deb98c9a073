import { type Difference, mean, welchInterval } from './statistics.ts'

/** One setting's values, one a seed. */
export interface Sample {
  name: string
  values: readonly number[]
}

export interface SeedNoise {
  /** unknown: too few seeds, or values that are no numbers. */
  verdict: 'larger' | 'within' | 'unknown'
  /** What the verdict rests on, in one sentence. */
  sentence: string
  /** mean(a) − mean(b) with Welch's 95 % interval; null where there is none. */
  difference: Difference | null
}

/**
 * Whether a difference between two settings is larger than what the seeds alone do, as a sentence for people.
 * @param format how a value is written
 */
export function seedNoise(a: Sample, b: Sample, format: (value: number) => string = plain): SeedNoise {
  const unknown = (sentence: string): SeedNoise => ({ verdict: 'unknown', sentence, difference: null })
  for (const { name, values } of [a, b]) {
    if (values.length === 0) return unknown(`${name} has no value, so there is nothing to compare.`)
    if (!values.every(Number.isFinite))
      return unknown(`${name} has a value that is not a number, so there is nothing to compare.`)
  }
  const apart = mean(a.values) - mean(b.values)
  const said =
    apart === 0
      ? `${a.name} and ${b.name} do not differ`
      : `${a.name} is ${format(Math.abs(apart))} ${apart > 0 ? 'above' : 'below'} ${b.name}`
  const difference = welchInterval(a.values, b.values)
  if (!difference) {
    const single = a.values.length < 2 ? a : b
    return unknown(`${said}, but ${single.name} has one seed alone: how much seeds differ is not known.`)
  }
  const counts = `${a.values.length} and ${b.values.length} seeds`
  if (!Number.isFinite(difference.degreesOfFreedom))
    return {
      verdict: apart === 0 ? 'within' : 'larger',
      sentence: `${said}; all seeds of each give the same value (${counts})${apart === 0 ? '.' : ', so the seeds do not explain it.'}`,
      difference,
    }
  const outside = difference.low > 0 || difference.high < 0
  return {
    verdict: outside ? 'larger' : 'within',
    sentence: `${said} (95 % interval of the difference ${format(difference.low)} to ${format(difference.high)}, ${counts}): ${outside ? 'larger than seed noise' : 'not larger than seed noise'}.`,
    difference,
  }
}

const plain = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−')
