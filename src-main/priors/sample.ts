import { codeOrder } from '../../src-shared/code-maps.ts'
import type { PriorConfig } from '../../src-shared/prior.ts'
import type { Runtime, State } from '../engine/runtimes/runtime.ts'
import {
  checkSampling,
  drawToken,
  guide,
  likeliestTokens,
  type SamplingSettings,
  type TokenDistribution,
  tokenDistribution,
  tokenRandom,
} from '../language/sampling.ts'
import { cachedDraws } from './cached-draws.ts'
import { createPrior } from './create-prior.ts'
import type { PriorShape } from './prior.ts'

export interface PaintingOptions {
  sampling: SamplingSettings
  /** s of u + s (c − u), u without the class and c with it; 1: c alone. */
  guidance: number
  seed: number
  /** First codes of every picture, in token order, which are kept: painting goes on from there. None unless given. */
  first?: Int32Array
  /** Likeliest codes that are told with each code that is drawn; 0 unless given. */
  alternatives?: number
  /** Told of each code as it is drawn. */
  drawn?: (code: DrawnCode) => void
  /** Ends painting between two draws. */
  signal?: AbortSignal
}

/** A code that was drawn. Probabilities are those that it was drawn with, after temperature, cuts and guidance. */
export interface DrawnCode {
  /** Place of the picture among those that are painted. */
  picture: number
  layer: number
  /** In token order. */
  at: number
  code: number
  probability: number
  alternatives: { code: number; probability: number }[]
}

/** Paints pictures as code maps. */
export interface PriorSampler {
  /**
   * @param classes one for each picture; null: none
   * @returns per layer int32 [count · h · w], each code from 0 to before the layer's number; the same for the same seed,
   * whatever else is painted beside it
   * @throws RangeError for settings out of range and for a class that is none
   */
  paint(classes: readonly (number | null)[], options: PaintingOptions): Promise<Int32Array[]>
  dispose(): Promise<void>
}

export const samplingSettings = ({ sampling }: Pick<PriorConfig, 'sampling'>): SamplingSettings => ({
  temperature: sampling.temperature,
  topK: sampling.topK === 0 ? null : sampling.topK,
  topP: sampling.topP === 1 ? null : sampling.topP,
})

/** Rows that so many pictures take side by side: a guided one goes with its class and without. */
export const rowsFor = (pictures: number, guidance: number): number => (guidance === 1 ? pictures : 2 * pictures)

/**
 * @param state with the prior's parameters, `prior.*`, and the `drawingEntries` of so many rows
 * @param rows that go side by side
 */
export function priorSampler(runtime: Runtime, state: State, shape: PriorShape, rows: number): PriorSampler {
  const { draws } = createPrior(shape)
  const cached = cachedDraws(runtime, state, shape, rows)
  const none = shape.classes
  const areas = shape.sides.map((side) => side * side)
  /** Place in token order of each place of a layer's map; draws follow that order. */
  const orders = shape.sides.map(() => [] as number[])
  for (const [at, place] of codeOrder(shape.sides).entries()) (orders[place.layer] as number[])[place.at] = at

  /** Paints pictures of which the first is number `first`. @param classes as many as go side by side, at most */
  async function paintBatch(
    classes: readonly (number | null)[],
    first: number,
    options: PaintingOptions,
  ): Promise<Int32Array[]> {
    const { sampling, guidance, seed, first: kept = new Int32Array(0), alternatives = 0, drawn, signal } = options
    const guided = guidance !== 1
    const pictures = guided ? Math.floor(rows / 2) : rows
    // What fills up the rows is painted as well, and left out.
    const given = new Int32Array(rows).fill(none)
    for (const [row, one] of classes.entries()) given[row] = one ?? none
    const maps = areas.map((area) => new Int32Array(rows * area))
    let step = 0
    for (const draw of draws) {
      signal?.throwIfAborted()
      const { layer, places } = draw
      const [area, map, order] = [areas[layer] as number, maps[layer] as Int32Array, orders[layer] as number[]]
      const logits = await cached.logits(draw, maps, given)
      const each = (logits.length / rows) * pictures
      const wanted = guided
        ? guide(logits.subarray(0, each), logits.subarray(each, 2 * each), guidance)
        : logits.subarray(0, each)
      const outputs = shape.codes[layer] as number
      for (let row = 0; row < pictures; row++)
        for (const [number, place] of places.entries()) {
          const at = order[place] as number
          const from = (row * places.length + number) * outputs
          const isKept = at < kept.length
          const distribution = isKept ? null : tokenDistribution(wanted.subarray(from, from + outputs), sampling)
          const code = distribution
            ? drawToken(distribution, tokenRandom(seed, first + row, step + number))
            : (kept[at] as number)
          map[row * area + place] = code
          if (guided) map[(pictures + row) * area + place] = code
          if (distribution && drawn && row < classes.length)
            drawn({ picture: first + row, layer, at, code, ...chances(distribution, code, alternatives) })
        }
      step += places.length
    }
    return maps.map((map, layer) => map.subarray(0, classes.length * (areas[layer] as number)))
  }

  return {
    async paint(classes, options) {
      check(shape, rows, classes, options)
      const maps = areas.map((area) => new Int32Array(classes.length * area))
      const together = options.guidance === 1 ? rows : Math.floor(rows / 2)
      for (let begin = 0; begin < classes.length; begin += together) {
        const painted = await paintBatch(classes.slice(begin, begin + together), begin, options)
        for (const [layer, map] of painted.entries()) maps[layer]?.set(map, begin * (areas[layer] as number))
      }
      return maps
    },
    dispose: () => cached.dispose(),
  }
}

function chances(
  distribution: TokenDistribution,
  code: number,
  alternatives: number,
): Pick<DrawnCode, 'probability' | 'alternatives'> {
  return {
    probability: distribution.probabilities[distribution.ids.indexOf(code)] as number,
    alternatives: likeliestTokens(distribution, alternatives).map(({ id, probability }) => ({ code: id, probability })),
  }
}

function check(
  shape: PriorShape,
  rows: number,
  classes: readonly (number | null)[],
  { sampling, guidance, first = new Int32Array(0) }: PaintingOptions,
): void {
  checkSampling(sampling)
  const order = codeOrder(shape.sides)
  if (first.length > order.length) throw new RangeError(`${first.length} first codes of a picture of ${order.length}`)
  for (const [at, code] of first.entries()) {
    const outputs = shape.codes[order[at]?.layer ?? 0] as number
    if (!(code >= 0 && code < outputs))
      throw new RangeError(`code ${code} at place ${at} is none of the ${outputs} of its layer`)
  }
  if (!(guidance >= 0 && guidance < Number.POSITIVE_INFINITY))
    throw new RangeError(`guidance ${guidance}: give a number from 0 (no class) over 1 (the class) upwards`)
  if (guidance !== 1 && rows < 2)
    throw new RangeError(
      `guidance ${guidance} takes two rows a picture, but there is 1; open the sampler with 2 or more`,
    )
  const wrong = classes.find((one) => one !== null && !(Number.isInteger(one) && one >= 0 && one < shape.classes))
  if (wrong !== undefined)
    throw new RangeError(`class ${wrong} is none of the prior's ${shape.classes}; null paints without a class`)
}
