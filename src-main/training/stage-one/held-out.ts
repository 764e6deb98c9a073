import { codeMapSides } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import type { DialogueSource } from '../../data/dialogues.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { float32, floats, type HostTensor, ints, number } from '../../engine/runtimes/runtime.ts'
import { setPerplexity, usedCodes } from '../../evaluation/codebook-usage.ts'
import { textBatch } from '../../language/text-batch.ts'
import type { TextLayout } from '../../language/text-layout.ts'
import type { FeatureDistance } from './feature-distance.ts'
import type { StageOneNetworks } from './networks.ts'
import type { StageOnePrograms } from './programs.ts'
import { clipped, ReconstructionMetrics } from './reconstruction-metrics.ts'

/** Pictures as [B, S, S, 3] in [−1, 1]. */
export function imageBatch(pictures: PictureSet, indices: readonly number[]): HostTensor {
  const size = pictures.resolution * pictures.resolution * 3
  const pixels = new Uint8Array(indices.length * size)
  for (const [row, index] of indices.entries()) pixels.set(pictures.pixels(index), row * size)
  return imagesOf(pixels, pictures.resolution)
}

/** @param pixels U8 [B, S, S, 3] @returns float32 [B, S, S, 3] in [−1, 1] */
export function imagesOf(pixels: Uint8Array, side: number): HostTensor {
  const data = new Float32Array(pixels.length)
  for (let at = 0; at < data.length; at++) data[at] = (pixels[at] as number) / 127.5 - 1
  return float32(data, [pixels.length / (side * side * 3), side, side, 3])
}

/** [−1, 1] → 0…255, rounded and clipped. */
export function toPixels(values: Float32Array): Uint8Array {
  const pixels = new Uint8Array(values.length)
  for (let at = 0; at < values.length; at++)
    pixels[at] = Math.max(0, Math.min(255, Math.round(((values[at] as number) + 1) * 127.5)))
  return pixels
}

export interface HeldOutResult {
  metrics: Record<string, number>
  /** Pictures that were measured. */
  count: number
  /** The first pictures' reconstruction and code maps, for the sample file. */
  sample: Record<string, StoredTensor>
  /** [K] hits of each code over all layers. */
  hits: Int32Array
}

/** The held-out pictures that are measured: those that samples show, and of the others some, evenly, up to the config's number. */
export function evaluatedPictures({ training }: ExperimentConfig, heldOut: readonly number[]): readonly number[] {
  const shown = Math.min(training.samplePictures, heldOut.length)
  const more = training.evaluatePictures - shown
  if (training.evaluatePictures === 0) return heldOut
  return [
    ...heldOut.slice(0, shown),
    ...(more > 0 ? spread(heldOut.length - shown, more) : []).map((at) => heldOut[shown + at] as number),
  ]
}

/**
 * Reconstructs the held-out pictures and measures reconstruction and codebook usage over all of them.
 * @param codes K
 * @param featureDistance measures as well, where it is given
 */
