import { flattenCodes } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { compile } from '../../engine/compile.ts'
import { branch, parameter } from '../../engine/parameters.ts'
import { lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import { float32, floats, ints, type Runtime, type State } from '../../engine/runtimes/runtime.ts'
import type { Tensor } from '../../engine/tf.ts'
import { readingConfig } from '../../multimodal/picture-layout.ts'
import type { TokenizedPicture } from '../../multimodal/sequence.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { CODES } from '../stage-one/state.ts'
import type { OpenedModel } from './open-model.ts'
import type { PatchEncoder } from './patch-encoder.ts'

/** Pictures at the side at which Stage II reads them, as the tokenizer of Stage I gives them. */
export interface PictureEncoder {
  /** Pictures that go through the encoder together; fewer take as long. */
  readonly batch: number
  /** S */
  readonly resolution: number
  /** @param pictures U8 [S, S, 3] each @throws Error for one of another size */
  encode(pictures: readonly Uint8Array[]): Promise<TokenizedPicture[]>
  dispose(): Promise<void>
}

export function pictureEncoder(
  config: ExperimentConfig,
  runtime: Runtime,
  state: State,
  { layout, shape, openPatches }: Pick<OpenedModel, 'layout' | 'shape' | 'openPatches'>,
  batch: number,
): PictureEncoder {
  const reading = readingConfig(config)
  const { resolution } = reading.data
  const tokenizer = createTokenizer(reading)
  const { sides, cells, slots } = layout
  const size = resolution * resolution * 3
  const program = lazyProgram(() =>
    compile(
      runtime,
      state,
      'pictures to codes',
      { images: { shape: [batch, resolution, resolution, 3] } },
      [...state.names().filter((name) => name.startsWith('tokenizer.')), CODES],
      (tensors) => {
        const { codes, assignments } = tokenizer.tokenize(
          branch(tensors, 'tokenizer'),
          parameter(tensors, 'images'),
          parameter(tensors, CODES),
        )
        const outputs: Record<string, Tensor> = {}
        for (const [layer, map] of codes.entries()) outputs[`codes.${layer}`] = map
        if (shape.features > 0 && !openPatches)
          for (const [layer, { features }] of assignments.entries()) outputs[`features.${layer}`] = features
        return outputs
      },
    ),
  )
  /** Of what the encoder gave for each slot, its part in the one vector of the cell. RQ's later depths hold what is left over of the first. */
  const parts =
    config.tokenizer.kind === 'rq'
      ? Array.from({ length: slots }, (_, slot) => (slot === 0 ? 1 : 0))
      : (shape.weights ?? Array.from({ length: slots }, () => 1 / slots))

  async function encodeBatch(pictures: readonly Uint8Array[]): Promise<TokenizedPicture[]> {
    const images = new Float32Array(batch * size)
    for (const [row, pixels] of pictures.entries()) {
      if (pixels.length !== size)
        throw new Error(`a picture of ${pixels.length} bytes is not one of ${resolution} × ${resolution} × 3`)
      for (let at = 0; at < size; at++) images[row * size + at] = (pixels[at] as number) / 127.5 - 1
    }
    const out = await program.run({ images: float32(images, [batch, resolution, resolution, 3]) })
    const read = openPatches ? await readPatches(pictures) : null
    return pictures.map((_, row) => {
      const maps = sides.map((side, layer) =>
        ints(out, `codes.${layer}`).subarray(row * side * side, (row + 1) * side * side),
      )
      return {
        codes: flattenCodes(maps, sides),
        features: read?.[row] ?? (shape.features > 0 ? cellFeatures(row, out) : new Float32Array(0)),
      }
    })
  }

  let network: Promise<PatchEncoder> | null = null
  async function readPatches(pictures: readonly Uint8Array[]): Promise<Float32Array[]> {
    network ??= (openPatches as NonNullable<typeof openPatches>)()
    const patches = await network
    return Promise.all(pictures.map((pixels) => patches.encode(pixels, resolution)))
  }

  function cellFeatures(row: number, out: Awaited<ReturnType<typeof program.run>>): Float32Array {
    const width = shape.features
    const places = sides.map((side) => Int32Array.from({ length: side * side }, (_, at) => at))
    const order = flattenCodes(places, sides)
    const features = new Float32Array(cells * width)
    for (let cell = 0; cell < cells; cell++)
      for (let slot = 0; slot < slots; slot++) {
        const layer = layout.layers[slot] as number
        const side = sides[layer] as number
        const from = (row * side * side + (order[cell * slots + slot] as number)) * width
        const vectors = floats(out, `features.${layer}`)
        const part = parts[slot] as number
        if (part === 0) continue
        for (let at = 0; at < width; at++) features[cell * width + at]! += part * (vectors[from + at] as number)
      }
    return features
  }

  return {
    batch,
    resolution,
    async encode(pictures) {
      const encoded: TokenizedPicture[] = []
      for (let begin = 0; begin < pictures.length; begin += batch)
        encoded.push(...(await encodeBatch(pictures.slice(begin, begin + batch))))
      return encoded
    },
    async dispose() {
      await program.dispose()
      await (await network)?.dispose()
    },
  }
}
