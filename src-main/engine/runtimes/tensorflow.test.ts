import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { stopGradient, valueAndGradients } from '../gradients.ts'
import { groupNorm } from '../operations/group-norm.ts'
import { nearestCode } from '../operations/nearest-code.ts'
import { silu } from '../operations/silu.ts'
import { loadTensorflow, type TensorflowAddon } from '../tensorflow/addon.ts'
import type { TensorflowInstallation } from '../tensorflow/installation.ts'
import { randomFloats, randomIntegers, tensorflowForTests, tensorflowRuntimes } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import type { Traced } from '../trace.ts'
import { float32, floats, int32, number, type Program, type State } from './runtime.ts'
import { tensorflowRuntime } from './tensorflow.ts'

const inputs = { x: { shape: [2, 4, 4, 3] }, rows: { shape: [3], dtype: 'int32' as const } }

/** A small step of gradient descent through a convolution, a normalisation, a codebook and a gather. */
const step: Traced = (tensors) => {
  const { x, rows, kernel, scale, offset, codebook } = tensors as Record<string, Tensor>
  const trained = { kernel, scale, offset, codebook } as Record<string, Tensor>
  const { loss, gradients } = valueAndGradients(() => {
    const map = tf.conv2d(x as tf.Tensor4D, trained.kernel as tf.Tensor4D, 1, 'same')
    const y = silu(groupNorm(map, trained.scale as Tensor, trained.offset as Tensor, 2))
    const flat = tf.reshape(y, [-1, 4])
    const codes = nearestCode(flat, trained.codebook as Tensor)
    const distance = tf.squaredDifference(stopGradient(flat), tf.gather(trained.codebook as Tensor, codes))
    const picked = tf.gather(trained.codebook as Tensor, rows as tf.Tensor1D)
    return { loss: tf.addN([tf.mean(tf.square(y)), tf.mean(distance), tf.mean(tf.square(picked))]), aside: {} }
  }, trained)
  const next = Object.entries(trained).map(([name, value]) => [
    `state:${name}`,
    tf.sub(value, tf.mul(gradients[name] as Tensor, 0.1)),
  ])
  return { loss, ...Object.fromEntries(next) }
}
const initial = () => ({
  kernel: randomFloats(1, [3, 3, 3, 4]),
  scale: randomFloats(2, [4], 0.5, 1.5),
  offset: randomFloats(3, [4]),
  codebook: randomFloats(4, [8, 4]),
})
const feeds = { x: randomFloats(5, [2, 4, 4, 3]), rows: randomIntegers(6, [3], 8) }
const names = Object.keys(initial())

const contents = async (state: State): Promise<Record<string, number[]>> =>
  Object.fromEntries(await Promise.all(state.names().map(async (name) => [name, [...(await state.read(name)).data]])))

describe.skipIf(!tensorflowForTests)('TensorFlow', () => {
  const installation = tensorflowForTests as TensorflowInstallation
  const addon = (): TensorflowAddon => loadTensorflow(installation, 2)

  describe.each(tensorflowRuntimes)('$name', (runtime) => {
    const open = async (): Promise<{ state: State; program: Program }> => {
      const state = runtime.createState(initial())
      return { state, program: await compile(runtime, state, 'step', inputs, names, step) }
    }

    it('holds as many tensors after 200 steps as after two, with steps that fail in between', async () => {
      const { state, program } = await open()
      const losses: number[] = []
      const take = async () => losses.push(number(await program.run(feeds), 'loss'))
      await take()
      await take()
      const live = addon().getNumOfTensors()
      for (let at = 0; at < 200; at++) {
        if (at % 10 === 3)
          await expect(program.run({ ...feeds, rows: int32(Int32Array.of(1, 99, 2), [3]) })).rejects.toThrow()
        if (at % 10 === 6) await expect(program.run({ rows: feeds.rows })).rejects.toThrow(/input "x" is missing/)
        if (at % 10 === 9) await state.write('scale', await state.read('scale'))
        await take()
      }
      expect(addon().getNumOfTensors()).toBe(live)
      expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.9)
      await program.dispose()
    })

    it('names kernel, shapes and model line of a step that fails, and leaves the state as it was', async () => {
      const { state, program } = await open()
      const before = await contents(state)
      const failing = program.run({ ...feeds, rows: int32(Int32Array.of(1, 99, 2), [3]) })
      await expect(failing).rejects.toThrow(
        /TensorFlow failed at GatherV2 of \[8,4\], \[3\] at .*tensorflow\.test\.ts:\d+: .*99/,
      )
      expect(await contents(state)).toEqual(before)
      await program.dispose()
    })

    it('lets a program go with everything that it held', async () => {
      const sessions = addon().getNumOfSavedModels()
      const live = addon().getNumOfTensors()
      const { state, program } = await open()
      await program.run(feeds)
      await program.dispose()
      expect(addon().getNumOfSavedModels()).toBe(sessions)
      expect(addon().getNumOfTensors()).toBe(live + state.names().length)
    })

    it("keeps no hold on the caller's arrays", async () => {
      const given = float32(new Float32Array(64).fill(1), [64])
      const state = runtime.createState({ kept: given })
      const program = await compile(runtime, state, 'keep', { x: { shape: [64] } }, [], ({ x }) => ({
        'state:kept': x as Tensor,
      }))
      given.data.fill(5)
      expect(floats({ kept: await state.read('kept') }, 'kept')[0]).toBe(1)
      const next = float32(new Float32Array(64).fill(2), [64])
      await program.run({ x: next })
      next.data.fill(7)
      expect((await state.read('kept')).data[0]).toBe(2)
      await program.dispose()
    })

    it('takes equal steps from equal states, bit for bit', async () => {
      const [first, second] = [await open(), await open()]
      for (let at = 0; at < 5; at++) for (const { program } of [first, second]) await program.run(feeds)
      expect(await contents(first.state)).toEqual(await contents(second.state))
      for (const { program } of [first, second]) await program.dispose()
    })
  })

  it('refuses another number of threads in the same process', () => {
    expect(() => tensorflowRuntime({ installation, threads: 1 })).toThrow(/already runs .* with 2 threads.*1 threads/)
  })
})
