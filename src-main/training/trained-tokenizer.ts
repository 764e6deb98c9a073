import { codeMapSides, rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { compile } from '../engine/compile.ts'
import { exportFunctions } from '../engine/export.ts'
import { branch, parameter } from '../engine/parameters.ts'
import { openRuntime } from '../engine/runtimes/open-runtime.ts'
import { float32, floats, type HostTensor, int32, ints, type Program } from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import { createTokenizer } from '../tokenizers/tokenizer.ts'
import { toPixels } from './stage-one/held-out.ts'
import { CODES, IDS } from './stage-one/state.ts'

/**
 * A tokenizer out of a checkpoint: pictures to code maps and back. Codes go by the ids that people see: where the codebook
 * is some of a vocabulary's rows, their token ids.
 */
export interface TrainedTokenizer {
  /** K and n */
  codes: number
  width: number
  /** Token id of each code, ascending, where the codebook is some of a vocabulary's rows; else null: 0 to K − 1. */
  ids: Int32Array | null
  /** Sides of the code maps, coarse first. */
  sides: number[]
  /** @param pixels U8 [count, S, S, 3] @returns per layer int32 [count · h · w] */
  encode(pixels: Uint8Array, count: number): Promise<Int32Array[]>
  /** @param codes per layer int32 [count · h · w] @returns U8 [count, S, S, 3] @throws Error for an id that is none of the layer's */
  decode(codes: readonly Int32Array[], count: number): Promise<Uint8Array>
  /**
   * Writes the ONNX files of `TOKENIZER_MODELS` and a README into a folder: the encoder takes images [1, S, S, 3] in [−1, 1]
   * and gives codes.<layer> int32 [1, h, w], the decoder takes these and gives a reconstruction in about [−1, 1].
   * @param external as in `exportFunctions`
   * @returns paths of the files
   */
  exportOnnx(folder: string, external: boolean | 'auto'): Promise<string[]>
  dispose(): Promise<void>
}

/** Names of the exported models. */
export const TOKENIZER_MODELS = ['encoder', 'decoder'] as const

/** Pictures that go through the graph together. */
const BATCH = 16

type Step = (tensors: Record<string, Tensor>) => Record<string, Tensor>

/** @throws Error naming the first tensor that the checkpoint lacks */
export async function openTrainedTokenizer(
  checkpoint: TensorFile,
  config: ExperimentConfig,
  options: { threads: number; tensorflow: string; graphs?: string },
): Promise<TrainedTokenizer> {
  const weights = tokenizerWeights(checkpoint, config)
  const [codes, width] = (weights[CODES] as HostTensor).shape as [number, number]
  const ids = (weights[IDS]?.data as Int32Array | undefined) ?? null
  if (ids) weights[ROWS] = rowsOfIds(ids)
  const sides = codeMapSides(config)
  const known = ids && new Set(ids)
  const codesOfLayer = (layer: number) => {
    const { first, end } = rowsOfLayer(config, layer, codes)
    return known
      ? { isCode: (code: number) => known.has(code), range: `${codes} token ids from ${ids?.[0]} to ${ids?.at(-1)}` }
      : { isCode: (code: number) => code >= first && code < end, range: `${first} to ${end - 1}` }
  }
  const { resolution } = config.data
  const size = resolution * resolution * 3
  const tokenizer = createTokenizer(config)
  const encode: Step = (tensors) => {
    const quantization = tokenizer.tokenize(
      branch(tensors, 'tokenizer'),
      parameter(tensors, 'images'),
      parameter(tensors, CODES),
    )
    return Object.fromEntries(quantization.codes.map((map, layer) => [`codes.${layer}`, lookedUp(tensors, IDS, map)]))
  }
  const decode: Step = (tensors) => {
    const maps = sides.map((_, layer) => lookedUp(tensors, ROWS, parameter(tensors, `codes.${layer}`)))
    return { reconstruction: tokenizer.decodeCodes(branch(tensors, 'tokenizer'), maps, parameter(tensors, CODES)) }
  }
  const imageSpec = (batch: number): Record<string, Spec> => ({ images: { shape: [batch, resolution, resolution, 3] } })
  const codeSpec = (batch: number): Record<string, Spec> =>
    Object.fromEntries(sides.map((side, layer) => [`codes.${layer}`, { shape: [batch, side, side], dtype: 'int32' }]))

  const { runtime } = await openRuntime(config.engine, options)
  const state = runtime.createState(weights)
  const load = (name: string, specs: Record<string, Spec>, step: Step) =>
    compile(runtime, state, name, specs, state.names(), step)
  // Compiled when first asked for: an export needs neither.
  let encoder: Promise<Program> | undefined
  let decoder: Promise<Program> | undefined
  return {
    codes,
    width,
    ids,
    sides,
    async encode(pixels, count) {
      if (pixels.length !== count * size)
        throw new Error(`${pixels.length} bytes are not ${count} pictures of ${resolution} × ${resolution} × 3`)
      encoder ??= load('encode', imageSpec(BATCH), encode)
      const program = await encoder
      const maps = sides.map((side) => new Int32Array(count * side * side))
      for (let begin = 0; begin < count; begin += BATCH) {
        const images = new Float32Array(BATCH * size)
        const here = Math.min(BATCH, count - begin)
        for (let at = 0; at < here * size; at++) images[at] = (pixels[begin * size + at] as number) / 127.5 - 1
        const out = await program.run({ images: float32(images, [BATCH, resolution, resolution, 3]) })
        for (const [layer, side] of sides.entries())
          maps[layer]?.set(ints(out, `codes.${layer}`).subarray(0, here * side * side), begin * side * side)
      }
      return maps
    },
    async decode(maps, count) {
      for (const [layer, side] of sides.entries())
        checkCodes(maps[layer], layer, count * side * side, codesOfLayer(layer))
      decoder ??= load('decode', codeSpec(BATCH), decode)
      const program = await decoder
      const pixels = new Uint8Array(count * size)
      for (let begin = 0; begin < count; begin += BATCH) {
        const here = Math.min(BATCH, count - begin)
        const inputs: Record<string, HostTensor> = {}
        for (const [layer, side] of sides.entries()) {
          const area = side * side
          // What fills up the batch must be a code as well.
          const data = new Int32Array(BATCH * area).fill(ids?.[0] ?? 0)
          data.set((maps[layer] as Int32Array).subarray(begin * area, (begin + here) * area))
          inputs[`codes.${layer}`] = int32(data, [BATCH, side, side])
        }
        const out = await program.run(inputs)
        pixels.set(toPixels(floats(out, 'reconstruction').subarray(0, here * size)), begin * size)
      }
      return pixels
    },
    exportOnnx(folder, external) {
      const picture = {
        shape: [1, resolution, resolution, 3],
        range: '-1 to 1',
        meaning: 'RGB pictures, row by row; an 8-bit value v is v / 127.5 - 1',
      }
      const maps = Object.fromEntries(
        sides.map((side, layer) => [
          `codes.${layer}`,
          {
            shape: [1, side, side],
            dtype: 'int32' as const,
            range: codesOfLayer(layer).range,
            meaning: `code map of layer ${layer}${sides.length > 1 ? ` of ${sides.length}, coarse layers first` : ''}`,
          },
        ]),
      )
      const reconstruction = { ...picture, range: 'about -1 to 1, not clipped' }
      return exportFunctions(
        [
          {
            name: 'encoder',
            about: `Pictures to code maps, of a codebook of ${codes} codes.`,
            ...{ step: encode, weights, inputs: { images: picture }, outputs: maps },
          },
          {
            name: 'decoder',
            about: `Code maps, of a codebook of ${codes} codes, to pictures.`,
            ...{ step: decode, weights, inputs: maps, outputs: { reconstruction } },
          },
        ],
        { folder, title: `Tokenizer of ${config.name}`, external },
      )
    },
    async dispose() {
      for (const program of [encoder, decoder]) await (await program)?.dispose()
    },
  }
}

/** State entry, of an opened tokenizer alone: row of each token id, int32. */
const ROWS = 'codebook.rows'

/** Row of every id up to the largest; K, which no table has, for ids that are no codes. */
function rowsOfIds(ids: Int32Array): HostTensor {
  const rows = new Int32Array((ids.at(-1) as number) + 1).fill(ids.length)
  for (const [row, id] of ids.entries()) rows[id] = row
  return int32(rows, [rows.length])
}

/** A code map by another numbering of the codes; as it is without one. */
const lookedUp = (tensors: Record<string, Tensor>, table: string, map: Tensor): Tensor =>
  tensors[table] ? tf.gather(tensors[table], map as tf.Tensor1D) : map

function tokenizerWeights(checkpoint: TensorFile, config: ExperimentConfig): Record<string, HostTensor> {
  const wanted = [...Object.keys(createTokenizer(config).specs).map((name) => `tokenizer.${name}`), CODES]
  const weights: Record<string, HostTensor> = {}
  for (const name of wanted) {
    const stored = checkpoint.tensors[name]
    if (stored?.dtype !== 'F32')
      throw new Error(`the checkpoint lacks "${name}": it does not hold a tokenizer of this config`)
    weights[name] = float32(stored.data as Float32Array, stored.shape)
  }
  const ids = checkpoint.tensors[IDS]
  if (ids) weights[IDS] = int32(ids.data as Int32Array, ids.shape)
  return weights
}

function checkCodes(
  map: Int32Array | undefined,
  layer: number,
  length: number,
  { isCode, range }: { isCode: (code: number) => boolean; range: string },
): void {
  if (map?.length !== length) throw new Error(`layer ${layer} has ${map?.length ?? 0} codes, but ${length} are needed`)
  const wrong = map.findIndex((code) => !isCode(code))
  if (wrong >= 0) throw new Error(`layer ${layer} has code ${map[wrong]} at place ${wrong}; codes are ${range}`)
}
