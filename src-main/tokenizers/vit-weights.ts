import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { VitConfig } from '../../src-shared/config.ts'
import { float32, type HostTensor } from '../engine/runtimes/runtime.ts'
import { openFiles } from '../language/weights/hugging-face.ts'
import { readJson } from '../language/weights/json-file.ts'
import { openSafetensors, type SafetensorsWeights } from '../language/weights/safetensors.ts'
import { WeightsError } from '../language/weights/weight-file.ts'
import { resizePositions } from './positions.ts'
import { PIXELS, vitSpecs } from './vit.ts'
import { CLIP_NAMES, notOfTheEncoder, partsOf, VIT_NAMES } from './vit-names.ts'

/** Weights of a pretrained vision transformer, by the names of `vitSpecs`. */
export interface PretrainedVit {
  tensors: Record<string, HostTensor>
  /** Names of tensors in the files that no part of the encoder or of a known head has. */
  unknown: string[]
  /** What was read, in one sentence. */
  sentence: string
}

/**
 * Reads a Hugging Face ViT or CLIP vision model: a folder with config.json beside safetensors, or a safetensors file alone.
 * Positions of another number of patches are interpolated.
 * @param side of the pictures that it is to read, in pixels
 * @throws WeightsError naming every setting that is not the model's, or every tensor that is missing
 */
export async function readVitWeights(path: string, vit: VitConfig, side: number): Promise<PretrainedVit> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new WeightsError(`there is no file or folder ${path} with the weights of a vision transformer`)
  if (found.isDirectory()) await checkSettings(path, vit)
  const files = found.isDirectory() ? await openFiles(path) : await openOne(path)
  try {
    return await readTensors(path, files, vit, side)
  } finally {
    for (const file of new Set(files.values())) await file.close()
  }
}

async function openOne(path: string): Promise<Map<string, SafetensorsWeights>> {
  const file = await openSafetensors(path)
  return new Map(file.names.map((name) => [name, file]))
}

async function readTensors(
  path: string,
  files: Map<string, SafetensorsWeights>,
  vit: VitConfig,
  side: number,
): Promise<PretrainedVit> {
  const names = [VIT_NAMES, CLIP_NAMES].find(({ probe, prefixes }) =>
    prefixes.some((prefix) => files.has(prefix + probe)),
  )
  if (!names)
    throw new WeightsError(
      `${path} holds neither a ViT nor a CLIP vision model: it has no ${VIT_NAMES.probe} and no ${CLIP_NAMES.probe}`,
    )
  if (names.form !== vit.form)
    throw new WeightsError(
      `${path} holds a vision transformer of the form "${names.form}", but tokenizer.vit.form is "${vit.form}"; set "${names.form}"`,
    )
  const prefix = names.prefixes.find((before) => files.has(before + names.probe)) as string
  const specs = vitSpecs(vit, side)
  const wanted = Object.keys(specs).map((name) => [name, partsOf(name, names).map((part) => prefix + part)] as const)
  const missing = wanted.flatMap(([, theirs]) => theirs.filter((name) => !files.has(name)))
  if (missing.length > 0)
    throw new WeightsError(
      `${path} lacks ${missing.length} tensors of a vision transformer of ${vit.layers} layers: ${listed(missing)}; is tokenizer.vit.layers the model's?`,
    )
  const tensors: Record<string, HostTensor> = {}
  for (const [name, theirs] of wanted)
    tensors[name] = await readOne(path, name, theirs, files, vit, specs[name]?.shape as number[])
  const read = new Set(wanted.flatMap(([, theirs]) => theirs))
  const unknown = [...files.keys()].filter((name) => !read.has(name) && !notOfTheEncoder(name))
  // A model with more layers than the settings say would lose its last ones without a word.
  const further = unknown.filter((name) => name.startsWith(prefix + names.layer))
  if (further.length > 0)
    throw new WeightsError(
      `${path} has tensors of a layer beyond tokenizer.vit.layers = ${vit.layers}: ${listed(further)}; set the model's number of layers`,
    )
  return { tensors, unknown, sentence: sentenceOf(path, vit, tensors, unknown) }
}

/** One of our tensors from one of theirs, or from those of queries, keys and values one below the other. */
async function readOne(
  path: string,
  name: string,
  theirs: readonly string[],
  files: Map<string, SafetensorsWeights>,
  vit: VitConfig,
  shape: readonly number[],
): Promise<HostTensor> {
  const tensors = theirs.map((their) => (files.get(their) as SafetensorsWeights).tensor(their))
  const shapes = tensors.map((tensor) => tensor.shape)
  const fits = shapesOf(name, vit, shape, theirs.length)
  for (const [at, given] of shapes.entries())
    if (!fits(given))
      throw new WeightsError(
        `${path}: "${theirs[at]}" is [${given}], which is not the size that tokenizer.vit says (ours is [${shape}])`,
      )
  const data = await Promise.all(tensors.map((tensor) => tensor.read()))
  const first = data[0] as Float32Array
  if (name === 'patch.weight') return float32(patchRows(first, vit), shape)
  if (name === 'positions') {
    const [rows, width] = shape as [number, number]
    return float32(resizePositions(first, width, rows, vit.form === 'plain' ? 0 : 1), shape)
  }
  const whole = new Float32Array(data.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of data) {
    whole.set(part, at)
    at += part.length
  }
  return float32(whole, shape)
}

