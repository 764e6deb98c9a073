import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type VitConfig, vitSchema } from '../../src-shared/config.ts'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src-shared/safetensors.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { initialise } from '../engine/initialise.ts'
import { float32, floats, type HostTensor } from '../engine/runtimes/runtime.ts'
import { expectGradients } from '../engine/testing/finite-differences.ts'
import { randomFloats, runOnce, runtimes, uniformSource } from '../engine/testing/programs.ts'
import type { Tensor } from '../engine/tf.ts'
import { resizePositions } from './positions.ts'
import { vitForward, vitSpecs } from './vit.ts'
import { readVitWeights } from './vit-weights.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'vit')
const shape = { patch: 4, width: 8, layers: 2, heads: 2, feedForward: 12, trains: true }
const models: Record<'vit' | 'clip', VitConfig> = {
  vit: vitSchema.parse({ ...shape, weights: join(fixtures, 'vit') }),
  clip: vitSchema.parse({
    ...shape,
    weights: join(fixtures, 'clip'),
    form: 'clip',
    activation: 'quick-gelu',
    epsilon: 1e-5,
    pixels: 'clip',
  }),
}

const read = (file: string) => decodeSafetensors(readFileSync(file))
const forward = (vit: VitConfig) => (tensors: Record<string, Tensor>) => ({
  features: vitForward(tensors, tensors.images as Tensor, vit),
})

/** A copy of a fixture, with tensors put in or, if null, taken out, and with another config. */
function changed(
  name: 'vit' | 'clip',
  tensors: (given: Record<string, StoredTensor>) => Record<string, StoredTensor | null> = (given) => given,
  config: object = {},
): string {
  const folder = temporaryFolder()
  cpSync(join(fixtures, name), folder, { recursive: true })
  const given = read(join(folder, 'model.safetensors')).tensors
  const kept = Object.entries({ ...given, ...tensors(given) }).filter(([, tensor]) => tensor !== null)
  writeFileSync(
    join(folder, 'model.safetensors'),
    encodeSafetensors(Object.fromEntries(kept) as Record<string, StoredTensor>),
  )
  const path = join(folder, 'config.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...config }))
  return folder
}

describe.each(['vit', 'clip'] as const)('a pretrained %s', (name) => {
  const vit = models[name]
  const { tensors: expected } = read(join(fixtures, name, 'expected.safetensors'))
  const sides = Object.keys(expected).flatMap((key) => (key.startsWith('images.') ? [Number(key.slice(7))] : []))

  it.each(runtimes)(
    'gives the features of transformers at its own picture size and at others, on $name',
    async (runtime) => {
      expect(sides.length).toBeGreaterThan(2)
      for (const side of sides) {
        const { tensors, unknown } = await readVitWeights(vit.weights, vit, side)
        expect(unknown).toEqual([])
        const bytes = expected[`images.${side}`] as StoredTensor
        const images = float32(
          Float32Array.from(bytes.data as Uint8Array, (value) => value / 127.5 - 1),
          bytes.shape,
        )
        const got = await runOnce(runtime, { ...tensors, images }, forward(vit))
        const wanted = expected[`features.${side}`] as StoredTensor
        expect(got.features?.shape).toEqual(wanted.shape)
        for (const [at, value] of floats(got, 'features').entries())
          expect(Math.abs(value - ((wanted.data as Float32Array)[at] as number)), `${side} px, ${at}`).toBeLessThan(
            1e-4,
          )
      }
    },
  )

  it('is read from a folder or a bare file, saved alone or within a larger model', async () => {
    const { tensors } = await readVitWeights(vit.weights, vit, 12)
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(vitSpecs(vit, 12)).sort())
    const bare = await readVitWeights(join(vit.weights, 'model.safetensors'), vit, 12)
    expect(bare.tensors).toEqual(tensors)
    const before = name === 'vit' ? 'vit.' : 'vision_model.'
    const within = changed(name, (given) =>
      Object.fromEntries(
        Object.entries(given).flatMap(([key, tensor]) => [
          [key, null],
          [before + key, tensor],
        ]),
      ),
    )
    expect((await readVitWeights(within, vit, 12)).tensors).toEqual(tensors)
  })

  it('names the tensors that are missing, and those that it does not know', async () => {
    const layer = name === 'vit' ? 'encoder.layer.1.output.dense.bias' : 'encoder.layers.1.mlp.fc2.bias'
    const lacking = changed(name, () => ({ [layer]: null }))
    await expect(readVitWeights(lacking, vit, 12)).rejects.toThrow(`lacks 1 tensors`)
    await expect(readVitWeights(lacking, vit, 12)).rejects.toThrow(layer)
    const more = changed(name, () => ({ 'strange.weight': { dtype: 'F32', shape: [1], data: new Float32Array(1) } }))
    const { unknown, sentence } = await readVitWeights(more, vit, 12)
    expect(unknown).toEqual(['strange.weight'])
    expect(sentence).toContain('strange.weight')
  })

  it('refuses positions of no square of patches', async () => {
    const key = name === 'vit' ? 'embeddings.position_embeddings' : 'embeddings.position_embedding.weight'
    for (const shape of [[1, 8], [9, 8], [10], [10, 4], [2, 10, 8]]) {
      const data = new Float32Array(shape.reduce((a, b) => a * b))
      const odd = changed(name, () => ({ [key]: { dtype: 'F32', shape, data } }))
      await expect(readVitWeights(odd, vit, 12)).rejects.toThrow(`"${key}" is [${shape}], which is not the size`)
    }
  })

  it('refuses settings that are not the model’s, naming each', async () => {
    const wrong: VitConfig = { ...vit, width: 16, heads: 4, epsilon: 1e-3 }
    await expect(readVitWeights(vit.weights, wrong, 12)).rejects.toThrow(
      /set width = 8 \(it is 16\), heads = 2 \(it is 4\), epsilon = .* \(it is 0.001\)/,
    )
    await expect(readVitWeights(changed(name, undefined, { hidden_act: 'relu' }), vit, 12)).rejects.toThrow(
      'hidden_act is "relu"; gelu and quick_gelu can be run',
    )
    const other = models[name === 'vit' ? 'clip' : 'vit']
    await expect(readVitWeights(join(vit.weights, 'model.safetensors'), other, 12)).rejects.toThrow(
      `tokenizer.vit.form is "${other.form}"; set "${name}"`,
    )
    await expect(readVitWeights(join(vit.weights, 'model.safetensors'), { ...vit, layers: 1 }, 12)).rejects.toThrow(
      'has tensors of a layer beyond tokenizer.vit.layers = 1',
    )
    await expect(
      readVitWeights(join(vit.weights, 'model.safetensors'), { ...vit, feedForward: 16 }, 12),
    ).rejects.toThrow(/is \[12,8\], which is not the size that tokenizer.vit says \(ours is \[16,8\]\)/)
  })
})

