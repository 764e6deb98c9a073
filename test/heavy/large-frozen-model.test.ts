import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compile } from '../../src-main/engine/compile.ts'
import { freezeWeights, type WeightToFreeze } from '../../src-main/engine/frozen/frozen-weights.ts'
import { onnxRuntime } from '../../src-main/engine/runtimes/onnx.ts'
import { floats } from '../../src-main/engine/runtimes/runtime.ts'
import { randomFloats, specsOf } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'

const [SIDE, MATRICES] = [8192, 9]

it('computes with frozen weights of more than 2 GB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'large-frozen-'))
  try {
    // Matrix m is the identity times m + 1, so the product of all is a number that anyone can work out.
    const matrix = (at: number): WeightToFreeze => ({
      shape: [SIDE, SIDE],
      storage: 'float32',
      read: async () => {
        const data = new Float32Array(SIDE * SIDE)
        for (let row = 0; row < SIDE; row++) data[row * SIDE + row] = at + 1
        return data
      },
    })
    const names = Array.from({ length: MATRICES }, (_, at) => `matrix${at}`)
    const frozen = await freezeWeights(
      join(folder, 'weights'),
      Object.fromEntries(names.map((name, at) => [name, matrix(at)])),
    )
    expect(statSync(frozen.path).size).toBeGreaterThan(2 ** 31)
    const runtime = onnxRuntime({ threads: 2 })
    const state = runtime.createState({}, frozen)
    const x = randomFloats(1, [2, SIDE])
    const program = await compile(runtime, state, 'large', specsOf({ x }), names, (tensors) => ({
      y: names.reduce(
        (rows, name) => tf.matMul(rows as tf.Tensor2D, tensors[name] as tf.Tensor2D, false, true),
        tensors.x as Tensor,
      ),
    }))
    const y = floats(await program.run({ x }), 'y')
    await program.dispose()
    const factor = names.reduce((product, _, at) => product * (at + 1), 1)
    for (const at of [0, 1, SIDE - 1, SIDE, 2 * SIDE - 1])
      expect((y[at] as number) / factor).toBeCloseTo(x.data[at] as number, 5)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
