import { beforeAll, describe, expect, it } from 'vitest'
import { codeMapSides, rowsOfLayer, type TokenizerSettings } from '../../src-shared/code-maps.ts'
import { tokenizerSchema } from '../../src-shared/config.ts'
import { compile } from '../engine/compile.ts'
import { valueAndGradients } from '../engine/gradients.ts'
import { parameter } from '../engine/parameters.ts'
import { float32, floats, type HostTensor, ints, number } from '../engine/runtimes/runtime.ts'
import { expectGradients } from '../engine/testing/finite-differences.ts'
import { randomFloats, randomIntegers, runOnce, runtimes, specsOf } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { createQuantizer, createTokenizer } from './tokenizer.ts'

const [BATCH, SIDE, WIDTH, CODES] = [2, 8, 16, 12]

interface Case {
  name: string
  tokenizer: Parameters<typeof tokenizerSchema.parse>[0] & object
  sides: number[]
  shared?: boolean
}

/** A small vision transformer as the encoder. */
function vit(form: 'vit' | 'clip' | 'plain') {
  const sizes = { patch: 2, width: 8, layers: 1, heads: 2, feedForward: 6 }
  return { encoder: 'vit', vit: { ...sizes, form, weights: '', trains: true } }
}

const base = { channels: [4, 6], residualBlocks: 1, groups: 2, attention: true }
const cases: Case[] = [
  { name: 'vq', tokenizer: { kind: 'vq', layers: 1 }, sides: [4] },
  { name: 'rq', tokenizer: { kind: 'rq', layers: 3 }, sides: [4, 4, 4] },
  { name: 'rq of a codebook a layer', tokenizer: { kind: 'rq', layers: 3 }, sides: [4, 4, 4], shared: false },
  { name: 'hq', tokenizer: { kind: 'hq', layers: 2 }, sides: [2, 4] },
  { name: 'hq of 3 levels', tokenizer: { kind: 'hq', layers: 3 }, sides: [1, 2, 4] },
  { name: 'hq of 3 pooled levels', tokenizer: { kind: 'hq', layers: 3, resampling: 'pool' }, sides: [1, 2, 4] },
  { name: 'hq of 3 strided levels', tokenizer: { kind: 'hq', layers: 3, resampling: 'strided' }, sides: [1, 2, 4] },
  { name: 'hq of a codebook a level', tokenizer: { kind: 'hq', layers: 2 }, sides: [2, 4], shared: false },
  { name: 'vqvae2', tokenizer: { kind: 'vqvae2', layers: 2 }, sides: [2, 4] },
  { name: 'vqvae2 of 3 levels', tokenizer: { kind: 'vqvae2', layers: 3 }, sides: [1, 2, 4], shared: false },
  { name: 'spae', tokenizer: { kind: 'spae', layers: 4 }, sides: [1, 2, 4, 4] },
  { name: 'spae of one layer', tokenizer: { kind: 'spae', layers: 1 }, sides: [4] },
  { name: 'vq after a transformer', tokenizer: { kind: 'vq', layers: 1, ...vit('vit') }, sides: [4] },
  { name: 'rq after a transformer', tokenizer: { kind: 'rq', layers: 2, ...vit('plain') }, sides: [4, 4] },
  { name: 'hq after a transformer', tokenizer: { kind: 'hq', layers: 3, ...vit('clip') }, sides: [1, 2, 4] },
  { name: 'vqvae2 after a transformer', tokenizer: { kind: 'vqvae2', layers: 2, ...vit('vit') }, sides: [2, 4] },
  { name: 'spae after a transformer', tokenizer: { kind: 'spae', layers: 4, ...vit('vit') }, sides: [1, 2, 4, 4] },
]

const settingsOf = ({ tokenizer, shared = true }: Case): TokenizerSettings => ({
  tokenizer: tokenizerSchema.parse({ ...base, ...tokenizer }),
  data: { resolution: SIDE },
  codebook: { paradigm: 'independent', width: WIDTH, shared },
  language: { width: 4 },
})

/** Parameters, codebook and pictures; norms' scales are about 1. */
function inputsOf(settings: TokenizerSettings, rows = CODES): Record<string, HostTensor> {
  const parameters = Object.entries(createTokenizer(settings).specs).map(
    ([name, { shape }], seed): [string, HostTensor] => [
      name,
      name.endsWith('.scale') ? randomFloats(seed, shape, 0.5, 1.5) : randomFloats(seed, shape, -0.5, 0.5),
    ],
  )
  return {
    ...Object.fromEntries(parameters),
    images: randomFloats(1000, [BATCH, SIDE, SIDE, 3]),
    codebook: randomFloats(1001, [rows, WIDTH]),
  }
}

/** Rows of a table that `layers` codebooks of 12 codes make. */
const rowsOf = ({ tokenizer, codebook }: TokenizerSettings): number => CODES * (codebook.shared ? 1 : tokenizer.layers)

