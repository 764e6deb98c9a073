import { codeMapSides, rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { compile } from '../engine/compile.ts'
import { exportFunctions } from '../engine/export.ts'
import { branch, parameter } from '../engine/parameters.ts'
import { openRuntime } from '../engine/runtimes/open-runtime.ts'
import { float32, floats, type HostTensor, int32, ints, type Program } from '../engine/runtimes/runtime.ts'
import type { Tensor } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import { createTokenizer } from '../tokenizers/tokenizer.ts'
import { toPixels } from './stage-one/held-out.ts'
import { CODES } from './stage-one/state.ts'

/** A tokenizer out of a checkpoint: pictures to code maps and back. */
export interface TrainedTokenizer {
  /** K and n */
  codes: number
  width: number
  /** Sides of the code maps, coarse first. */
  sides: number[]
  /** @param pixels U8 [count, S, S, 3] @returns per layer int32 [count · h · w] */
  encode(pixels: Uint8Array, count: number): Promise<Int32Array[]>
  /** @param codes per layer int32 [count · h · w] @returns U8 [count, S, S, 3] @throws Error for a code that is not of its layer */
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
  const sides = codeMapSides(config)
  const { resolution } = config.data
  const size = resolution * resolution * 3
  const tokenizer = createTokenizer(config)
  const encode: Step = (tensors) => {
    const quantization = tokenizer.tokenize(
      branch(tensors, 'tokenizer'),
      parameter(tensors, 'images'),
      parameter(tensors, CODES),
    )
    return Object.fromEntries(quantization.codes.map((map, layer) => [`codes.${layer}`, map]))
  }
  const decode: Step = (tensors) => {
    const maps = sides.map((_, layer) => parameter(tensors, `codes.${layer}`))
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
        checkCodes(maps[layer], layer, count * side * side, rowsOfLayer(config, layer, codes))
      decoder ??= load('decode', codeSpec(BATCH), decode)
      const program = await decoder
      const pixels = new Uint8Array(count * size)
      for (let begin = 0; begin < count; begin += BATCH) {
        const here = Math.min(BATCH, count - begin)
        const inputs: Record<string, HostTensor> = {}
        for (const [layer, side] of sides.entries()) {
          const area = side * side
          const data = new Int32Array(BATCH * area)
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
        sides.map((side, layer) => {
          const { first, end } = rowsOfLayer(config, layer, codes)
          return [
            `codes.${layer}`,
            {
              shape: [1, side, side],
              dtype: 'int32' as const,
              range: `${first} to ${end - 1}`,
              meaning: `code map of layer ${layer}${sides.length > 1 ? ` of ${sides.length}, coarse layers first` : ''}`,
            },
          ]
        }),
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

function tokenizerWeights(checkpoint: TensorFile, config: ExperimentConfig): Record<string, HostTensor> {
  const wanted = [...Object.keys(createTokenizer(config).specs).map((name) => `tokenizer.${name}`), CODES]
  return Object.fromEntries(
    wanted.map((name) => {
      const stored = checkpoint.tensors[name]
      if (stored?.dtype !== 'F32')
        throw new Error(`the checkpoint lacks "${name}": it does not hold a tokenizer of this config`)
      return [name, float32(stored.data as Float32Array, stored.shape)]
    }),
  )
}

function checkCodes(
  map: Int32Array | undefined,
  layer: number,
  length: number,
  { first, end }: { first: number; end: number },
): void {
  if (map?.length !== length) throw new Error(`layer ${layer} has ${map?.length ?? 0} codes, but ${length} are needed`)
  const wrong = map.findIndex((code) => code < first || code >= end)
  if (wrong >= 0)
    throw new Error(`layer ${layer} has code ${map[wrong]} at place ${wrong}; codes run from ${first} to ${end - 1}`)
}
