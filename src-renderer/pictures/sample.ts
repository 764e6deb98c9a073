import { SAMPLE_CAPTIONS } from '../../src-shared/events.ts'
import { decodeSafetensors, SafetensorsError, type StoredTensor } from '../../src-shared/safetensors.ts'
import type { Grid } from './geometry.ts'

/** One layer of the code maps of a sample. */
export interface SampleLayer {
  grid: Grid
  /** [P · rows · columns] codes of all pictures, raster order. */
  codes: Int32Array
  /** [K] hits of each code over the held-out pictures evaluated. */
  usage: Int32Array
  /**
   * [K] over the training batches so far: step of the first and of the last use (−1: never), and hits since the sample
   * before; null in samples that lack them.
   */
  history: { birth: Int32Array; lastUse: Int32Array; window: Int32Array } | null
}

/** Of every code that the held-out pictures use (U of them), its N nearest LLM rows. */
export interface NearestTokens {
  /** [U] */
  codes: Int32Array
  count: number
  /** [U · N] */
  tokens: Int32Array
  distances: Float32Array
  /** The same distances for a codebook whose columns are shuffled. */
  shuffled: Float32Array
}

/** What a run recorded at one step, ready to draw. */
export interface Sample {
  step: number
  pictures: number
  /** Side of the square pictures in pixels. */
  side: number
  /** [P · S · S · 3] bytes. */
  input: Uint8Array
  reconstruction: Uint8Array
  /** Coarse first. */
  layers: SampleLayer[]
  /** [K]; empty if the run has no language model to drift from. */
  cosine: Float32Array
  distance: Float32Array
  norm: Float32Array
  /** [K, 3] principal coordinates of the codes; empty in samples that lack them */
  projection: Float32Array
  captions: string[]
  /** [K] place of a code's own LLM row among all rows, −1: not worked out; empty in samples that lack it. */
  rank: Int32Array
  /** [K]; empty in samples that lack them. Step of the last restart, −1: none. */
  restarts: Int32Array
  lastRestart: Int32Array
  nearest: NearestTokens | null
  /** [K · 2] each on one plane for all samples of the run; null in samples that lack it. */
  map: { codes: Float32Array; rows: Float32Array } | null
}

function tensorOf<A extends Uint8Array | Int32Array | Float32Array>(
  tensors: Record<string, StoredTensor>,
  name: string,
  kind: new (n: number) => A,
  dimensions: number,
): { data: A; shape: number[] } {
  const tensor = tensors[name]
  if (!tensor)
    throw new SafetensorsError(`sample file: tensor "${name}" is missing; it holds ${Object.keys(tensors).join(', ')}`)
  if (!(tensor.data instanceof kind) || tensor.shape.length !== dimensions)
    throw new SafetensorsError(
      `sample file: tensor "${name}" is ${tensor.dtype} [${tensor.shape.join(', ')}], expected ${dimensions} dimensions of ${kind.name}`,
    )
  return { data: tensor.data, shape: tensor.shape }
}

/**
 * Reads a sample file (events.ts, SampleLayout).
 * @throws SafetensorsError naming the tensor that is missing or has another shape than the layout says
 */
export function decodeSample(step: number, bytes: Uint8Array): Sample {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const input = tensorOf(tensors, 'input', Uint8Array, 4)
  const reconstruction = tensorOf(tensors, 'reconstruction', Uint8Array, 4)
  const [pictures = 0, side = 0] = input.shape
  if (reconstruction.shape.join() !== input.shape.join())
    throw new SafetensorsError(
      `sample file: reconstruction is [${reconstruction.shape.join(', ')}], input [${input.shape.join(', ')}]`,
    )
  const layers: SampleLayer[] = []
  for (let layer = 0; `codes.${layer}` in tensors; layer++) {
    const codes = tensorOf(tensors, `codes.${layer}`, Int32Array, 3)
    const [count, rows = 0, columns = 0] = codes.shape
    if (count !== pictures)
      throw new SafetensorsError(`sample file: codes.${layer} has ${count} pictures, input has ${pictures}`)
    layers.push({
      grid: { rows, columns },
      codes: codes.data,
      usage: tensorOf(tensors, `usage.${layer}`, Int32Array, 1).data,
      history: `history.window.${layer}` in tensors ? historyOf(tensors, layer) : null,
    })
  }
  const optional = (name: string, dimensions = 1) =>
    name in tensors ? tensorOf(tensors, name, Float32Array, dimensions).data : new Float32Array()
  const whole = (name: string) => (name in tensors ? tensorOf(tensors, name, Int32Array, 1).data : new Int32Array())
  return {
    step,
    pictures,
    side,
    input: input.data,
    reconstruction: reconstruction.data,
    layers,
    cosine: optional('drift.cosine'),
    distance: optional('drift.distance'),
    norm: optional('norm'),
    projection: optional('projection', 2),
    captions: captionsOf(metadata[SAMPLE_CAPTIONS], pictures),
    rank: whole('drift.rank'),
    restarts: whole('history.restarts'),
    lastRestart: whole('history.lastRestart'),
    nearest: 'nearest.codes' in tensors ? nearestOf(tensors) : null,
    map:
      'map.codes' in tensors
        ? {
            codes: tensorOf(tensors, 'map.codes', Float32Array, 2).data,
            rows: tensorOf(tensors, 'map.rows', Float32Array, 2).data,
          }
        : null,
  }
}