/** Everything that the contract speaks of. */
const everything = (settings: TokenizerSettings) => (tensors: Record<string, Tensor>) => {
  const tokenizer = createTokenizer(settings)
  const { images, codebook } = tensors as { images: Tensor; codebook: Tensor }
  const { quantized, codes, commitment, assignments } = tokenizer.tokenize(tensors, images, codebook)
  return {
    pictures: tokenizer.decode(tensors, quantized),
    fromCodes: tokenizer.decodeCodes(tensors, codes, codebook),
    commitment,
    ...Object.fromEntries(codes.map((map, layer) => [`codes.${layer}`, map])),
    ...Object.fromEntries(assignments.map(({ features }, layer) => [`features.${layer}`, features])),
    ...Object.fromEntries(assignments.map(({ indices }, layer) => [`indices.${layer}`, indices])),
  }
}

/**
 * The commitment loss from the features that were searched for and the codes that were found.
 * vq, hq: mean over layers of the mean of (z − q)². rq: the same, since what a depth leaves over is what the sum up to it
 * lacks. vqvae2: the sum over layers. spae: what the average of n codes lacks is 1/n of what the last left over.
 */
function commitmentOf(settings: TokenizerSettings, got: Record<string, HostTensor>, codebook: HostTensor): number {
  const { kind } = settings.tokenizer
  const sides = codeMapSides(settings)
  const perLayer = sides.map((side, layer) => {
    const features = floats(got, `features.${layer}`)
    const indices = ints(got, `indices.${layer}`)
    let sum = 0
    for (const [at, value] of features.entries()) {
      const [row, column] = [Math.floor(at / WIDTH), at % WIDTH]
      const code = codebook.data[(indices[row] as number) * WIDTH + column] as number
      const share = kind === 'spae' ? codesAt(sides.slice(0, layer + 1), row % (side * side), side) : 1
      sum += ((value - code) / share) ** 2
    }
    return sum / features.length
  })
  const total = perLayer.reduce((a, b) => a + b, 0)
  return kind === 'vqvae2' ? total : total / sides.length
}

/** How many layers of a pyramid have a token at the position of a cell of the last. */
function codesAt(sides: number[], cell: number, side: number): number {
  const whole = 4
  const at = (size: number, index: number) => (index * whole) / size + Math.floor(whole / size / 2)
  const [y, x] = [at(side, Math.floor(cell / side)), at(side, cell % side)]
  const has = (size: number) => {
    const places = Array.from({ length: size }, (_, index) => at(size, index))
    return places.includes(y) && places.includes(x)
  }
  return sides.filter(has).length
}

