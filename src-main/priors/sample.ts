import type { PriorConfig } from '../../src-shared/prior.ts'
import type { Runtime, State } from '../engine/runtimes/runtime.ts'
import { checkSampling, guide, type SamplingSettings, sampleTokens, tokenRandom } from '../language/sampling.ts'
import { cachedDraws } from './cached-draws.ts'
import { createPrior } from './create-prior.ts'
import type { PriorShape } from './prior.ts'

export interface PaintingOptions {
  sampling: SamplingSettings
  /** s of u + s (c − u), u without the class and c with it; 1: c alone. */
  guidance: number
  seed: number
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

  /** Paints pictures of which the first is number `first`. @param classes as many as go side by side, at most */
  async function paintBatch(
    classes: readonly (number | null)[],
    first: number,
    { sampling, guidance, seed }: PaintingOptions,
  ): Promise<Int32Array[]> {
    const guided = guidance !== 1
    const pictures = guided ? Math.floor(rows / 2) : rows
    // What fills up the rows is painted as well, and left out.
    const given = new Int32Array(rows).fill(none)
    for (const [row, one] of classes.entries()) given[row] = one ?? none
    const maps = areas.map((area) => new Int32Array(rows * area))
    let step = 0
    for (const draw of draws) {
      const { layer, places } = draw
      const [area, map] = [areas[layer] as number, maps[layer] as Int32Array]
      const logits = await cached.logits(draw, maps, given)
      const each = (logits.length / rows) * pictures
      const wanted = guided
        ? guide(logits.subarray(0, each), logits.subarray(each, 2 * each), guidance)
        : logits.subarray(0, each)
      const randoms = Array.from({ length: pictures }, (_, row) =>
        places.map((_, at) => tokenRandom(seed, first + row, step + at)),
      ).flat()
      const drawn = sampleTokens(wanted, sampling, randoms)
      for (const [at, code] of drawn.entries()) {
        const place = places[at % places.length] as number
        const row = Math.floor(at / places.length)
        map[row * area + place] = code
        if (guided) map[(pictures + row) * area + place] = code
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

function check(
  shape: PriorShape,
  rows: number,
  classes: readonly (number | null)[],
  { sampling, guidance }: PaintingOptions,
): void {
  checkSampling(sampling)
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
