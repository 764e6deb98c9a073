import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { type Graph, ValueFactory } from './ir.ts'
import { kernelRules } from './kernels.ts'
import { LoweringError, lowerings, lowerToOnnx } from './lower.ts'
import { ownRules } from './operations/registry.ts'
import { optimise } from './passes/optimise.ts'
import { type Tensor, tf } from './tf.ts'
import { trace } from './trace.ts'

/** y = kernel(x), called at a given line. */
function graphOf(kernel: string): Graph {
  const values = new ValueFactory()
  const x = values.create([2, 3], 'float32')
  const y = values.create([2, 3], 'float32')
  return {
    inputs: [{ name: 'x', value: x }],
    constants: [],
    nodes: [{ kernel, inputs: [x], attributes: {}, outputs: [y], source: 'src-main/model.ts:12' }],
    outputs: [{ name: 'y', value: y }],
  }
}

describe('lowering to ONNX', () => {
  it('knows every kernel that can be traced', () => {
    const missing = Object.keys({ ...kernelRules, ...ownRules }).filter((kernel) => !(kernel in lowerings))
    expect(missing).toEqual([])
  })

  it('names a kernel without a lowering and its model line', () => {
    expect(() => lowerToOnnx(graphOf('Mystery'), 'g')).toThrow(LoweringError)
    expect(() => lowerToOnnx(graphOf('Mystery'), 'g')).toThrow(/"Mystery".*src-main\/model\.ts:12/)
  })

  it('names kernel, shapes and line where a lowering refuses its inputs', () => {
    expect(() => lowerToOnnx(graphOf('Conv2D'), 'g')).toThrow(LoweringError)
    expect(() => lowerToOnnx(graphOf('Conv2D'), 'g')).toThrow(/Conv2D of \[2,3\] at src-main\/model\.ts:12/)
  })

  it('refuses a graph that uses a value before it is computed', () => {
    const graph = graphOf('Neg')
    expect(() => lowerToOnnx({ ...graph, inputs: [] }, 'g')).toThrow(/value %0 is used before it is computed/)
  })

  it('refuses the gradient of upsampling by a factor that is not whole', () => {
    const graph = trace(
      ({ x }) => ({
        gradient: tf.grad((map: Tensor) => tf.sum(tf.image.resizeNearestNeighbor(map as tf.Tensor4D, [5, 5])))(
          x as Tensor,
        ),
      }),
      { x: { shape: [1, 2, 2, 1] } },
    )
    expect(() => lowerToOnnx(optimise(graph), 'g')).toThrow(/ResizeNearestNeighborGrad of .* not by a whole factor/)
  })

  it('keeps the names of inputs and outputs apart from its own', async () => {
    const graph = trace(({ v0, c1 }) => ({ v1: tf.add(tf.neg(v0 as Tensor), tf.mul(c1 as Tensor, 3)) }), {
      v0: { shape: [1] },
      c1: { shape: [1] },
    })
    const session = await ort.InferenceSession.create(lowerToOnnx(graph, 'g'))
    expect([session.inputNames, session.outputNames]).toEqual([['v0', 'c1'], ['v1']])
    const feed = (value: number) => new ort.Tensor(Float32Array.of(value), [1])
    const { v1 } = await session.run({ v0: feed(1), c1: feed(2) })
    expect(v1?.data).toEqual(Float32Array.of(5))
    await session.release()
  })
})
