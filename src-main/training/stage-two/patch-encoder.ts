import type * as ort from 'onnxruntime-node'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type PretrainedEncoder, pretrainedEncoder } from '../../../src-shared/multimodal.ts'
import { ExtractorError } from '../../evaluation/images/extractor.ts'
import { conventions, type InputConvention } from '../../evaluation/images/input-conventions.ts'
import { openOnnxModel, pictureInput } from '../../evaluation/images/onnx-model.ts'
import { laidOut, otherInputs, shapeOf } from '../../evaluation/images/onnx-pictures.ts'

/** A pretrained network that reads a picture as vectors of its patches. */
export interface PatchEncoder {
  /** For the log and for cards: its file, and how pictures are prepared. */
  sentence: string
  sha256: string
  /** @param pixels U8 [side, side, 3] @returns [patches · width] */
  encode(pixels: Uint8Array, side: number): Promise<Float32Array>
  dispose(): Promise<void>
}

/**
 * Opens that of a config; null where Stage I's encoder reads.
 * @param trained what a checkpoint was trained with: another file is refused, and where it does not say yet, it is told
 */
export function patchOpener(
  { multimodal }: Pick<ExperimentConfig, 'multimodal'>,
  threads: number,
  trained: { encoder?: string } = {},
): (() => Promise<PatchEncoder>) | null {
  const encoder = pretrainedEncoder(multimodal)
  if (!encoder) return null
  return async () => {
    const opened = await openPatchEncoder(encoder, threads)
    trained.encoder ??= opened.sha256
    if (trained.encoder === opened.sha256) return opened
    await opened.dispose()
    throw new ExtractorError(
      `"${encoder.path}" is another file (sha256 ${opened.sha256}) than the one that the run was trained with (${trained.encoder}); put that one back, or clone the run to begin anew`,
    )
  }
}

/** Side of its input where the file takes any. */
const SIDE = 224

/**
 * @throws ExtractorError if there is no such file, it takes no pictures, or gives no vectors of that number and width;
 *   it names what it gives
 */
export async function openPatchEncoder(
  { path, width, patches, resize }: PretrainedEncoder,
  threads: number,
): Promise<PatchEncoder> {
  const model = await openOnnxModel(path, threads)
  try {
    const input = pictureInput(model)
    const side = input.side ?? SIDE
    const batch = input.batch ?? 1
    const convention = conventions.find(({ name }) => name === resize) as InputConvention
    const others = otherInputs(model, input.name)
    const run = (values: Float32Array) =>
      model.run({
        ...others,
        [input.name]: model.tensor(
          'float32',
          laidOut([values], batch, side, input.layout),
          shapeOf(input.layout, batch, side),
        ),
      })
    const wanted = { width, patches, batch }
    const output = outputOf(await run(new Float32Array(side * side * 3)), wanted, model.file)
    const { sha256 } = await model.source(model.file)
    return {
      sha256,
      sentence: `${patches} patches of width ${width} by ${model.file}, sha256 ${sha256}, pictures prepared by "${resize}" (${convention.words(side)})`,
      async encode(pixels, from) {
        const picture = { width: from, height: from, channels: 3, data: pixels }
        const outputs = await run(convention.prepare(picture, side))
        return vectorsOf(outputs[output] as ort.Tensor, wanted)
      },
      dispose: () => model.dispose(),
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}

interface Wanted {
  width: number
  patches: number
  batch: number
}

/** Which output has the vectors; in the others' order the first one. */
function outputOf(outputs: Record<string, ort.Tensor>, wanted: Wanted, file: string): string {
  const found = Object.entries(outputs).find(([, tensor]) => layoutOf(tensor, wanted) !== null)
  if (found) return found[0]
  const given = Object.entries(outputs).map(([name, { type, dims }]) => `${name} ${type}[${dims.join(', ')}]`)
  throw new ExtractorError(
    `${file} has no output of ${wanted.patches} vectors of width ${wanted.width} a picture, as multimodal.encoder says; it has ${given.join(', ')}`,
  )
}

/** Where the vectors are: after a class token, or not; of maps, whether the width comes first. */
function layoutOf({ type, dims }: ort.Tensor, { width, patches, batch }: Wanted) {
  if (type !== 'float32' || dims[0] !== batch) return null
  const [, second, third, last] = dims
  if (dims.length === 3 && third === width && (second === patches || second === patches + 1))
    return { skip: second - patches, widthFirst: false }
  if (dims.length !== 4) return null
  if (last === width && (second as number) * (third as number) === patches) return { skip: 0, widthFirst: false }
  if (second === width && (third as number) * (last as number) === patches) return { skip: 0, widthFirst: true }
  return null
}

/** Those of the first picture. */
function vectorsOf(tensor: ort.Tensor, wanted: Wanted): Float32Array {
  const { width, patches } = wanted
  const { skip, widthFirst } = layoutOf(tensor, wanted) as NonNullable<ReturnType<typeof layoutOf>>
  const values = tensor.data as Float32Array
  if (!widthFirst) return values.slice(skip * width, (skip + patches) * width)
  const vectors = new Float32Array(patches * width)
  for (let patch = 0; patch < patches; patch++)
    for (let at = 0; at < width; at++) vectors[patch * width + at] = values[at * patches + patch] as number
  return vectors
}
