import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { referenceFolder } from '../parity/reference.ts'

const modelConfig = z.looseObject({
  vocab_size: z.int(),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  tie_word_embeddings: z.boolean(),
})
const tokenizer = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })),
  model: z.looseObject({
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
})

/** Question, answer, end: so short that both fit into the context of a tiny model. */
const SHORT_TEMPLATE =
  "{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'user' %} {% else %}{{ eos_token }}{% endif %}{% endfor %}"

/**
 * Makes a folder of a tiny LLaMA with a tokenizer out of the reference cases: the weights of llama-tiny, and the byte-level
 * BPE of eval-tokenizer, cut to as many tokens as the model has.
 * @returns settings of `language` that describe it
 */
export function makeTinyLlama(folder: string, variant: 'tied' | 'untied'): Record<string, unknown> {
  cpSync(join(referenceFolder, 'llama-tiny', variant), folder, { recursive: true })
  const shape = modelConfig.parse(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))
  const whole = tokenizer.parse(
    JSON.parse(readFileSync(join(referenceFolder, 'eval-tokenizer', 'bpe', 'tokenizer.json'), 'utf8')),
  )
  const kept = Object.fromEntries(Object.entries(whole.model.vocab).filter(([, id]) => id < shape.vocab_size))
  const merges = whole.model.merges.filter((merge) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge
    return [left, right, `${left}${right}`].every((token) => token !== undefined && token in kept)
  })
  writeFileSync(
    join(folder, 'tokenizer.json'),
    JSON.stringify({ ...whole, model: { ...whole.model, vocab: kept, merges } }),
  )
  const end = whole.added_tokens.at(-1)?.content
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ eos_token: end, chat_template: SHORT_TEMPLATE }),
  )
  return {
    model: 'path',
    path: folder,
    vocabulary: shape.vocab_size,
    width: shape.hidden_size,
    layers: shape.num_hidden_layers,
    heads: shape.num_attention_heads,
    keyValueHeads: shape.num_key_value_heads,
    feedForward: shape.intermediate_size,
    tied: shape.tie_word_embeddings,
    context: Math.min(96, shape.max_position_embeddings),
  }
}
