import { flattenCodes } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { compile } from '../../engine/compile.ts'
import { branch, parameter } from '../../engine/parameters.ts'
import { float32, floats, ints, type Runtime, type State } from '../../engine/runtimes/runtime.ts'
import type { Tensor } from '../../engine/tf.ts'
import type { PictureReference } from '../../multimodal/dialogue.ts'
import { type PictureLayout, readingConfig } from '../../multimodal/picture-layout.ts'
import type { PositionShape } from '../../multimodal/positions.ts'
import type { TokenizedPicture } from '../../multimodal/sequence.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { CODES } from '../stage-one/state.ts'

/** Pictures that go through the encoder together. */
const BATCH = 16
/** Pictures kept; of features, which are much larger than codes, fewer. */
const KEPT = 20_000
const KEPT_FEATURES = 1_000

/** Pictures as the tokenizer of Stage I gives them, each worked out when it is first wanted. */
export interface PictureTokens {
  of(references: readonly PictureReference[]): Promise<TokenizedPicture[]>
  dispose(): Promise<void>
}

/**
 * @param pixelsOf U8 [S, S, 3] of a picture at the side at which pictures are read
 */
export async function openPictureTokens(
  config: ExperimentConfig,
  runtime: Runtime,
  state: State,
  { layout, shape }: { layout: PictureLayout; shape: PositionShape },
  pixelsOf: (reference: PictureReference) => Promise<Uint8Array>,
): Promise<PictureTokens> {
  const reading = readingConfig(config)
  const { resolution } = reading.data
  const tokenizer = createTokenizer(reading)
  const { sides, cells, slots } = layout
  const size = resolution * resolution * 3
  const program = await compile(
    runtime,
    state,
    'pictures to codes',
    { images: { shape: [BATCH, resolution, resolution, 3] } },
    [...state.names().filter((name) => name.startsWith('tokenizer.')), CODES],
    (tensors) => {
      const { codes, assignments } = tokenizer.tokenize(
        branch(tensors, 'tokenizer'),
        parameter(tensors, 'images'),
        parameter(tensors, CODES),
      )
      const outputs: Record<string, Tensor> = {}
      for (const [layer, map] of codes.entries()) outputs[`codes.${layer}`] = map
      if (shape.features > 0)
        for (const [layer, { features }] of assignments.entries()) outputs[`features.${layer}`] = features
      return outputs
    },
  )
  /** Of what the encoder gave for each slot, its part in the one vector of the cell. RQ's later depths hold what is left over of the first. */
  const parts =
    config.tokenizer.kind === 'rq'
      ? Array.from({ length: slots }, (_, slot) => (slot === 0 ? 1 : 0))
      : (shape.weights ?? Array.from({ length: slots }, () => 1 / slots))
  const known = new Map<string, TokenizedPicture>()

  async function encode(references: readonly PictureReference[]): Promise<TokenizedPicture[]> {
    const images = new Float32Array(BATCH * size)
    for (const [row, reference] of references.entries()) {
      const pixels = await pixelsOf(reference)
      for (let at = 0; at < size; at++) images[row * size + at] = (pixels[at] as number) / 127.5 - 1
    }
    const out = await program.run({ images: float32(images, [BATCH, resolution, resolution, 3]) })
    return references.map((_, row) => {
      const maps = sides.map((side, layer) =>
        ints(out, `codes.${layer}`).subarray(row * side * side, (row + 1) * side * side),
      )
      return {
        codes: flattenCodes(maps, sides),
        features: shape.features > 0 ? cellFeatures(row, out) : new Float32Array(0),
      }
    })
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
    async of(references) {
      const keys = references.map((reference) => JSON.stringify(reference))
      const missing = new Map<string, PictureReference>()
      for (const [at, key] of keys.entries()) if (!known.has(key)) missing.set(key, references[at] as PictureReference)
      const fresh = [...missing]
      const found = new Map<string, TokenizedPicture>()
      for (const key of keys) if (known.has(key)) found.set(key, known.get(key) as TokenizedPicture)
      for (let begin = 0; begin < fresh.length; begin += BATCH) {
        const part = fresh.slice(begin, begin + BATCH)
        const encoded = await encode(part.map(([, reference]) => reference))
        for (const [at, [key]] of part.entries()) found.set(key, encoded[at] as TokenizedPicture)
      }
      for (const [key] of fresh) known.set(key, found.get(key) as TokenizedPicture)
      const most = shape.features > 0 ? KEPT_FEATURES : KEPT
      for (const key of known.keys()) {
        if (known.size <= most) break
        known.delete(key)
      }
      return keys.map((key) => found.get(key) as TokenizedPicture)
    },
    dispose: () => program.dispose(),
  }
}
