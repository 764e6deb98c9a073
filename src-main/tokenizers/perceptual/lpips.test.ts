import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { valueAndGradients } from '../../engine/gradients.ts'
import { float32, floats } from '../../engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../engine/testing/programs.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { openLpips } from './lpips.ts'

const fixture = (name: string) =>
  decodeSafetensors(readFileSync(new URL(`../../../test/fixtures/lpips/${name}`, import.meta.url)))
const { tensors: weights } = fixture('weights.safetensors')
const { tensors: given } = fixture('distances.safetensors')
const folder = mkdtempSync(join(tmpdir(), 'lpips-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const written = (name: string, change: (tensors: Record<string, StoredTensor>) => void): string => {
  const copy = { ...weights }
  change(copy)
  const path = join(folder, `${name}.safetensors`)
  writeFileSync(path, encodeSafetensors(copy, {}))
  return path
}
const tensor = (name: string) => {
  const { data, shape } = given[name] as StoredTensor
  return float32(data as Float32Array, shape)
}

describe('LPIPS with VGG16', () => {
  it.each(runtimes)('gives the distances and the gradient that PyTorch gives, on $name', async (runtime) => {
    const network = await openLpips(written('whole', () => {}))
    const got = await runOnce(runtime, { x: tensor('x'), y: tensor('y') }, ({ x, y }) => {
      const distance = network.bind()
      const { gradients, aside } = valueAndGradients(
        () => {
          const distances = distance(x as Tensor, y as Tensor)
          return { loss: tf.sum(distances), aside: { distances } }
        },
        { x: x as Tensor },
      )
      return { distances: aside.distances as Tensor, gradient: gradients.x as Tensor }
    })
    for (const [at, want] of tensor('distance').data.entries())
      expect(floats(got, 'distances')[at]).toBeCloseTo(want, 5)
    const want = tensor('gradient').data as Float32Array
    const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
    for (const [at, value] of want.entries())
      expect(Math.abs((floats(got, 'gradient')[at] as number) - value) / most, `gradient ${at}`).toBeLessThan(2e-4)
  })

  it('is 0 for identical pictures, and its gradient is finite there', async () => {
    const network = await openLpips(written('same', () => {}))
    const [runtime] = runtimes
    const got = await runOnce(runtime as (typeof runtimes)[0], { x: tensor('x') }, ({ x }) => {
      const distance = network.bind()
      const { loss, gradients } = valueAndGradients(
        () => ({ loss: tf.sum(distance(x as Tensor, tf.mul(x as Tensor, 1))), aside: {} }),
        { x: x as Tensor },
      )
      return { loss, gradient: gradients.x as Tensor }
    })
    expect(floats(got, 'loss')[0]).toBe(0)
    expect(floats(got, 'gradient').every(Number.isFinite)).toBe(true)
  })

  it('takes its weights from several files of a folder as well', async () => {
    const parts = mkdtempSync(join(folder, 'parts-'))
    const split = (name: string, wanted: (name: string) => boolean) =>
      writeFileSync(
        join(parts, name),
        encodeSafetensors(Object.fromEntries(Object.entries(weights).filter(([name]) => wanted(name))), {}),
      )
    split('vgg16.safetensors', (name) => name.startsWith('features.'))
    split('lpips.safetensors', (name) => name.startsWith('lin'))
    const { source } = await openLpips(parts)
    expect(source).toMatchObject({ name: 'LPIPS (VGG16)', file: 'lpips.safetensors, vgg16.safetensors' })
    expect(source.sha256).toMatch(/^[\da-f]{64}$/)
  })

  it('names the tensor that is missing or has a shape that its place does not', async () => {
    const without = written('without', (tensors) => {
      delete tensors['lin3.model.1.weight']
    })
    await expect(openLpips(without)).rejects.toThrow(/no tensor "lin3\.model\.1\.weight".*features\.\*/)
    const odd = written('odd', (tensors) => {
      tensors['features.7.weight'] = { dtype: 'F32', shape: [6, 5, 3, 3], data: new Float32Array(270) }
    })
    await expect(openLpips(odd)).rejects.toThrow('"features.7.weight" is [6,5,3,3], but [any,6,3,3] belongs there')
    await expect(openLpips(join(folder, 'nowhere'))).rejects.toThrow(/there is no .*nowhere/)
  })
})
