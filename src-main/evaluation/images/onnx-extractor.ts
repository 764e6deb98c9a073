import type * as ort from 'onnxruntime-node'
import type { Raster } from '../resampling.ts'
import { type Extractor, ExtractorError } from './extractor.ts'
import { clip, type InputConvention, imageNet, plain, tf1 } from './input-conventions.ts'
import { openOnnxModel, pictureInput } from './onnx-model.ts'
import { laidOut, otherInputs, shapeOf } from './onnx-pictures.ts'

/** A known network that a user can bring: what its distance is called, what it takes and gives. */
export interface KnownNetwork {
  title: string
  distance: string
  convention: InputConvention
  side: number
  /** Features that it must give; null: any number. */
  width: number | null
  /** Which outputs are features and logits, by the numbers a picture has in them. */
  logits: (count: number) => boolean
}

const noLogits = () => false

export const knownNetworks: Readonly<Record<string, KnownNetwork>> = {
  inception: {
    title: 'Inception v3 (FID port)',
    distance: 'FID',
    convention: tf1,
    side: 299,
    width: 2048,
    logits: (count) => count >= 1000 && count <= 1008,
  },
  clip: { title: 'CLIP', distance: 'FD-CLIP', convention: clip, side: 224, width: null, logits: noLogits },
  vgg16: { title: 'VGG16', distance: 'FD-VGG16', convention: imageNet, side: 224, width: null, logits: noLogits },
}

/** Outputs of CLIP exports that are embeddings of pictures. */
const IMAGE_EMBEDDINGS = /^(image_embeds|image_embeddings|image_features)$/

/** Pictures together where a model takes any number. */
const BATCH = 8

/**
 * A network as an ONNX file of the user's.
 * @param kind of `knownNetworks`; any other name stands for itself, and its features are the first output
 * @param convention instead of the network's own
 * @throws ExtractorError saying what the file lacks
 */
export async function openOnnxExtractor(
  kind: string,
  path: string,
  { threads, convention }: { threads: number; convention?: InputConvention | undefined },
): Promise<Extractor> {
  const known: KnownNetwork = knownNetworks[kind] ?? {
    ...{ title: kind, distance: `FD-${kind}`, convention: plain, side: 224, width: null, logits: noLogits },
  }
  const model = await openOnnxModel(path, threads)
  try {
    const input = pictureInput(model)
    const used = convention ?? known.convention
    const side = input.side ?? known.side
    const batch = input.batch ?? BATCH
    const others = otherInputs(model, input.name)
    const feed = async (prepared: readonly Float32Array[]): Promise<Record<string, Output>> => {
      const images = model.tensor(
        'float32',
        laidOut(prepared, batch, side, input.layout),
        shapeOf(input.layout, batch, side),
      )
      return outputsOf(await model.run({ ...others, [input.name]: images }), batch)
    }
    const roles = assign(kind, known, model.file, await feed([new Float32Array(side * side * 3)]))
    return {
      source: await model.source(known.title),
      distance: known.distance,
      width: roles.width,
      classes: roles.classes,
      batch,
      resize: used.words(side),
      warnings: warningsOf(kind, known, used),
      prepare: (picture: Raster<Uint8Array>) => used.prepare(picture, side),
      async run(prepared) {
        const outputs = await feed(prepared)
        const part = (name: string | null, count: number) =>
          name === null ? new Float32Array(0) : (outputs[name] as Output).values.subarray(0, prepared.length * count)
        return { features: part(roles.features, roles.width), logits: part(roles.logits, roles.classes) }
      },
      dispose: () => model.dispose(),
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}

function warningsOf(kind: string, known: KnownNetwork, used: InputConvention): string[] {
  const warnings =
    kind in knownNetworks
      ? [
          `Nothing proves that the file holds the published weights of ${known.title}; its sha256 tells which file it was.`,
        ]
      : []
  if (used !== known.convention)
    warnings.push(
      `Pictures were prepared by "${used.name}" and not by the network's own "${known.convention.name}": not comparable with figures made that way.`,
    )
  return warnings
}

/** One number list a picture. */
interface Output {
  count: number
  values: Float32Array
}

/** Float outputs that have so many pictures; maps [B, C, h, w] become their means over positions. */
function outputsOf(results: Record<string, ort.Tensor>, batch: number): Record<string, Output> {
  const outputs: Record<string, Output> = {}
  for (const [name, { type, dims, data }] of Object.entries(results)) {
    if (type !== 'float32' || dims[0] !== batch || dims.length < 2) continue
    const count = dims[1] as number
    const positions = dims.slice(2).reduce((product, size) => product * size, 1)
    const values = data as Float32Array
    outputs[name] = { count, values: positions === 1 ? values : meansOver(values, positions) }
  }
  return outputs
}

function meansOver(values: Float32Array, positions: number): Float32Array {
  return Float32Array.from({ length: values.length / positions }, (_, at) => {
    let sum = 0
    for (let place = 0; place < positions; place++) sum += values[at * positions + place] as number
    return sum / positions
  })
}

function assign(kind: string, known: KnownNetwork, file: string, outputs: Record<string, Output>) {
  const entries = Object.entries(outputs)
  const features =
    entries.find(([name]) => kind === 'clip' && IMAGE_EMBEDDINGS.test(name)) ??
    entries.find(([, { count }]) => (known.width === null ? !known.logits(count) : count === known.width))
  if (!features)
    throw new ExtractorError(
      `${file} has no output of ${known.width ?? 'any number of'} features a picture, which ${known.title} gives; it has ${entries.map(([name, { count }]) => `${name} of ${count}`).join(', ') || 'none in float32'}`,
    )
  const logits = entries.find(([name, { count }]) => name !== features[0] && known.logits(count))
  return {
    features: features[0],
    width: features[1].count,
    logits: logits?.[0] ?? null,
    classes: logits?.[1].count ?? 0,
  }
}
