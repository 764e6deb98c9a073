import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxRuntime } from '../engine/runtimes/onnx.ts'
import type { HostTensor } from '../engine/runtimes/runtime.ts'
import { randomFloats } from '../engine/testing/programs.ts'
import { type Decoder, openDecoder } from './decoder.ts'
import { type GenerationOptions, generate } from './generate.ts'
import { llamaSpecs } from './llama.ts'
import { allowedTokens, GREEDY, type SamplingSettings } from './sampling.ts'

const shape = { width: 64, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 32 }
const VOCABULARY = 23
const held: Record<string, HostTensor> = Object.fromEntries(
  Object.entries(llamaSpecs(shape, VOCABULARY)).map(([name, { shape }], seed) => [name, randomFloats(seed, shape)]),
)
const warm: SamplingSettings = { temperature: 1.5, topK: null, topP: null }

describe('generating tokens', () => {
  const decoders: Record<number, Decoder> = {}
  beforeAll(async () => {
    for (const batch of [1, 2, 4])
      decoders[batch] = await openDecoder(onnxRuntime({ threads: 1 }), { held }, { shape, batch, context: 24 })
  })
  afterAll(async () => {
    for (const decoder of Object.values(decoders)) await decoder.dispose()
  })

  async function run(
    batch: number,
    prompts: number[][],
    options: Partial<GenerationOptions> = {},
  ): Promise<number[][]> {
    const sequences = prompts.map((): number[] => [])
    const all = { sampling: warm, seed: 7, newTokens: 8, ...options }
    for await (const { sequence, token } of generate(decoders[batch] as Decoder, prompts, all))
      sequences[sequence]?.push(token)
    return sequences
  }

  it('gives the same tokens for the same seed, in whatever batch a sequence stands, and others for another', async () => {
    const alone = await run(1, [[3, 1, 4]])
    expect(await run(1, [[3, 1, 4]])).toEqual(alone)
    expect(
      (
        await run(2, [
          [3, 1, 4],
          [2, 7, 1, 8, 2, 8],
        ])
      )[0],
    ).toEqual(alone[0])
    expect(await run(1, [[3, 1, 4]], { seed: 8 })).not.toEqual(alone)
  })

  it('keeps to the allowed tokens of each sequence and step', async () => {
    const odd = allowedTokens([1, 3, 5, 7], VOCABULARY)
    const even = allowedTokens([0, 2, 4, 6], VOCABULARY)
    const [first, second] = await run(2, [[3], [4]], {
      allowed: (sequence, produced) => ((produced.length + sequence) % 2 === 0 ? odd : even),
    })
    expect(first?.map((token) => token % 2)).toEqual([1, 0, 1, 0, 1, 0, 1, 0])
    expect(second?.map((token) => token % 2)).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  })

  it('ends a sequence after a stop token and goes on with the others', async () => {
    const [whole, other] = (await run(2, [
      [3, 1],
      [9, 2],
    ])) as [number[], number[]]
    const stop = whole[2] as number
    const place = (tokens: number[]) => (tokens.includes(stop) ? tokens.indexOf(stop) + 1 : tokens.length)
    expect(
      await run(
        2,
        [
          [3, 1],
          [9, 2],
        ],
        { stop: [stop] },
      ),
    ).toEqual([whole.slice(0, place(whole)), other.slice(0, place(other))])
  })

  it('guides: scale 1 is the conditional side alone, scale 0 the other', async () => {
    const [prompt, without] = [[3, 1, 4, 1], [5]]
    const guided = (scale: number) =>
      run(2, [prompt], { sampling: GREEDY, guidance: { unconditional: [without], scale } })
    expect(await guided(1)).toEqual(await run(1, [prompt], { sampling: GREEDY }))
    const unconditional = await run(1, [without], { sampling: GREEDY })
    expect(await guided(0)).toEqual(unconditional)
    expect(await guided(6)).not.toEqual(unconditional)
  })

  it('refuses what does not fit, before it computes', async () => {
    await expect(run(1, [[1, 2, 3]], { newTokens: 22 })).rejects.toThrow(
      '3 tokens and 22 new ones do not fit the context of 24',
    )
    await expect(run(2, [[1], [2]], { guidance: { unconditional: [[1]], scale: 2 } })).rejects.toThrow(
      '1 unconditional prompts for 2 sequences',
    )
    await expect(run(1, [[1]], { sampling: { ...warm, topP: 0 } })).rejects.toThrow('top-p 0')
  })
})
