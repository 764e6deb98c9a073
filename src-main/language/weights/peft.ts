import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { encodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { float32, type HostTensor } from '../../engine/runtimes/runtime.ts'
import { loraA, loraB } from '../linear.ts'
import { readJson } from './json-file.ts'
import { HUGGING_FACE_NAMES, ourLinear, theirName } from './llama-weights.ts'
import { openSafetensors } from './safetensors.ts'
import { WeightsError } from './weight-file.ts'

const CONFIG = 'adapter_config.json'
const WEIGHTS = 'adapter_model.safetensors'
/** Names of an adapter's files in its folder. */
export const ADAPTER_FILES = [CONFIG, WEIGHTS] as const
const PREFIX = 'base_model.model.'
const ENDS = { a: '.lora_A.weight', b: '.lora_B.weight' }

/** A low-rank adapter as PEFT saves it. */
export interface Adapter {
  /** α; the scale of a layer is α over the rank of its A. */
  alpha: number
  /** Name or folder of the model that it belongs to, as it was saved; '' if unknown. */
  baseModel: string
  /** Share of the adapter's inputs that training set to zero. */
  dropout: number
  /** A [r, in] and B [out, r] by our names, such as "layer0.q.lora_a". */
  parameters: Record<string, HostTensor>
}

const none = z.union([z.literal(false), z.null()])
/** What makes an adapter compute something else than W + (α / r) · B A; only "not used" is read. */
const variants = {
  use_dora: none.optional(),
  use_qalora: none.optional(),
  use_bdlora: none.optional(),
  fan_in_fan_out: none.optional(),
  lora_bias: none.optional(),
  bias: z.literal('none').optional(),
  modules_to_save: z.union([z.null(), z.array(z.string()).max(0)]).optional(),
  alpha_pattern: z.record(z.string(), z.never()).nullish(),
  layer_replication: z.null().optional(),
  target_parameters: z.null().optional(),
  trainable_token_indices: z.null().optional(),
  alora_invocation_tokens: z.null().optional(),
}
const config = z.object({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(1).default(0),
  use_rslora: z.boolean().nullish(),
  base_model_name_or_path: z.string().nullish(),
  ...variants,
})

/**
 * Reads adapter_config.json and adapter_model.safetensors of a folder.
 * @throws WeightsError saying which file cannot be used and why
 */
export async function readAdapter(folder: string): Promise<Adapter> {
  const path = join(folder, CONFIG)
  const parsed = config.safeParse(await readJson(path))
  if (!parsed.success)
    throw new WeightsError(`${path}: plain LoRA adapters can be loaded, but ${z.prettifyError(parsed.error)}`)
  const { r, lora_alpha, lora_dropout, use_rslora, base_model_name_or_path } = parsed.data
  const parameters = await readParameters(join(folder, WEIGHTS))
  return {
    // Rank-stabilised adapters scale by α / √r.
    alpha: use_rslora ? lora_alpha * Math.sqrt(r) : lora_alpha,
    baseModel: base_model_name_or_path ?? '',
    dropout: lora_dropout,
    parameters,
  }
}

async function readParameters(path: string): Promise<Record<string, HostTensor>> {
  const file = await openSafetensors(path)
  try {
    const parameters: Record<string, HostTensor> = {}
    for (const name of file.names) {
      const tensor = file.tensor(name)
      parameters[ourName(path, name)] = float32(await tensor.read(), tensor.shape)
    }
    checkPairs(path, parameters)
    return parameters
  } finally {
    await file.close()
  }
}

function ourName(path: string, theirs: string): string {
  const end = Object.values(ENDS).find((each) => theirs.endsWith(each))
  const module = end && theirs.startsWith(PREFIX) ? theirs.slice(PREFIX.length, -end.length) : ''
  const ours = ourLinear(module, HUGGING_FACE_NAMES)
  if (ours) return end === ENDS.a ? loraA(ours) : loraB(ours)
  throw new WeightsError(`${path}: "${theirs}" is no adapter of a linear layer of a LLaMA decoder`)
}

/** @throws WeightsError unless each A has its B of the same rank, and the other way about */
function checkPairs(path: string, parameters: Readonly<Record<string, HostTensor>>): void {
  const layers = new Set(Object.keys(parameters).map((name) => name.replace(/\.lora_[ab]$/, '')))
  if (layers.size === 0) throw new WeightsError(`${path}: holds no adapter`)
  for (const layer of layers) {
    const [a, b] = [parameters[loraA(layer)]?.shape, parameters[loraB(layer)]?.shape]
    if (a?.length === 2 && b?.length === 2 && a[0] === b[1] && a[0] !== 0) continue
    throw new WeightsError(
      `${path}: the adapter of ${layer} has A ${a ? `[${a}]` : 'missing'} and B ${b ? `[${b}]` : 'missing'}; they should be [r, in] and [out, r]`,
    )
  }
}

/**
 * Writes an adapter as PEFT would save it, so that Python can load it over the same model.
 * @throws Error if its layers have different ranks
 */
export async function writeAdapter(folder: string, { alpha, baseModel, dropout, parameters }: Adapter): Promise<void> {
  const names = Object.keys(parameters)
  const layers = [...new Set(names.map((name) => name.replace(/\.lora_[ab]$/, '')))]
  const ranks = [...new Set(layers.map((layer) => parameters[loraA(layer)]?.shape[0]))]
  if (ranks.length !== 1) throw new Error(`an adapter of one rank is written; this one has ranks ${ranks.join(', ')}`)
  const stored: Record<string, StoredTensor> = {}
  for (const layer of layers)
    for (const [name, end] of [
      [loraA(layer), ENDS.a],
      [loraB(layer), ENDS.b],
    ] as const) {
      const tensor = parameters[name]
      if (!tensor) throw new Error(`the adapter of ${layer} lacks "${name}"`)
      const key = `${PREFIX}${theirName(layer, HUGGING_FACE_NAMES)}${end}`
      stored[key] = { dtype: 'F32', shape: [...tensor.shape], data: tensor.data }
    }
  const targets = layers.map((layer) => theirName(layer, HUGGING_FACE_NAMES).split('.').at(-1))
  const json = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: ranks[0],
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: [...new Set(targets)].sort(),
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, WEIGHTS), encodeSafetensors(stored, { format: 'pt' }))
  await writeFile(join(folder, CONFIG), `${JSON.stringify(json, null, 2)}\n`)
}