/** Whether a tensor of theirs has the shape that ours is made from. */
function shapesOf(name: string, { width, patch }: VitConfig, ours: readonly number[], parts: number) {
  const same = (wanted: readonly number[]) => (given: readonly number[]) => `${given}` === `${wanted}`
  if (name === 'patch.weight') return same([width, 3, patch, patch])
  // ViT's class token and positions have an axis of 1 before them.
  if (name === 'class') return (given: readonly number[]) => given.reduce((a, b) => a * b, 1) === width
  if (name === 'positions') {
    return (given: readonly number[]) => {
      const [rows, columns] = given.slice(-2) as [number, number]
      // A class token and a square of at least one patch.
      const square = rows > 1 && Number.isInteger(Math.sqrt(rows - 1))
      return columns === width && given.slice(0, -2).every((size) => size === 1) && square
    }
  }
  return same([(ours[0] as number) / parts, ...ours.slice(1)])
}

/** [W, 3, p, p] → [W, p · p · 3] */
function patchRows(kernel: Float32Array, { width, patch }: VitConfig): Float32Array {
  const out = new Float32Array(kernel.length)
  const area = patch * patch
  for (let row = 0; row < width; row++)
    for (let colour = 0; colour < 3; colour++)
      for (let at = 0; at < area; at++)
        out[row * 3 * area + at * 3 + colour] = kernel[(row * 3 + colour) * area + at] as number
  return out
}

const size = z.int().positive()
const modelConfig = z.object({
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  patch_size: size,
  hidden_act: z.string(),
  layer_norm_eps: z.number().positive(),
})
const wholeConfig = z.object({ vision_config: z.unknown().optional() })
const preprocessing = z.object({
  do_normalize: z.boolean().default(true),
  image_mean: z.array(z.number()).length(3),
  image_std: z.array(z.number()).length(3),
})

/** What transformers calls the activations that we have. */
const ACTIVATIONS: Record<string, VitConfig['activation']> = { gelu: 'gelu', quick_gelu: 'quick-gelu' }

/** @throws WeightsError naming every setting of tokenizer.vit that differs from the folder's */
async function checkSettings(folder: string, vit: VitConfig): Promise<void> {
  const path = join(folder, 'config.json')
  const json = await readJson(path)
  const inner = wholeConfig.safeParse(json)
  const parsed = modelConfig.safeParse(inner.data?.vision_config ?? json)
  if (!parsed.success) throw new WeightsError(`${path}: ${z.prettifyError(parsed.error)}`)
  const model = parsed.data
  const activation = ACTIVATIONS[model.hidden_act]
  if (!activation)
    throw new WeightsError(
      `${path}: hidden_act is "${model.hidden_act}"; ${Object.keys(ACTIVATIONS).join(' and ')} can be run`,
    )
  const theirs: Partial<VitConfig> = {
    patch: model.patch_size,
    width: model.hidden_size,
    layers: model.num_hidden_layers,
    heads: model.num_attention_heads,
    feedForward: model.intermediate_size,
    activation,
    epsilon: model.layer_norm_eps,
    ...(await pixelsOf(folder)),
  }
  const wrong = Object.entries(theirs).filter(([setting, value]) => vit[setting as keyof VitConfig] !== value)
  if (wrong.length > 0)
    throw new WeightsError(
      `${folder} is another model than tokenizer.vit says: set ${wrong.map(([setting, value]) => `${setting} = ${value} (it is ${vit[setting as keyof VitConfig]})`).join(', ')}`,
    )
}

/** How the model's pixels are normalised, where the folder says. */
async function pixelsOf(folder: string): Promise<{ pixels?: VitConfig['pixels'] }> {
  const path = join(folder, 'preprocessor_config.json')
  if (!existsSync(path)) return {}
  const parsed = preprocessing.safeParse(await readJson(path))
  if (!parsed.success || !parsed.data.do_normalize) return {}
  const near = (a: readonly number[], b: readonly number[]) =>
    a.every((value, at) => Math.abs(value - (b[at] as number)) < 1e-3)
  const found = Object.entries(PIXELS).find(
    ([, { mean, deviation }]) => near(mean, parsed.data.image_mean) && near(deviation, parsed.data.image_std),
  )
  if (!found)
    throw new WeightsError(
      `${path}: pixels of mean ${parsed.data.image_mean} and deviation ${parsed.data.image_std}; those of ${Object.keys(PIXELS).join(', ')} can be given`,
    )
  return { pixels: found[0] as VitConfig['pixels'] }
}

const listed = (names: readonly string[]): string =>
  names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '')

function sentenceOf(
  path: string,
  vit: VitConfig,
  tensors: Record<string, HostTensor>,
  unknown: readonly string[],
): string {
  const count = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0)
  const rest =
    unknown.length > 0 ? `; ${unknown.length} tensors of it are not known and left out: ${listed(unknown)}` : ''
  return `the encoder starts from ${path}: ${vit.layers} layers, ${(count / 1e6).toFixed(1)} M weights, ${vit.trains ? 'which learn on' : 'which stay as they are'}${rest}`
}
