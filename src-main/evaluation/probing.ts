import { createRandom } from '../data/random.ts'
import { bootstrapMean } from './bootstrap.ts'
import { linearProbe } from './linear-probe.ts'
import { type ClassedFeatures, nearestClasses } from './nearest-class.ts'

/** How classes are told from features. */
export const probes = ['nearest', 'linear'] as const
export type Probe = (typeof probes)[number]

/** Features of pictures, the references first and then those that are asked about. */
export interface ProbedFeatures {
  name: string
  features: Float32Array
  width: number
}

/** What of the pictures does not depend on features. */
export interface ProbedPictures {
  /** Classes of the references, [N]. */
  known: readonly string[]
  /** Of those that are asked about, [M], each a class of the references; and their groups, which intervals are drawn by. */
  asked: readonly string[]
  groups: readonly string[]
}

/** A share of the pictures, 0 to 1 (a difference of two: −1 to 1), with its interval. */
export interface ProbedShare {
  mean: number
  low: number
  high: number
}

export interface ProbeResult {
  /** Share of right classes, for each probe by the name of the features. */
  accuracy: Record<Probe, Record<string, ProbedShare>>
  /** Of the first features less the second, picture by picture; none for one kind of features. */
  advantage: Record<Probe, ProbedShare> | null
  /** 1 / classes among the references: what drawing one of them gives. */
  chance: number
  /** What always saying the references' commonest class gives. */
  majority: ProbedShare
  classes: number
}

/**
 * How well classes can be told from features, by pictures of other concepts: five nearest neighbours (nearest-class.ts) and a
 * linear probe (linear-probe.ts; Alain & Bengio 2016), with bootstrap intervals over the groups of pictures.
 * @param features one kind or more, each [N + M, width]
 * @throws RangeError if there are not two classes to tell apart, or nothing is asked
 */
export function probeClasses(
  { known, asked, groups }: ProbedPictures,
  features: readonly ProbedFeatures[],
  seed: number,
): ProbeResult {
  const classes = new Set(known)
  if (classes.size < 2) throw new RangeError(`${classes.size} classes among the references; probing needs at least 2`)
  if (asked.length === 0) throw new RangeError('no picture to ask about has a class that the references have')
  const interval = (values: readonly number[], ...of: string[]): ProbedShare =>
    bootstrapMean(values, groups, createRandom(seed, 'probing', ...of))
  const accuracy: ProbeResult['accuracy'] = { nearest: {}, linear: {} }
  const right: Record<Probe, number[][]> = { nearest: [], linear: [] }
  for (const { name, features: all, width } of features) {
    const references: ClassedFeatures = { features: all.subarray(0, known.length * width), classes: known }
    const queries = all.subarray(known.length * width)
    const said: Record<Probe, string[]> = {
      nearest: nearestClasses(queries, references, width),
      linear: linearProbe(queries, references, width).classes,
    }
    for (const probe of probes) {
      const hits = asked.map((own, at) => Number(said[probe][at] === own))
      right[probe].push(hits)
      accuracy[probe][name] = interval(hits, probe, name)
    }
  }
  const differences = (probe: Probe): ProbedShare => {
    const [first, second] = right[probe] as [number[], number[]]
    return interval(
      first.map((hit, at) => hit - (second[at] as number)),
      probe,
      'advantage',
    )
  }
  const commonest = [...classes].sort().reduce((most, name) => (times(known, name) > times(known, most) ? name : most))
  return {
    accuracy,
    advantage: features.length < 2 ? null : { nearest: differences('nearest'), linear: differences('linear') },
    chance: 1 / classes.size,
    majority: interval(
      asked.map((own) => Number(own === commonest)),
      'majority',
    ),
    classes: classes.size,
  }
}

const times = (names: readonly string[], wanted: string): number => names.filter((name) => name === wanted).length
