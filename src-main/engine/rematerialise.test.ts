import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { valueAndGradients } from './gradients.ts'
import { groupNorm } from './operations/group-norm.ts'
import { optimise } from './passes/optimise.ts'
import { rematerialise } from './rematerialise.ts'
import { floats } from './runtimes/runtime.ts'
import { deepNetInputs, deepNetStep } from './testing/deep-net.ts'
import { kernels } from './testing/graphs.ts'
import { randomFloats, runOnce, runtimes, specsOf } from './testing/programs.ts'
import { type Tensor, tf } from './tf.ts'
import { type Traced, trace } from './trace.ts'

const run = promisify(execFile)

describe.each(runtimes)('rematerialisation on $name', (runtime) => {
  it('changes no gradient of a net of blocks', async () => {
    const net = { rows: 6, width: 5, blocks: 3 }
    const inputs = deepNetInputs(net)
    const [kept, again] = await Promise.all(
      [false, true].map((again) => runOnce(runtime, inputs, deepNetStep(net, again))),
    )
    expect(Object.keys(kept ?? {})).toEqual(['loss', 'dx', 'dw0', 'dw1', 'dw2'])
    for (const name of Object.keys(kept ?? {}))
      for (const [at, value] of floats(kept ?? {}, name).entries())
        expect(floats(again ?? {}, name)[at]).toBeCloseTo(value, 6)
  })

  it('changes no gradient of convolutional blocks of two inputs, one inside the other', async () => {
    const inputs = {
      x: randomFloats(1, [2, 4, 4, 4]),
      y: randomFloats(2, [2, 4, 4, 4]),
      filter: randomFloats(3, [3, 3, 4, 4]),
      scale: randomFloats(4, [4]),
    }
    const step =
      (again: boolean): Traced =>
      ({ x, y, filter, scale }) => {
        const convolve = ([map]: readonly Tensor[], p: Readonly<Record<string, Tensor>>) =>
          groupNorm(
            tf.conv2d(map as tf.Tensor4D, p.filter as tf.Tensor4D, 1, 'same'),
            p.scale as Tensor,
            p.scale as Tensor,
            2,
          ) as Tensor
        const outer = ([a, b]: readonly Tensor[], p: Readonly<Record<string, Tensor>>) => {
          const first = again ? rematerialise(convolve, [a as Tensor], p) : convolve([a as Tensor], p)
          return tf.tanh(tf.mul(first, convolve([b as Tensor], p)))
        }
        const parameters = { filter: filter as Tensor, scale: scale as Tensor }
        const maps = [x as Tensor, tf.neg(y as Tensor)]
        const { gradients } = valueAndGradients(
          () => ({
            loss: tf.sum(tf.square(again ? rematerialise(outer, maps, parameters) : outer(maps, parameters))),
            aside: {},
          }),
          { x: x as Tensor, ...parameters },
        )
        return Object.fromEntries(Object.entries(gradients).map(([name, value]) => [`d${name}`, value]))
      }
    const [kept, again] = await Promise.all([false, true].map((again) => runOnce(runtime, inputs, step(again))))
    for (const name of ['dx', 'dfilter', 'dscale'])
      for (const [at, value] of floats(kept ?? {}, name).entries())
        expect(floats(again ?? {}, name)[at]).toBeCloseTo(value, 3)
  })
})

describe('rematerialisation', () => {
  it('computes each block twice, behind a barrier that no pass takes away', () => {
    const net = { rows: 6, width: 5, blocks: 3 }
    const count = (again: boolean, kernel: string) =>
      kernels(optimise(trace(deepNetStep(net, again), specsOf(deepNetInputs(net))))).filter((name) => name === kernel)
        .length
    expect([count(false, 'Tanh'), count(false, 'Barrier')]).toEqual([3, 0])
    expect([count(true, 'Tanh'), count(true, 'Barrier')]).toEqual([6, 3])
  })

  it('leaves maps in the layout that they have', () => {
    const graph = trace(
      ({ x, filter }) => ({
        gradient: valueAndGradients(
          () => {
            const convolve = ([map]: readonly Tensor[], p: Readonly<Record<string, Tensor>>): Tensor =>
              tf.tanh(tf.conv2d(map as tf.Tensor4D, p.filter as tf.Tensor4D, 1, 'same'))
            const p = { filter: filter as Tensor }
            return { loss: tf.sum(rematerialise(convolve, [convolve([x as Tensor], p)], p)), aside: {} }
          },
          { filter: filter as Tensor },
        ).gradients.filter as Tensor,
      }),
      { x: { shape: [2, 4, 5, 3] }, filter: { shape: [3, 3, 3, 3] } },
    )
    const barrier = optimise(graph).nodes.find(({ kernel }) => kernel === 'Barrier')
    expect(barrier?.outputs[0]?.shape).toEqual([2, 3, 4, 5])
  })

  it('says which parameter has no gradient when a block reads it without being given it', () => {
    const step: Traced = ({ x, w }) => ({
      gradient: valueAndGradients(
        () => ({ loss: tf.sum(rematerialise(([a]) => tf.mul(a as Tensor, w as Tensor), [x as Tensor])), aside: {} }),
        { x: x as Tensor, w: w as Tensor },
      ).gradients.w as Tensor,
    })
    expect(() => trace(step, { x: { shape: [2] }, w: { shape: [2] } })).toThrow(/does not depend on 1 parameters: w/)
  })

  it('lowers the peak memory of a deep net to less than a third', async () => {
    const script = fileURLToPath(new URL('testing/deep-net.ts', import.meta.url))
    const peak = async (...settings: number[]): Promise<number> => {
      const { stdout } = await run(process.execPath, [script, ...settings.map(String)])
      return (JSON.parse(stdout) as { peakBytes: number }).peakBytes
    }
    const [empty, kept, again] = [
      await peak(1, 128, 1, 0),
      await peak(4096, 128, 32, 0),
      await peak(4096, 128, 32, 1),
    ] as [number, number, number]
    expect(again - empty).toBeLessThan((kept - empty) / 3)
  }, 120_000)
})
