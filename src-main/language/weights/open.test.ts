import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { bytesOf, encodeGguf, type MetadataValue, type StoredGgufTensor } from '../../../test/fakes/gguf-file.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { randomFloats } from '../../engine/testing/programs.ts'
import { llamaSpecs } from '../llama.ts'
import { dequantise } from './dequantise.ts'
import { GGUF_NAMES, HUGGING_FACE_NAMES, theirName } from './llama-weights.ts'
import { openLlamaWeights } from './open.ts'
import { WeightsError } from './weight-file.ts'

const VOCABULARY = 10
const shape = { width: 32, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 64, headWidth: 8, untied: true }
const specs = llamaSpecs(shape, VOCABULARY)
/** Our parameters by name, with numbers that tell them apart. */
const parameters = Object.fromEntries(
  Object.entries(specs).map(([name, { shape }], seed) => [
    name,
    { shape: [...shape], data: randomFloats(seed, shape).data as Float32Array },
  ]),
)

const config = {
  model_type: 'llama',
  vocab_size: VOCABULARY,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
}
const stored = (names = Object.keys(parameters)): Record<string, StoredTensor> =>
  Object.fromEntries(
    names.map((name) => [
      `${theirName(name, HUGGING_FACE_NAMES)}.weight`,
      { dtype: 'F32', ...(parameters[name] as (typeof parameters)[string]) },
    ]),
  )

/** A model folder; entries of the config and tensors are replaced or, if undefined, taken out. */
function modelFolder(changes: object = {}, tensors: Record<string, StoredTensor | undefined> = {}): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...changes }))
  const kept = Object.entries({ ...stored(), ...tensors }).filter(([, tensor]) => tensor !== undefined)
  writeFileSync(
    join(folder, 'model.safetensors'),
    encodeSafetensors(Object.fromEntries(kept) as Record<string, StoredTensor>),
  )
  return folder
}

async function readAll(path: string): Promise<Record<string, { shape: number[]; data: Float32Array }>> {
  const { tensors, close } = await openLlamaWeights(path)
  const read: Awaited<ReturnType<typeof readAll>> = {}
  for (const [name, tensor] of Object.entries(tensors))
    read[name] = { shape: [...tensor.shape], data: await tensor.read() }
  await close()
  return read
}
async function opened(path: string) {
  const weights = await openLlamaWeights(path)
  await weights.close()
  return weights
}

