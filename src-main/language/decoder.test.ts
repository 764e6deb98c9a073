import { describe, expect, it } from 'vitest'
import { parameter } from '../engine/parameters.ts'
import { floats, type HostTensor, int32, type Runtime } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes, uniformSource } from '../engine/testing/programs.ts'
import { openDecoder } from './decoder.ts'
import { type LlamaShape, llama, llamaSpecs } from './llama.ts'

const VOCABULARY = 19

interface Model {
  shape: LlamaShape
  parameters: Record<string, HostTensor>
}

const modelOf = (shape: LlamaShape): Model => ({
  shape,
  parameters: Object.fromEntries(
    Object.entries(llamaSpecs(shape, VOCABULARY)).map(([name, { shape }], seed) => [
      name,
      shape.length === 1 ? randomFloats(seed, shape, 0.5, 1.5) : randomFloats(seed, shape, -0.3, 0.3),
    ]),
  ),
})
const model = modelOf({ width: 64, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 24 })
const { shape, parameters } = model
const draw = uniformSource(3)
const randomTokens = (count: number): number[] => Array.from({ length: count }, () => Math.floor(draw(0, VOCABULARY)))

/** Logits after the last token, by one pass over the whole text without a cache. */
async function logitsAfter(
  runtime: Runtime,
  tokens: readonly number[],
  { shape, parameters }: Pick<Model, 'shape' | 'parameters'> = model,
): Promise<Float32Array> {
  const ids = int32(Int32Array.from(tokens), [1, tokens.length])
  const outputs = await runOnce(runtime, { ...parameters, ids }, (tensors) => ({
    logits: llama(tensors, parameter(tensors, 'ids'), shape),
  }))
  return floats(outputs, 'logits').subarray((tokens.length - 1) * VOCABULARY)
}

/** TensorFlow decodes nowhere: its operations have no cache. */
const decoding = runtimes.filter(({ name }) => !name.startsWith('tensorflow'))

describe.each(decoding)('the decoder on $name', (runtime) => {
  it('gives the logits of a whole pass after prompts of different lengths and after each new token', async () => {
    const texts = [randomTokens(21), randomTokens(3), randomTokens(16)]
    const decoder = await openDecoder(runtime, { held: parameters }, { shape, batch: 3, context: 40 })
    async function check(logits: Float32Array): Promise<void> {
      for (const [row, text] of texts.entries()) {
        const want = await logitsAfter(runtime, text)
        const got = logits.subarray(row * VOCABULARY, (row + 1) * VOCABULARY)
        for (const [at, value] of want.entries()) expect(got[at]).toBeCloseTo(value, 4)
      }
    }
    await check(await decoder.prompt(texts))
    for (let step = 0; step < 4; step++) {
      const fresh = randomTokens(3)
      for (const [row, text] of texts.entries()) text.push(fresh[row] as number)
      await check(await decoder.next(fresh))
      expect(decoder.lengths()).toEqual(texts.map((text) => text.length))
    }
    // A second prompt knows nothing of the first.
    texts.splice(0, 3, randomTokens(2), randomTokens(9), randomTokens(5))
    await check(await decoder.prompt(texts))
    await decoder.dispose()
  })

  it('takes heads of other widths than its attention does', async () => {
    const odd = modelOf({ width: 48, layers: 2, heads: 2, keyValueHeads: 1, feedForward: 24 })
    const texts = [randomTokens(5), randomTokens(18)]
    const decoder = await openDecoder(runtime, { held: odd.parameters }, { shape: odd.shape, batch: 2, context: 24 })
    let logits = await decoder.prompt(texts)
    for (let step = 0; step < 3; step++) {
      for (const [row, text] of texts.entries()) {
        const got = logits.subarray(row * VOCABULARY, (row + 1) * VOCABULARY)
        for (const [at, value] of (await logitsAfter(runtime, text, odd)).entries())
          expect(got[at]).toBeCloseTo(value, 4)
      }
      const fresh = randomTokens(2)
      for (const [row, text] of texts.entries()) text.push(fresh[row] as number)
      logits = await decoder.next(fresh)
    }
    await decoder.dispose()
  })

  it('goes on with some sequences while others rest, full ones among them', async () => {
    const texts = [randomTokens(4), randomTokens(2)]
    const decoder = await openDecoder(runtime, { held: parameters }, { shape, batch: 2, context: 4 })
    await decoder.prompt(texts)
    for (const token of randomTokens(2)) {
      texts[1]?.push(token)
      const logits = await decoder.next([null, token])
      for (const [at, value] of (await logitsAfter(runtime, texts[1] as number[])).entries())
        expect(logits[VOCABULARY + at]).toBeCloseTo(value, 4)
    }
    expect(decoder.lengths()).toEqual([4, 4])
    await expect(decoder.next([1, null])).rejects.toThrow('sequence 0 was left at rest')
    await decoder.dispose()
  })

  it('refuses tokens beyond its context and its vocabulary, and what is no batch of its own', async () => {
    const decoder = await openDecoder(runtime, { held: parameters }, { shape, batch: 1, context: 4 })
    await expect(decoder.next([1])).rejects.toThrow('no prompt yet')
    await expect(decoder.prompt([randomTokens(5)])).rejects.toThrow(
      'a prompt of 5 tokens does not fit the context of 4',
    )
    await expect(decoder.prompt([[1, VOCABULARY]])).rejects.toThrow(`token ${VOCABULARY} of sequence 0`)
    await expect(decoder.prompt([[1], [2]])).rejects.toThrow('2 sequences for a decoder of 1')
    await expect(decoder.prompt([[]])).rejects.toThrow('sequence 0 is empty')
    await decoder.prompt([randomTokens(4)])
    await expect(decoder.next([1])).rejects.toThrow('a sequence is full: 4 tokens')
    await decoder.dispose()
  })
})