const historyOf = (tensors: Record<string, StoredTensor>, layer: number) => ({
  birth: tensorOf(tensors, `history.birth.${layer}`, Int32Array, 1).data,
  lastUse: tensorOf(tensors, `history.lastUse.${layer}`, Int32Array, 1).data,
  window: tensorOf(tensors, `history.window.${layer}`, Int32Array, 1).data,
})

function nearestOf(tensors: Record<string, StoredTensor>): NearestTokens {
  const tokens = tensorOf(tensors, 'nearest.tokens', Int32Array, 2)
  return {
    codes: tensorOf(tensors, 'nearest.codes', Int32Array, 1).data,
    count: tokens.shape[1] ?? 0,
    tokens: tokens.data,
    distances: tensorOf(tensors, 'nearest.distances', Float32Array, 2).data,
    shuffled: tensorOf(tensors, 'nearest.shuffled', Float32Array, 2).data,
  }
}

function captionsOf(json: string | undefined, pictures: number): string[] {
  const parsed: unknown = json === undefined ? [] : JSON.parse(json)
  const list = Array.isArray(parsed) ? parsed.map(String) : []
  return Array.from({ length: pictures }, (_, index) => list[index] ?? `picture ${index + 1}`)
}

/** Bytes of one picture out of [P · S · S · 3]. */
export const pictureBytes = (all: Uint8Array, index: number, side: number): Uint8Array =>
  all.subarray(index * side * side * 3, (index + 1) * side * side * 3)

/** Codes of one picture in a layer, raster order. */
export function pictureCodes(layer: SampleLayer, index: number): Int32Array {
  const cells = layer.grid.rows * layer.grid.columns
  return layer.codes.subarray(index * cells, (index + 1) * cells)
}

/** Hits of every code over all layers, [K]. */
export function totalUsage(sample: Sample): Int32Array {
  const total = new Int32Array(sample.layers[0]?.usage.length ?? 0)
  for (const layer of sample.layers)
    for (let code = 0; code < total.length; code++) total[code]! += layer.usage[code] ?? 0
  return total
}

/** The cells in which a picture uses a code, per layer. */
export const placesOfCode = (sample: Sample, picture: number, code: number): number[][] =>
  sample.layers.map((layer) => {
    const cells: number[] = []
    for (const [cell, at] of pictureCodes(layer, picture).entries()) if (at === code) cells.push(cell)
    return cells
  })

/** Hits of every code in the training batches since the sample before, of one layer or (null) of all; held-out hits where there are none. */
export function hitsOf(sample: Sample, layer: number | null): { hits: Int32Array; kind: 'window' | 'heldOut' } {
  const kind = hitsKind(sample)
  const of = (index: number) => {
    const { history, usage } = sample.layers[index] as SampleLayer
    return kind === 'window' && history ? history.window : usage
  }
  if (layer !== null) return { hits: of(layer), kind }
  const total = new Int32Array(of(0).length)
  for (let index = 0; index < sample.layers.length; index++) {
    const one = of(index)
    for (let code = 0; code < total.length; code++) total[code]! += one[code] ?? 0
  }
  return { hits: total, kind }
}

/** What a run's samples hold of usage: hits in training, or (older runs) over the held-out pictures alone. */
export const hitsKind = (sample: Sample): 'window' | 'heldOut' =>
  sample.layers.every(({ history }) => history !== null) ? 'window' : 'heldOut'