describe('a vision transformer', () => {
  it('refuses a file that is none, and a path where nothing is', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'other.safetensors')
    writeFileSync(file, encodeSafetensors({ x: { dtype: 'F32', shape: [1], data: new Float32Array(1) } }))
    await expect(readVitWeights(file, models.vit, 12)).rejects.toThrow('neither a ViT nor a CLIP vision model')
    await expect(readVitWeights(join(folder, 'none'), models.vit, 12)).rejects.toThrow('there is no file or folder')
  })

  it('reads pixels as the model was trained on, where the folder says how', async () => {
    await expect(readVitWeights(models.clip.weights, { ...models.clip, pixels: 'half' }, 12)).rejects.toThrow(
      'set pixels = clip (it is half)',
    )
    const folder = changed('vit')
    writeFileSync(
      join(folder, 'preprocessor_config.json'),
      JSON.stringify({ image_mean: [0.1, 0.2, 0.3], image_std: [1, 1, 1] }),
    )
    await expect(readVitWeights(folder, models.vit, 12)).rejects.toThrow('pixels of mean 0.1,0.2,0.3')
  })

  it.each(['vit', 'clip', 'plain'] as const)('has the gradients of its values in the form "%s"', async (form) => {
    const vit = vitSchema.parse({
      ...{ patch: 2, width: 4, layers: 1, heads: 2, feedForward: 3, form, weights: '', trains: true, epsilon: 1e-2 },
      ...(form === 'clip' ? { activation: 'quick-gelu', pixels: 'imagenet' } : {}),
    })
    const next = uniformSource(3)
    const values = initialise(vitSpecs(vit, 4), () => ({ uniform: () => next(), normal: () => 25 * next(-1, 1) }))
    await expectGradients({
      inputs: { ...values, images: randomFloats(9, [1, 4, 4, 3]) },
      by: Object.keys(values),
      compute: (tensors) => vitForward(tensors, tensors.images as Tensor, vit),
      tolerance: 1e-2,
    })
  })

  it('reads each patch as a whole: moving two patches moves their features, but for the positions', async () => {
    const vit = vitSchema.parse({ ...shape, form: 'plain', weights: '' })
    const values: Record<string, HostTensor> = Object.fromEntries(
      Object.entries(vitSpecs(vit, 8)).map(([name, { shape: of }], seed) => [name, randomFloats(seed, of)]),
    )
    const still = { ...values, positions: randomFloats(0, [4, 8], 0, 0) }
    const images = randomFloats(5, [1, 8, 8, 3])
    // The two upper patches change places.
    const swapped = Float32Array.from(images.data, (_, at) => {
      const [row, rest] = [Math.floor(at / 24), at % 24]
      return images.data[row * 24 + (row < 4 ? (rest + 12) % 24 : rest)] as number
    })
    const runtime = runtimes[0] as (typeof runtimes)[0]
    const one = floats(await runOnce(runtime, { ...still, images }, forward(vit)), 'features')
    const two = floats(
      await runOnce(runtime, { ...still, images: float32(swapped, images.shape) }, forward(vit)),
      'features',
    )
    for (let at = 0; at < 8; at++) {
      expect(two[8 + at]).toBeCloseTo(one[at] as number, 4)
      expect(two[at]).toBeCloseTo(one[8 + at] as number, 4)
      expect(two[16 + at]).toBeCloseTo(one[16 + at] as number, 4)
    }
  })
})

describe('interpolated positions', () => {
  it('are those given where the number of patches is the same, and keep the class token’s', () => {
    const given = randomFloats(1, [10, 3]).data as Float32Array
    expect(resizePositions(given, 3, 10, 1)).toEqual(given)
    expect(resizePositions(given, 3, 17, 1).subarray(0, 3)).toEqual(given.subarray(0, 3))
  })

  it('stay even where all are alike', () => {
    const given = new Float32Array(16 * 2).fill(0.75)
    for (const value of resizePositions(given, 2, 49, 0)) expect(value).toBeCloseTo(0.75, 6)
  })
})