describe('a Hugging Face folder', () => {
  it('gives every parameter by our names', async () => {
    expect(await readAll(modelFolder())).toEqual(parameters)
    const weights = await opened(modelFolder())
    expect(weights.shape).toEqual({ ...shape, ropeTheta: 10_000, rmsEpsilon: 1e-5 })
    expect([weights.vocabulary, weights.context]).toEqual([VOCABULARY, 128])
  })

  it('passes over what is computed anyway, and over the second copy of a tied table', async () => {
    const folder = modelFolder(
      { tie_word_embeddings: true },
      { 'model.layers.0.self_attn.rotary_emb.inv_freq': { dtype: 'F32', shape: [4], data: new Float32Array(4) } },
    )
    const { head, ...tied } = parameters
    expect(head).toBeDefined()
    expect(await readAll(folder)).toEqual(tied)
  })

  it('reads how rotary positions are stretched, in both layouts', async () => {
    const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
    const wanted = { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, context: 8192 }
    const ways = [
      { rope_scaling: { rope_type: 'llama3', ...llama3 } },
      { rope_theta: undefined, rope_parameters: { rope_type: 'llama3', rope_theta: 10_000, ...llama3 } },
    ]
    for (const way of ways)
      expect((await opened(modelFolder(way))).shape).toMatchObject({ ropeTheta: 10_000, ropeScaling: wanted })
    const linear = await opened(modelFolder({ rope_scaling: { type: 'linear', factor: 2 } }))
    expect(linear.shape.ropeScaling).toEqual({ kind: 'linear', factor: 2 })
    expect(
      (await opened(modelFolder({ rope_parameters: { rope_theta: 5e5, rope_type: 'default' } }))).shape.ropeTheta,
    ).toBe(5e5)
  })

  it.each([
    ['another kind of model', { model_type: 'gpt2' }, 'model_type is "gpt2"; llama and mistral can be loaded'],
    ['biases', { attention_bias: true }, 'attention_bias is true'],
    ['another activation', { hidden_act: 'gelu' }, 'hidden_act is "gelu"'],
    ['a window', { sliding_window: 4096 }, 'sliding_window is 4096'],
    ['packed weights', { quantization_config: { bits: 4 } }, 'quantization_config'],
    [
      'other rotary positions',
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      'of type "yarn"; default, linear and llama3',
    ],
    ['a stretch without its factor', { rope_scaling: { rope_type: 'linear' } }, 'of type "linear" need factor'],
    ['no sizes', { hidden_size: undefined }, 'hidden_size'],
    ['a size that is none', { num_attention_heads: 1.5 }, 'num_attention_heads'],
    [
      'billions of layers',
      { num_hidden_layers: 2 ** 40 },
      '1099511627776 layers are claimed, but there are 21 tensors',
    ],
    ['an absurd width', { hidden_size: 2 ** 50 }, '"model.embed_tokens.weight" is [10,32], but the model\'s numbers'],
    ['heads that cannot share', { num_key_value_heads: 3 }, '4 heads cannot share 3 key-value heads evenly'],
    ['a head without pairs', { num_attention_heads: 32, num_key_value_heads: 32 }, 'a head of 1'],
  ])('with %s is refused', async (_what, changes, message) => {
    const opening = openLlamaWeights(modelFolder(changes))
    await expect(opening).rejects.toThrow(WeightsError)
    await expect(opening).rejects.toThrow(message)
  })

  it('with tensors missing, or of parts that the decoder has not, is refused', async () => {
    await expect(openLlamaWeights(modelFolder({}, { 'model.norm.weight': undefined }))).rejects.toThrow(
      '1 tensors are missing: model.norm.weight; the download is incomplete',
    )
    const bias: StoredTensor = { dtype: 'F32', shape: [32], data: new Float32Array(32) }
    await expect(openLlamaWeights(modelFolder({}, { 'model.layers.0.self_attn.q_proj.bias': bias }))).rejects.toThrow(
      'no part of a LLaMA decoder: model.layers.0.self_attn.q_proj.bias',
    )
  })

  it('without weights that can be read says what there should be', async () => {
    const folder = modelFolder()
    rmSync(join(folder, 'model.safetensors'))
    await expect(openLlamaWeights(folder)).rejects.toThrow(
      'has neither model.safetensors nor model.safetensors.index.json',
    )
    rmSync(join(folder, 'config.json'))
    await expect(openLlamaWeights(folder)).rejects.toThrow(/there is no file .*config\.json/)
    await expect(openLlamaWeights(join(folder, 'gone'))).rejects.toThrow('there is no file or folder')
    writeFileSync(join(folder, 'config.json'), '{')
    await expect(openLlamaWeights(folder)).rejects.toThrow('config.json: is not JSON')
  })

  it('in several files is read through its index, which names files of the folder alone', async () => {
    const folder = modelFolder()
    rmSync(join(folder, 'model.safetensors'))
    const all = Object.entries(stored())
    const half = Math.ceil(all.length / 2)
    const shards = { 'a.safetensors': all.slice(0, half), 'b.safetensors': all.slice(half) }
    const map: Record<string, string> = {}
    for (const [file, tensors] of Object.entries(shards)) {
      writeFileSync(join(folder, file), encodeSafetensors(Object.fromEntries(tensors)))
      for (const [name] of tensors) map[name] = file
    }
    const index = join(folder, 'model.safetensors.index.json')
    const write = (changes: Record<string, string>) =>
      writeFileSync(index, JSON.stringify({ weight_map: { ...map, ...changes } }))
    write({})
    expect(await readAll(folder)).toEqual(parameters)
    write({ 'model.norm.weight': '../b.safetensors' })
    await expect(openLlamaWeights(folder)).rejects.toThrow('is not the name of a file in this folder')
    write({ 'model.norm.weight': 'c.safetensors' })
    await expect(openLlamaWeights(folder)).rejects.toThrow(/there is no file .*c\.safetensors/)
    write({ 'model.norm.weight': map['model.norm.weight'] === 'a.safetensors' ? 'b.safetensors' : 'a.safetensors' })
    await expect(openLlamaWeights(folder)).rejects.toThrow('has no tensor "model.norm.weight"')
  })
})