describe.each(cases)('the $name tokenizer', (given) => {
  const settings = settingsOf(given)
  const tokenizer = createTokenizer(settings)
  const rows = rowsOf(settings)
  const inputs = inputsOf(settings, rows)

  it('has code maps of the sides that the config says', () => {
    expect(codeMapSides(settings)).toEqual(given.sides)
  })

  it('has the gradients of the values that it makes of given codes, in its parameters and the codebook', async () => {
    const quantizer = createQuantizer(settings)
    const parameters = Object.entries(quantizer.specs).map(([name, { shape }], seed): [string, HostTensor] => [
      name,
      randomFloats(seed, shape, -0.3, 0.3),
    ])
    const maps = given.sides.map((side, layer): [string, HostTensor] => [
      `codes.${layer}`,
      randomIntegers(layer, [1, side, side], 3),
    ])
    const embed = (tensors: Record<string, Tensor>) =>
      quantizer.embed(
        tensors,
        given.sides.map((_, layer) => tensors[`codes.${layer}`] as Tensor),
        tensors.codebook as Tensor,
      )
    const all = {
      ...Object.fromEntries(parameters),
      ...Object.fromEntries(maps),
      codebook: randomFloats(7, [3, WIDTH]),
    }
    const biases = parameters.map(([name]) => name).filter((name) => name.endsWith('.bias'))
    // Only what a reconstruction from codes reads: the way to the codes has no part in it.
    const reads = biases.filter((name) => !/^(up|level\d\.(up|shrink\d)|shrink\d|encode|decode|widen)/.test(name))
    await expectGradients({ inputs: all, by: [...reads, 'codebook'], compute: embed, step: 1e-2, tolerance: 1e-2 })
  })

  describe.each(runtimes)('on $name', (runtime) => {
    let got: Record<string, HostTensor>
    beforeAll(async () => {
      got = await runOnce(runtime, inputs, everything(settings))
    })

    it('makes a code map for each layer, coarse first, and pictures of the same size from it', () => {
      expect(got.pictures?.shape).toEqual([BATCH, SIDE, SIDE, 3])
      for (const [layer, side] of given.sides.entries()) {
        expect(got[`codes.${layer}`]?.shape).toEqual([BATCH, side, side])
        expect(got[`features.${layer}`]?.shape).toEqual([BATCH * side * side, WIDTH])
        expect(ints(got, `indices.${layer}`)).toEqual(ints(got, `codes.${layer}`))
      }
      expect(got[`codes.${given.sides.length}`]).toBeUndefined()
      // The codes alone hold all that the decoder reads.
      for (const [at, value] of floats(got, 'fromCodes').entries())
        expect(value).toBeCloseTo(floats(got, 'pictures')[at] as number, 4)
    })

    it('finds the nearest code of its own rows for every vector', () => {
      const table = (inputs.codebook as HostTensor).data
      for (const layer of given.sides.keys()) {
        const { first, end } = rowsOfLayer(settings, layer, rows)
        const features = floats(got, `features.${layer}`)
        const distance = (row: number, code: number) => {
          let sum = 0
          for (let at = 0; at < WIDTH; at++)
            sum += ((features[row * WIDTH + at] as number) - (table[code * WIDTH + at] as number)) ** 2
          return sum
        }
        for (const [row, code] of ints(got, `indices.${layer}`).entries()) {
          expect(code >= first && code < end).toBe(true)
          const all = Array.from({ length: end - first }, (_, at) => distance(row, first + at))
          expect(distance(row, code)).toBeLessThan(Math.min(...all) + 1e-4)
        }
      }
    })

    it('has the commitment loss of its kind, between what was searched for and what was found', () => {
      const wanted = commitmentOf(settings, got, inputs.codebook as HostTensor)
      expect(wanted).toBeGreaterThan(0)
      expect(Math.abs(number(got, 'commitment') - wanted)).toBeLessThan(1e-4 * wanted)
    })

    it('takes the gradient of the pictures to every parameter, straight through the codes, and none to the codebook', async () => {
      const names = Object.keys(tokenizer.specs)
      const got = await runOnce(runtime, inputs, (tensors) => {
        const { images, codebook } = tensors as { images: Tensor; codebook: Tensor }
        const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
        const { gradients } = valueAndGradients(
          () => {
            const { quantized, commitment } = tokenizer.tokenize(trained, images, codebook)
            const error = tf.mean(tf.squaredDifference(tokenizer.decode(trained, quantized), images))
            // The codebook takes part by its sum only, which tells that nothing else reaches it.
            return { loss: tf.addN([error, tf.mul(commitment, 0.25), tf.sum(codebook)]), aside: {} }
          },
          { ...trained, codebook },
        )
        return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [`d.${name}`, gradient]))
      })
      for (const name of names)
        expect(
          floats(got, `d.${name}`).some((value) => value !== 0),
          name,
        ).toBe(true)
      expect(new Set(floats(got, 'd.codebook'))).toEqual(new Set([1]))
    })

    it('gives numbers for pictures of one colour, a codebook of one code, equal codes, and far too large ones', async () => {
      const flat = float32(new Float32Array(BATCH * SIDE * SIDE * 3).fill(0.5), [BATCH, SIDE, SIDE, 3])
      const one = await runOnce(
        runtime,
        { ...inputs, codebook: randomFloats(5, [rows / CODES, WIDTH]) },
        everything(settings),
      )
      expectNumbers(one, rows / CODES, 'one code')
      const extremes: Record<string, Record<string, HostTensor>> = {
        'one colour': { ...inputs, images: flat },
        'equal codes': { ...inputs, codebook: randomFloats(5, [rows, WIDTH], 0.25, 0.25) },
        'large codes': { ...inputs, codebook: randomFloats(5, [rows, WIDTH], -1e6, 1e6) },
        'large pictures': { ...inputs, images: randomFloats(6, [BATCH, SIDE, SIDE, 3], -1e6, 1e6) },
      }
      const program = await compile(
        runtime,
        runtime.createState({}),
        'extremes',
        specsOf(inputs),
        [],
        everything(settings),
      )
      for (const [name, given] of Object.entries(extremes)) {
        const all = await program.run(given)
        expectNumbers(all, rows, name)
        if (name !== 'equal codes') continue
        for (const layer of codeMapSides(settings).keys())
          expect(new Set(ints(all, `codes.${layer}`))).toEqual(new Set([rowsOfLayer(settings, layer, rows).first]))
      }
      await program.dispose()
    })
  })

  function expectNumbers(all: Record<string, HostTensor>, table: number, name: string): void {
    expect(Number.isFinite(number(all, 'commitment')), name).toBe(true)
    expect(floats(all, 'pictures').every(Number.isFinite), name).toBe(true)
    for (const layer of codeMapSides(settings).keys()) {
      const { first, end } = rowsOfLayer(settings, layer, table)
      expect(
        ints(all, `codes.${layer}`).every((code) => code >= first && code < end),
        name,
      ).toBe(true)
    }
  }
})

describe('a table that layers cannot share out', () => {
  it('is refused', async () => {
    const settings = settingsOf({ name: '', tokenizer: { kind: 'rq', layers: 3 }, sides: [], shared: false })
    await expect(
      runOnce(runtimes[0] as (typeof runtimes)[0], inputsOf(settings, 10), everything(settings)),
    ).rejects.toThrow('a table of 10 codes is not one of 3 codebooks of equal size')
  })
})
