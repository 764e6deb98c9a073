import { EMBEDDING, HEAD, type LlamaShape, llamaSpecs } from '../llama.ts'
import { LORA_TARGETS } from '../lora.ts'
import { WeightsError } from './weight-file.ts'
import type { WeightTensor } from './weight-tensor.ts'

/** A decoder whose weights lie in files. */
export interface LlamaWeights {
  /** The folder or file, for messages. */
  source: string
  shape: LlamaShape
  /** Rows of the embedding table. */
  vocabulary: number
  /** Longest sequence that the model was made for, tokens; 0 if the files do not say. */
  context: number
  /** By our names: exactly those of `llamaSpecs(shape, vocabulary)`. */
  tensors: Readonly<Record<string, WeightTensor>>
  close(): Promise<void>
}

/** What a format calls our parameters. */
export interface LlamaNames {
  embedding: string
  norm: string
  head: string
  /** Before the number of a layer. */
  layer: string
  attention_norm: string
  q: string
  k: string
  v: string
  o: string
  feed_norm: string
  gate: string
  up: string
  down: string
}
export const HUGGING_FACE_NAMES: LlamaNames = {
  embedding: 'model.embed_tokens',
  norm: 'model.norm',
  head: 'lm_head',
  layer: 'model.layers.',
  attention_norm: 'input_layernorm',
  q: 'self_attn.q_proj',
  k: 'self_attn.k_proj',
  v: 'self_attn.v_proj',
  o: 'self_attn.o_proj',
  feed_norm: 'post_attention_layernorm',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
}
export const GGUF_NAMES: LlamaNames = {
  embedding: 'token_embd',
  norm: 'output_norm',
  head: 'output',
  layer: 'blk.',
  attention_norm: 'attn_norm',
  q: 'attn_q',
  k: 'attn_k',
  v: 'attn_v',
  o: 'attn_output',
  feed_norm: 'ffn_norm',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
}

/** Their name of one of our parameters, without ".weight" at its end. */
export function theirName(ours: string, names: LlamaNames): string {
  const inLayer = /^layer(\d+)\.(\w+)$/.exec(ours)
  const key = (inLayer?.[2] ?? { [EMBEDDING]: 'embedding', [HEAD]: 'head' }[ours] ?? ours) as keyof LlamaNames
  if (!Object.hasOwn(names, key)) throw new Error(`"${ours}" is no parameter of the decoder`)
  return inLayer ? `${names.layer}${inLayer[1]}.${names[key]}` : names[key]
}

/** Our name of one of their linear weights in a layer (without ".weight" at its end), or null if it is none. */
export function ourLinear(theirs: string, names: LlamaNames): string | null {
  if (!theirs.startsWith(names.layer)) return null
  const [, layer, part] = /^(\d+)\.(.+)$/.exec(theirs.slice(names.layer.length)) ?? []
  const target = LORA_TARGETS.find((each) => names[each] === part)
  return target && layer ? `layer${Number(layer)}.${target}` : null
}

/**
 * Our parameters from a format's tensors.
 * @param theirs names of the tensors that there are
 * @param tensorOf the tensor of their name; `ours` says which of our parameters it is
 * @throws WeightsError if a tensor is missing, has another shape than the config gives it, or is one that the decoder has not
 */
export function llamaTensors(
  source: string,
  shape: LlamaShape,
  vocabulary: number,
  names: LlamaNames,
  theirs: ReadonlySet<string>,
  tensorOf: (theirs: string, ours: string) => WeightTensor,
): Record<string, WeightTensor> {
  checkShape(source, shape, theirs.size)
  const tensors: Record<string, WeightTensor> = {}
  const missing: string[] = []
  const unused = new Set(theirs)
  for (const [ours, spec] of Object.entries(llamaSpecs(shape, vocabulary))) {
    const name = `${theirName(ours, names)}.weight`
    if (!unused.delete(name)) {
      missing.push(name)
      continue
    }
    const tensor = tensorOf(name, ours)
    if (tensor.shape.join() !== spec.shape.join())
      throw new WeightsError(
        `${source}: "${name}" is [${tensor.shape}], but the model's numbers (width ${shape.width}, ${shape.heads} heads, ${shape.keyValueHeads} key-value heads, feed-forward ${shape.feedForward}, vocabulary ${vocabulary}) make it [${spec.shape}]`,
      )
    tensors[ours] = tensor
  }
  if (missing.length > 0)
    throw new WeightsError(
      `${source}: ${missing.length} tensors are missing: ${some(missing)}; the download is incomplete`,
    )
  if (unused.size > 0)
    throw new WeightsError(
      `${source}: ${unused.size} tensors are no part of a LLaMA decoder: ${some([...unused])}; models with such parts cannot be loaded`,
    )
  return tensors
}

const some = (list: readonly string[]): string => `${list.slice(0, 4).join(', ')}${list.length > 4 ? ', …' : ''}`

/** @throws WeightsError for numbers of which no decoder can be made */
function checkShape(source: string, shape: LlamaShape, tensors: number): void {
  const { width, layers, heads, keyValueHeads, headWidth = width / heads } = shape
  const problem =
    // Before anything is made per layer.
    layers > tensors
      ? `${layers} layers are claimed, but there are ${tensors} tensors in all`
      : heads % keyValueHeads !== 0
        ? `${heads} heads cannot share ${keyValueHeads} key-value heads evenly`
        : headWidth % 2 !== 0
          ? `a head of ${headWidth} (width ${width}, ${heads} heads) has no rotary pairs: it must be an even number`
          : ''
  if (problem) throw new WeightsError(`${source}: ${problem}`)
}