const u32 = (value: number): MetadataValue => ({ type: 'u32', value })
const llamaMetadata: Record<string, MetadataValue> = {
  'general.architecture': { type: 'string', value: 'llama' },
  'llama.block_count': u32(2),
  'llama.context_length': u32(128),
  'llama.embedding_length': u32(32),
  'llama.feed_forward_length': u32(64),
  'llama.attention.head_count': u32(4),
  'llama.attention.head_count_kv': u32(2),
  'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 2 ** -17 },
  'llama.rope.freq_base': { type: 'f32', value: 50_000 },
  'llama.rope.dimension_count': u32(8),
}

/** Rows as llama.cpp's conversion has them: of each head [2, d/2] becomes [d/2, 2]. */
function pairedRows(data: Float32Array, heads: number, width: number): Float32Array {
  const d = data.length / width / heads
  const rows: Float32Array[] = []
  for (let head = 0; head < heads; head++)
    for (let pair = 0; pair < d / 2; pair++)
      for (const half of [0, 1]) {
        const row = head * d + half * (d / 2) + pair
        rows.push(data.subarray(row * width, (row + 1) * width))
      }
  return Float32Array.from(rows.flatMap((row) => [...row]))
}
/** Q8_0 blocks of the nearest numbers. */
function quantised(data: Float32Array): Uint8Array {
  const bytes = Buffer.alloc((data.length / 32) * 34)
  for (let block = 0; block < data.length / 32; block++) {
    // A scale of 2^-7, so that the range is one.
    bytes.writeUInt16LE(0x2000, block * 34)
    for (let at = 0; at < 32; at++)
      bytes.writeInt8(
        Math.max(-127, Math.min(127, Math.round((data[block * 32 + at] as number) * 128))),
        block * 34 + 2 + at,
      )
  }
  return bytes
}
function ggufTensors(quantise: boolean): StoredGgufTensor[] {
  return Object.entries(parameters).map(([name, { shape, data }]) => {
    const heads = { q: 4, k: 2 }[name.split('.')[1] ?? '']
    const rows = heads ? pairedRows(data, heads, shape[1] as number) : data
    const blocks = quantise && shape.length === 2
    return {
      name: `${theirName(name, GGUF_NAMES)}.weight`,
      shape,
      type: blocks ? 8 : 0,
      bytes: blocks ? quantised(rows) : bytesOf(rows),
    }
  })
}
function ggufFile(changes: Record<string, MetadataValue> = {}, tensors = ggufTensors(false)): string {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'model.gguf')
  writeFileSync(path, encodeGguf({ ...llamaMetadata, ...changes }, tensors))
  return path
}

