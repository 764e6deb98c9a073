import { describe, expect, it } from 'vitest'
import { floats, type HostTensor, ints } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import type { Tensor } from '../../engine/tf.ts'
import { vqvae2 } from './vqvae2.ts'

const shape = { width: 5, levels: 3, channels: 4, residualBlocks: 1, groups: 2 }
const quantizer = vqvae2(shape)

const inputs: Record<string, HostTensor> = {
  ...Object.fromEntries(
    Object.entries(quantizer.specs).map(([name, { shape: of }], seed) => [name, randomFloats(seed, of, -0.5, 0.5)]),
  ),
  h: randomFloats(70, [2, 8, 8, 4]),
  codebook: randomFloats(71, [7, 5]),
}

const quantize = (tensors: Record<string, Tensor>) => {
  const { quantized, codes, assignments } = quantizer.quantize(tensors, tensors.h as Tensor, tensors.codebook as Tensor)
  return {
    quantized,
    ...Object.fromEntries(codes.map((map, level) => [`codes.${level}`, map])),
    ...Object.fromEntries(assignments.map(({ features }, level) => [`features.${level}`, features])),
  }
}

describe.each(runtimes)('the VQ-VAE-2 hierarchy on $name', (runtime) => {
  it('quantizes each finer level together with what is decoded of the coarser one, and never the other way', async () => {
    const before = await runOnce(runtime, inputs, quantize)
    for (const level of [0, 1]) {
      const name = `decode${level}.conv.bias`
      const moved = { ...inputs, [name]: randomFloats(72, [4], 1, 2) }
      const after = await runOnce(runtime, moved, quantize)
      for (const other of [0, 1, 2]) {
        const same = floats(before, `features.${other}`).every(
          (value, at) => value === floats(after, `features.${other}`)[at],
        )
        expect(same, `level ${other} after a change of what level ${level} tells`).toBe(other <= level)
      }
    }
  })

  it('gives the decoder all levels side by side at the finest side, the finest one as its narrowed codes', async () => {
    const got = await runOnce(runtime, inputs, quantize)
    expect(got.quantized?.shape).toEqual([2, 8, 8, 12])
    const codes = ints(got, 'codes.2')
    const table = inputs.codebook?.data as Float32Array
    const kernel = inputs['narrow2.kernel']?.data as Float32Array
    const bias = inputs['narrow2.bias']?.data as Float32Array
    for (const [cell, code] of codes.entries())
      for (let channel = 0; channel < 4; channel++) {
        let wanted = bias[channel] as number
        for (let at = 0; at < 5; at++) wanted += (table[code * 5 + at] as number) * (kernel[at * 4 + channel] as number)
        expect(floats(got, 'quantized')[cell * 12 + 8 + channel]).toBeCloseTo(wanted, 4)
      }
  })
})
