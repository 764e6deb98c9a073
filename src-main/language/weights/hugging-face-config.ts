import { z } from 'zod'
import type { LlamaShape } from '../llama.ts'
import type { RopeScaling } from '../rope-scaling.ts'
import { WeightsError } from './weight-file.ts'

const size = z.int().positive()
const rope = z.object({
  rope_theta: z.number().positive().optional(),
  rope_type: z.string().optional(),
  /** Name of rope_type in the oldest files. */
  type: z.string().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
})
const config = z.object({
  model_type: z.string(),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size.optional(),
  hidden_act: z.string().default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  sliding_window: size.nullish(),
  quantization_config: z.unknown().optional(),
  /** transformers 5 */
  rope_parameters: rope.nullish(),
  /** transformers 4 */
  rope_theta: z.number().positive().nullish(),
  rope_scaling: rope.nullish(),
})
type Config = z.infer<typeof config>

/** Model types whose decoder is LLaMA's. */
const TYPES = ['llama', 'mistral']

/**
 * A config.json of transformers 4 or 5.
 * @throws WeightsError naming the entry that is wrong, or that asks for something which the decoder does not do
 */
export function readConfig(path: string, json: unknown): { shape: LlamaShape; vocabulary: number; context: number } {
  const parsed = config.safeParse(json)
  if (!parsed.success) throw new WeightsError(`${path}: ${z.prettifyError(parsed.error)}`)
  const read = parsed.data
  const refuse = refused(read)
  if (refuse) throw new WeightsError(`${path}: ${refuse}`)
  const scaling = readScaling(path, read)
  const heads = read.num_attention_heads
  return {
    vocabulary: read.vocab_size,
    context: read.max_position_embeddings ?? 0,
    shape: {
      width: read.hidden_size,
      layers: read.num_hidden_layers,
      heads,
      keyValueHeads: read.num_key_value_heads ?? heads,
      feedForward: read.intermediate_size,
      headWidth: read.head_dim ?? read.hidden_size / heads,
      ropeTheta: read.rope_parameters?.rope_theta ?? read.rope_theta ?? 10_000,
      rmsEpsilon: read.rms_norm_eps,
      untied: !read.tie_word_embeddings,
      ...(scaling ? { ropeScaling: scaling } : {}),
    },
  }
}

/** What the decoder does not do, or ''. */
function refused(read: Config): string {
  if (!TYPES.includes(read.model_type))
    return `model_type is "${read.model_type}"; ${TYPES.join(' and ')} can be loaded`
  if (read.hidden_act !== 'silu') return `hidden_act is "${read.hidden_act}"; silu can be run`
  if (read.attention_bias) return 'attention_bias is true; layers without bias can be run'
  if (read.mlp_bias) return 'mlp_bias is true; layers without bias can be run'
  if (read.sliding_window)
    return `sliding_window is ${read.sliding_window}; attention over the whole context can be run`
  if (read.quantization_config)
    return 'its weights are quantised in a way of their own (quantization_config); take the unquantised ones, or a GGUF file'
  return ''
}

function readScaling(path: string, read: Config): RopeScaling | null {
  const stretched = { ...read.rope_scaling, ...read.rope_parameters }
  const kind = stretched.rope_type ?? stretched.type ?? 'default'
  const given = <Key extends keyof typeof stretched>(key: Key): NonNullable<(typeof stretched)[Key]> => {
    const value = stretched[key]
    if (value === undefined) throw new WeightsError(`${path}: rotary positions of type "${kind}" need ${key}`)
    return value as NonNullable<typeof value>
  }
  if (kind === 'default') return null
  if (kind === 'linear') return { kind, factor: given('factor') }
  if (kind !== 'llama3')
    throw new WeightsError(`${path}: rotary positions of type "${kind}"; default, linear and llama3 can be run`)
  return {
    kind,
    factor: given('factor'),
    lowFrequencyFactor: given('low_freq_factor'),
    highFrequencyFactor: given('high_freq_factor'),
    context: given('original_max_position_embeddings'),
  }
}
