import { describe, expect, it } from 'vitest'
import { initialise } from '../engine/initialise.ts'
import { parameter } from '../engine/parameters.ts'
import { floats, type HostTensor } from '../engine/runtimes/runtime.ts'
import { randomFloats, randomIntegers, runOnce, runtimes, uniformSource } from '../engine/testing/programs.ts'
import { type LlamaShape, llama, llamaSpecs, type Padding } from './llama.ts'
import { LORA_TARGETS, loraSpecs, mergeLora } from './lora.ts'

const shape = { width: 16, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 24, loraAlpha: 3 }
const VOCABULARY = 11
const [BATCH, LENGTH, RANK] = [2, 5, 2]
const stream = (name: string) => {
  const next = uniformSource([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) >>> 0)
  return { uniform: () => next(), normal: () => next(-1, 1) }
}
const base = initialise(llamaSpecs(shape, VOCABULARY), stream)
const specs = loraSpecs(shape, { rank: RANK, targets: LORA_TARGETS })
const tokens = randomIntegers(3, [BATCH, LENGTH], VOCABULARY)

const logitsOf = async (
  runtime: (typeof runtimes)[number],
  parameters: Record<string, HostTensor>,
  of: LlamaShape = shape,
): Promise<Float32Array> =>
  floats(
    await runOnce(runtime, { ...parameters, ids: tokens }, (tensors) => ({
      logits: llama(tensors, parameter(tensors, 'ids'), of),
    })),
    'logits',
  )
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0)

describe('low-rank adapters', () => {
  it('are two small matrices beside each layer that is asked for', () => {
    expect(Object.keys(specs)).toHaveLength(2 * LORA_TARGETS.length * shape.layers)
    const few = loraSpecs(shape, { rank: RANK, targets: ['k'] })
    expect(Object.fromEntries(Object.entries(few).map(([name, { shape }]) => [name, shape]))).toEqual({
      'layer0.k.lora_a': [2, 16],
      'layer0.k.lora_b': [8, 2],
      'layer1.k.lora_a': [2, 16],
      'layer1.k.lora_b': [8, 2],
    })
  })

  it.each(runtimes)('change nothing at their start, on $name', async (runtime) => {
    const adapted = await logitsOf(runtime, { ...base, ...initialise(specs, stream) })
    expect(furthest(adapted, await logitsOf(runtime, base))).toBeLessThan(1e-6)
  })

  it.each(runtimes)('give what their merged weights give, each of the layers counting, on $name', async (runtime) => {
    const plain = await logitsOf(runtime, base)
    for (const target of LORA_TARGETS) {
      const own = Object.entries(loraSpecs(shape, { rank: RANK, targets: [target] }))
      const trained = Object.fromEntries(own.map(([name, { shape }], seed) => [name, randomFloats(seed, shape)]))
      const adapted = await logitsOf(runtime, { ...base, ...trained })
      const merged = mergeLora({ ...base, ...trained }, shape.loraAlpha)
      expect(Object.keys(merged)).toEqual(Object.keys(base))
      expect(furthest(adapted, plain), target).toBeGreaterThan(1e-3)
      expect(furthest(adapted, await logitsOf(runtime, merged)), target).toBeLessThan(1e-4)
    }
  })

  it('are refused without α', async () => {
    const { loraAlpha, ...without } = shape
    expect(loraAlpha).toBe(3)
    await expect(
      logitsOf(runtimes[0] as (typeof runtimes)[number], { ...base, ...initialise(specs, stream) }, without),
    ).rejects.toThrow('"layer0.q.lora_a" is given, but no loraAlpha')
  })
})

describe.each(runtimes)('padding on the left, on $name', (runtime) => {
  it('changes no logit of the tokens after it, whatever the padding holds', async () => {
    const before = 2
    const plain = await logitsOf(runtime, base)
    const total = LENGTH + before
    const rows = Array.from({ length: BATCH }, (_, row) => [...tokens.data.slice(row * LENGTH, (row + 1) * LENGTH)])
    const given = {
      ids: { ...tokens, shape: [BATCH, total], data: Int32Array.from(rows.flatMap((row) => [1, 9, ...row])) },
      mask: {
        ...tokens,
        shape: [BATCH, total],
        data: Int32Array.from(rows.flatMap((row) => [0, 0, ...row.map(() => 1)])),
      },
      positions: {
        ...tokens,
        shape: [BATCH, total],
        data: Int32Array.from(rows.flatMap((row) => [0, 0, ...row.keys()])),
      },
    }
    const got = await runOnce(runtime, { ...base, ...given }, (tensors) => ({
      logits: llama(tensors, parameter(tensors, 'ids'), shape, tensors as unknown as Padding),
    }))
    const padded = floats(got, 'logits')
    for (let row = 0; row < BATCH; row++) {
      const from = (row * total + before) * VOCABULARY
      const own = plain.subarray(row * LENGTH * VOCABULARY, (row + 1) * LENGTH * VOCABULARY)
      expect(furthest(padded.subarray(from, from + own.length), own)).toBeLessThan(1e-5)
    }
  })
})