export async function evaluatePictures(
  config: ExperimentConfig,
  pictures: PictureSet,
  programs: StageOnePrograms,
  codes: number,
  networks: StageOneNetworks,
  featureDistance: FeatureDistance | null,
): Promise<HeldOutResult> {
  const sides = codeMapSides(config)
  const { resolution } = pictures
  const heldOut = evaluatedPictures(config, pictures.heldOut)
  const { batchSize } = config.training
  const shown = Math.min(config.training.samplePictures, heldOut.length)
  const counts = sides.map(() => new Int32Array(codes))
  const shownCodes = sides.map((side) => new Int32Array(shown * side * side))
  const reconstruction = new Uint8Array(shown * resolution * resolution * 3)
  const measured = new ReconstructionMetrics(resolution, Object.keys(networks.heldOut))
  await featureDistance?.begin(heldOut, (some) => imageBatch(pictures, some).data as Float32Array)
  for (let begin = 0; begin < heldOut.length; begin += batchSize) {
    const batch = heldOut.slice(begin, begin + batchSize)
    // The last batch is filled up with its first picture; what that adds is left out again below.
    const padded = [...batch, ...Array.from({ length: batchSize - batch.length }, () => batch[0] as number)]
    const images = imageBatch(pictures, padded)
    const out = await programs.reconstruct.run({ images })
    measured.add(images, out, batch.length)
    await featureDistance?.add(clipped(floats(out, 'reconstruction')), batch.length)
    const keep = Math.max(0, Math.min(shown - begin, batch.length))
    reconstruction.set(
      toPixels(floats(out, 'reconstruction').subarray(0, keep * resolution * resolution * 3)),
      begin * resolution * resolution * 3 * (keep > 0 ? 1 : 0),
    )
    for (const [layer, side] of sides.entries()) {
      const map = ints(out, `codes.${layer}`).subarray(0, batch.length * side * side)
      for (const code of map) (counts[layer] as Int32Array)[code] = ((counts[layer] as Int32Array)[code] as number) + 1
      if (keep > 0) shownCodes[layer]?.set(map.subarray(0, keep * side * side), begin * side * side)
    }
  }
  const sample: Record<string, StoredTensor> = {
    reconstruction: { dtype: 'U8', shape: [shown, resolution, resolution, 3], data: reconstruction },
  }
  const metrics = measured.means()
  const total = new Int32Array(codes)
  for (const [layer, side] of sides.entries()) {
    const hits = counts[layer] as Int32Array
    sample[`codes.${layer}`] = { dtype: 'I32', shape: [shown, side, side], data: shownCodes[layer] as Int32Array }
    sample[`usage.${layer}`] = { dtype: 'I32', shape: [codes], data: hits }
    metrics[`usage.codes.${layer}`] = usedCodes(hits)
    metrics[`usage.anyHit.${layer}`] = usedCodes(hits) / codes
    metrics[`perplexity.set.${layer}`] = setPerplexity(hits)
    for (const [code, count] of hits.entries()) total[code] = (total[code] as number) + count
  }
  return { metrics, count: heldOut.length, sample, hits: total }
}

/** Places of so many of a list, evenly over it. @param wanted 0: all */
const spread = (count: number, wanted: number): number[] =>
  wanted === 0 || wanted >= count
    ? Array.from({ length: count }, (_, at) => at)
    : Array.from({ length: wanted }, (_, at) => Math.floor((at * count) / wanted))

/**
 * exp of the mean cross-entropy over all answer tokens of the held-out texts that are evaluated.
 * @throws Error if none of them has an answer token within the context
 */
export async function heldOutPerplexity(
  config: ExperimentConfig,
  { heldOut }: DialogueSource,
  layout: TextLayout,
  programs: StageOnePrograms,
): Promise<number> {
  const { batchSize, context } = config.language
  let total = 0
  let counted = 0
  const chosen = spread(heldOut.count, config.training.evaluateTexts)
  for (let begin = 0; begin < chosen.length; begin += batchSize) {
    const dialogues = await heldOut.read(chosen.slice(begin, begin + batchSize))
    const { tokens, labels } = textBatch(dialogues, layout, context)
    const out = await programs.languageLoss.run(padRows(tokens, labels, batchSize, context))
    const tokensHere = number(out, 'counted')
    total += number(out, 'loss') * tokensHere
    counted += tokensHere
  }
  if (counted === 0)
    throw new Error(
      `none of the ${chosen.length} held-out texts has an answer token within ${context} tokens; raise language.context`,
    )
  return Math.exp(total / counted)
}

/** Fills a last, short batch with rows that have no labels. */
function padRows(
  tokens: HostTensor,
  labels: HostTensor,
  batchSize: number,
  context: number,
): { tokens: HostTensor; labels: HostTensor } {
  const rows = new Int32Array(batchSize * context)
  const targets = new Int32Array(batchSize * context).fill(-100)
  rows.set(tokens.data as Int32Array)
  targets.set(labels.data as Int32Array)
  return {
    tokens: { dtype: 'int32', shape: [batchSize, context], data: rows },
    labels: { dtype: 'int32', shape: [batchSize * context], data: targets },
  }
}
