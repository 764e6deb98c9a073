import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { llamaSpecs } from '../src-main/language/llama.ts'
import { BLOCKS, type StoredType } from '../src-main/language/weights/dequantise.ts'
import { openGguf } from '../src-main/language/weights/gguf.ts'
import { readGgufVocabulary } from '../src-main/language/weights/gguf-vocabulary.ts'
import { GGUF_NAMES, HUGGING_FACE_NAMES, theirName } from '../src-main/language/weights/llama-weights.ts'
import { openLlamaWeights } from '../src-main/language/weights/open.ts'
import { openSafetensors } from '../src-main/language/weights/safetensors.ts'
import { WeightsError } from '../src-main/language/weights/weight-file.ts'
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type StoredTensor } from '../src-shared/safetensors.ts'
import { encodeGguf, type MetadataValue } from './fakes/gguf-file.ts'
import { mutated, type Outcomes, tryMutations } from './fakes/mutate.ts'
import { temporaryFolder } from './fakes/temporary-folder.ts'

/** Broken files of weights: each is read or refused by the error of its reader, quickly and in the memory that it justifies. */
const COUNT = 2000
/** A weight of 4.5 bits becomes a float of 32; the table of all halves has 256 KiB and is made once. */
const most = (file: Buffer): number => (256 << 10) + 16 * file.length

let root: string
beforeEach(() => {
  root = temporaryFolder()
})
const isWeightsError = (error: unknown): boolean => error instanceof WeightsError
const bothHappened = ({ read, refused }: Outcomes): void => {
  expect(read + refused).toBe(COUNT)
  expect(Math.min(read, refused)).toBeGreaterThan(COUNT / 50)
}
/** Runs both, and throws what either throws that is no refusal; or a refusal. */
async function both(one: () => Promise<unknown>, two: () => Promise<unknown>): Promise<void> {
  const first = await one().then(
    () => null,
    (error: unknown) => error,
  )
  if (first !== null && !isWeightsError(first)) throw first
  await two()
  if (first !== null) throw first
}

const shape = { width: 32, layers: 1, heads: 2, keyValueHeads: 1, feedForward: 32, headWidth: 16, untied: false }
const VOCABULARY = 8
const specs = Object.entries(llamaSpecs(shape, VOCABULARY))
const elements = (sides: readonly number[]): number => sides.reduce((product, side) => product * side, 1)

describe('of thousands of broken files each is read or refused with one clear error', () => {
  test('GGUF', async () => {
    const types: [number, StoredType][] = [
      [0, 'F32'],
      [1, 'F16'],
      [2, 'Q4_0'],
      [3, 'Q4_1'],
      [8, 'Q8_0'],
      [30, 'BF16'],
    ]
    const metadata: Record<string, MetadataValue> = {
      'general.architecture': { type: 'string', value: 'llama' },
      'llama.embedding_length': { type: 'u32', value: 32 },
      'llama.block_count': { type: 'u32', value: 1 },
      'llama.attention.head_count': { type: 'u32', value: 2 },
      'llama.attention.head_count_kv': { type: 'u32', value: 1 },
      'llama.feed_forward_length': { type: 'u32', value: 32 },
      'llama.context_length': { type: 'u32', value: 64 },
      'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
      'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
      'tokenizer.ggml.pre': { type: 'string', value: 'smollm' },
      'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'c', 'd', 'ab', 'cd', '<s>', '</s>'] },
      'tokenizer.ggml.merges': { type: 'strings', value: ['a b', 'c d'] },
      'tokenizer.ggml.token_type': { type: 'i32s', value: [1, 1, 1, 1, 1, 1, 3, 3] },
      'tokenizer.ggml.eos_token_id': { type: 'u32', value: 7 },
    }
    const tensors = specs.map(([name, { shape: sides }], at) => {
      const [type, stored] = types[sides.length === 1 ? 0 : at % types.length] as [number, StoredType]
      const { elements: per, bytes } = BLOCKS[stored]
      const data = Buffer.alloc((elements(sides) / per) * bytes, at)
      return { name: `${theirName(name, GGUF_NAMES)}.weight`, shape: sides, type, bytes: data }
    })
    const extra = { name: 'extra', shape: [1, 256], type: 12, bytes: Buffer.alloc(BLOCKS.Q4_K.bytes, 1) }
    const file = encodeGguf(metadata, [...tensors, extra])
    const header =
      file.length - [...tensors, extra].reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 32) * 32, 0)
    const path = join(root, 'model.gguf')
    const outcomes = await tryMutations(
      COUNT,
      (seed) => mutated(file, seed, [0, header]),
      async (bytes) => {
        writeFileSync(path, bytes)
        await both(
          async () => {
            const gguf = await openGguf(path)
            try {
              for (const name of gguf.names) {
                await gguf.tensor(name).read()
                await gguf.tensor(name).readRaw()
              }
            } finally {
              await gguf.close()
            }
          },
          async () => {
            await readGgufVocabulary(path).catch((error: unknown) => {
              if (!isWeightsError(error)) throw error
            })
            await openLlamaWeights(path)
              .then(async (weights) => {
                for (const tensor of Object.values(weights.tensors)) await tensor.read()
                await weights.close()
              })
              .catch((error: unknown) => {
                if (!isWeightsError(error)) throw error
              })
          },
        )
      },
      isWeightsError,
      most,
    )
    bothHappened(outcomes)
  }, 120_000)

  test('safetensors', async () => {
    const tensors: Record<string, StoredTensor> = Object.fromEntries(
      specs.map(([name, { shape: sides }]) => [
        `${theirName(name, HUGGING_FACE_NAMES)}.weight`,
        { dtype: 'F32', shape: [...sides], data: new Float32Array(elements(sides)).fill(0.5) },
      ]),
    )
    const small: Record<string, StoredTensor> = {
      floats: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      ints: { dtype: 'I32', shape: [4], data: Int32Array.of(1, 2, 3, 4) },
      longs: { dtype: 'I64', shape: [], data: BigInt64Array.of(5n) },
      bytes: { dtype: 'U8', shape: [3, 1], data: Uint8Array.of(1, 2, 3) },
    }
    writeFileSync(
      join(root, 'config.json'),
      JSON.stringify({
        model_type: 'llama',
        vocab_size: VOCABULARY,
        hidden_size: 32,
        intermediate_size: 32,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        max_position_embeddings: 64,
        rms_norm_eps: 1e-5,
        rope_theta: 1e4,
        tie_word_embeddings: true,
      }),
    )
    const files = [Buffer.from(encodeSafetensors(small, { note: 'x' })), Buffer.from(encodeSafetensors(tensors))]
    const path = join(root, 'model.safetensors')
    const outcomes = await tryMutations(
      COUNT,
      (seed) => {
        const file = files[seed % 2] as Buffer
        return mutated(file, seed, [0, 8 + Number(file.readBigUInt64LE(0))])
      },
      async (bytes) => {
        writeFileSync(path, bytes)
        try {
          decodeSafetensors(bytes)
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error
        }
        await both(
          async () => {
            const opened = await openSafetensors(path)
            try {
              for (const name of opened.names) await opened.tensor(name).read()
            } finally {
              await opened.close()
            }
          },
          () =>
            openLlamaWeights(root)
              .then((weights) => weights.close())
              .catch((error: unknown) => {
                if (!isWeightsError(error)) throw error
              }),
        )
      },
      isWeightsError,
      most,
    )
    bothHappened(outcomes)
  }, 120_000)
})
