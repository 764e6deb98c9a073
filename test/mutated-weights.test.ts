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
import { mutated, tryMutations } from './fakes/mutate.ts'
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
/** Reads what may be refused. @returns the refusal, or null @throws what is none */
async function refusalOf(
  read: () => unknown,
  isRefusal: (error: unknown) => boolean = isWeightsError,
): Promise<unknown> {
  try {
    await read()
    return null
  } catch (error) {
    if (isRefusal(error)) return error
    throw error
  }
}

/** Reads what is in an open file, and closes it whatever happens. */
async function readAll(open: { close(): Promise<void> }, read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } finally {
    await open.close()
  }
}

/** What every broken file of a kind goes through. @param read the kind's own reader, whose refusal counts; @param besides readers that may refuse as well */
async function expectRefusals(
  broken: (seed: number) => Buffer,
  path: string,
  read: () => Promise<unknown>,
  besides: readonly ((bytes: Buffer) => Promise<unknown>)[],
): Promise<void> {
  const outcomes = await tryMutations(
    COUNT,
    broken,
    async (bytes) => {
      writeFileSync(path, bytes)
      const refusal = await refusalOf(read)
      for (const other of besides) await other(bytes)
      if (refusal !== null) throw refusal
    },
    isWeightsError,
    most,
  )
  expect(outcomes.read + outcomes.refused).toBe(COUNT)
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(COUNT / 50)
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
    await expectRefusals(
      (seed) => mutated(file, seed, [0, header]),
      path,
      async () => {
        const gguf = await openGguf(path)
        await readAll(gguf, async () => {
          for (const name of gguf.names) {
            await gguf.tensor(name).read()
            await gguf.tensor(name).readRaw()
          }
        })
      },
      [
        () => refusalOf(() => readGgufVocabulary(path)),
        () =>
          refusalOf(async () => {
            const weights = await openLlamaWeights(path)
            await readAll(weights, async () => {
              for (const tensor of Object.values(weights.tensors)) await tensor.read()
            })
          }),
      ],
    )
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
    await expectRefusals(
      (seed) => {
        const file = files[seed % 2] as Buffer
        return mutated(file, seed, [0, 8 + Number(file.readBigUInt64LE(0))])
      },
      path,
      async () => {
        const opened = await openSafetensors(path)
        await readAll(opened, async () => {
          for (const name of opened.names) await opened.tensor(name).read()
        })
      },
      [
        (bytes) =>
          refusalOf(
            () => decodeSafetensors(bytes),
            (error) => error instanceof SafetensorsError,
          ),
        () => refusalOf(async () => (await openLlamaWeights(root)).close()),
      ],
    )
  }, 120_000)
})