describe('a GGUF file of a LLaMA decoder', () => {
  it('gives every parameter by our names, rows of q and k in the order of the original', async () => {
    expect(await readAll(ggufFile())).toEqual(parameters)
    const weights = await opened(ggufFile())
    expect(weights.shape).toEqual({ ...shape, ropeTheta: 50_000, rmsEpsilon: 2 ** -17 })
    expect([weights.vocabulary, weights.context]).toEqual([VOCABULARY, 128])
  })

  it('gives quantised blocks in the same order of rows as numbers', async () => {
    const { tensors, close } = await openLlamaWeights(ggufFile({}, ggufTensors(true)))
    for (const [name, tensor] of Object.entries(tensors)) {
      const wanted = (parameters[name] as (typeof parameters)[string]).data
      const got = await tensor.read()
      expect(got).toHaveLength(wanted.length)
      if (tensor.type === 'F32') continue
      expect(tensor.type).toBe('Q8_0')
      // Half a step of rounding, and the one step that a signed byte is short of 1.
      for (const [at, value] of got.entries())
        expect(Math.abs(value - (wanted[at] as number))).toBeLessThanOrEqual(1 / 128)
      const again = new Float32Array(got.length)
      dequantise(tensor.type, await tensor.readRaw(), again)
      expect(again).toEqual(got)
    }
    await close()
  })

  it('without an output matrix is tied to its table', async () => {
    const tied = ggufTensors(false).filter(({ name }) => name !== 'output.weight')
    expect((await opened(ggufFile({}, tied))).shape.untied).toBe(false)
  })

  it('may stretch rotary positions, evenly or each by a divisor of its own', async () => {
    const linear = {
      'llama.rope.scaling.type': { type: 'string', value: 'linear' },
      'llama.rope.scaling.factor': { type: 'f32', value: 4 },
    } as const
    expect((await opened(ggufFile(linear))).shape.ropeScaling).toEqual({ kind: 'linear', factor: 4 })
    const divisors = (list: Float32Array) => [
      ...ggufTensors(false),
      { name: 'rope_freqs.weight', shape: [list.length], type: 0, bytes: bytesOf(list) },
    ]
    const own = await opened(ggufFile({}, divisors(Float32Array.of(1, 1, 4, 8))))
    expect(own.shape.ropeScaling).toEqual({ kind: 'divisors', divisors: [1, 1, 4, 8] })
    await expect(openLlamaWeights(ggufFile({}, divisors(Float32Array.of(1, 1))))).rejects.toThrow(
      '"rope_freqs.weight" is [2]',
    )
  })

  it.each<[string, Record<string, MetadataValue>, string]>([
    [
      'another architecture',
      { 'general.architecture': { type: 'string', value: 'qwen2' } },
      'its architecture is "qwen2"',
    ],
    ['experts', { 'llama.expert_count': u32(8) }, 'has 8 experts in each layer'],
    [
      'rotary positions on a part of each head',
      { 'llama.rope.dimension_count': u32(4) },
      'llama.rope.dimension_count is 4, but a head has 8',
    ],
    ['another stretch', { 'llama.rope.scaling.type': { type: 'string', value: 'yarn' } }, 'stretched by "yarn"'],
    ['a size that is none', { 'llama.embedding_length': u32(0) }, 'llama.embedding_length is 0, not a size'],
    ['a size of another type', { 'llama.block_count': { type: 'string', value: '2' } }, 'llama.block_count is "2"'],
    ['more layers than tensors', { 'llama.block_count': u32(4e9) }, '4000000000 layers are claimed'],
    [
      'fewer layers than there are',
      { 'llama.block_count': u32(1) },
      '9 tensors are no part of a LLaMA decoder: blk.1.',
    ],
    ['another width than its tensors', { 'llama.feed_forward_length': u32(65) }, "is [64,32], but the model's numbers"],
  ])('with %s is refused', async (_what, changes, message) => {
    const opening = openLlamaWeights(ggufFile(changes))
    await expect(opening).rejects.toThrow(WeightsError)
    await expect(opening).rejects.toThrow(message)
  })

  it('without a table is refused', async () => {
    await expect(openLlamaWeights(ggufFile({}, ggufTensors(false).slice(1)))).rejects.toThrow(
      'has no tensor "token_embd.weight"',
    )
  })
})
