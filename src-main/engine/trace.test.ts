import { describe, expect, it } from 'vitest'
import { valueAndGradients } from './gradients.ts'
import { printGraph } from './ir.ts'
import { type Tensor, tf } from './tf.ts'
import { TraceError, trace, UnknownKernelError } from './trace.ts'

const HERE = /src-main[\\/]engine[\\/]trace\.test\.ts:\d+/

/** The error of tracing a function of x [2, 3]. */
function errorOf(step: (x: Tensor) => Tensor): Error {
  try {
    trace(({ x }) => ({ y: step(x as Tensor) }), { x: { shape: [2, 3] } })
  } catch (error) {
    return error as Error
  }
  throw new Error('the function was traced')
}

describe('tracing', () => {
  it('records each call with its shapes, attributes and model line', () => {
    const graph = trace(({ x, y }) => ({ sum: tf.sum(tf.add(x as Tensor, y as Tensor), 1) }), {
      x: { shape: [2, 3] },
      y: { shape: [3] },
    })
    expect(printGraph(graph)).toBe(
      [
        'input x = %0:f32[2,3]',
        'input y = %1:f32[3]',
        '%2:f32[2,3] = Add(%0, %1)',
        '%3:f32[2] = Sum(%2) {axis=1 keepDims=false}',
        'output sum = %3',
      ].join('\n'),
    )
    for (const node of graph.nodes) expect(node.source).toMatch(HERE)
    expect(printGraph(graph, { sources: true })).toMatch(/Add\(%0, %1\) {2}# src-main.engine.trace\.test\.ts:\d+/)
  })

  it('prints short constants with their values, and makes a fill of long equal ones', () => {
    const graph = trace(({ x }) => ({ y: tf.add(tf.mul(x as Tensor, tf.tensor1d([1, 2, 3])), tf.ones([7, 2, 3])) }), {
      x: { shape: [2, 3] },
    })
    const text = printGraph(graph)
    expect(text).toContain('constant %1:f32[3] = 1, 2, 3')
    expect(text).toContain('Fill() {shape=[7,2,3] value=1 dtype="float32"}')
    expect(graph.constants.length).toBe(1)
  })

  it('names an unknown kernel and the model line that calls it', () => {
    const error = errorOf((x) => tf.atanh(x))
    expect(error).toBeInstanceOf(UnknownKernelError)
    expect(error.message).toContain('"Atanh"')
    expect(error.message).toMatch(HERE)
    expect((error as UnknownKernelError).kernel).toBe('Atanh')
    expect((error as UnknownKernelError).source).toMatch(HERE)
  })

  it.each<[string, (x: Tensor) => Tensor, string]>([
    ['an addition', (x) => tf.add(x, tf.zeros([2, 4])), '[2,3], [2,4]'],
    ['a matrix product', (x) => tf.matMul(x as tf.Tensor2D, tf.zeros([4, 2])), '[2,3], [4,2]'],
    ['a reshape', (x) => tf.reshape(x, [4, 2]), '[2,3]'],
    ['a concatenation', (x) => tf.concat([x, tf.zeros([2, 4])], 0), '[2,3], [2,4]'],
    ['a stack', (x) => tf.stack([x, tf.mul(tf.zeros([3, 2]), 1)]), '[2,3], [3,2]'],
    ['a slice', (x) => tf.slice(x, [1, 0], [2, 3]), '[2,3]'],
    [
      'an own kernel',
      (x) => tf.engine().runKernel('RmsNorm', { x, weight: tf.zeros([2]) }, {}) as Tensor,
      '[2,3], [2]',
    ],
  ])('refuses %s of shapes that do not fit, naming shapes and line', (_, step, shapes) => {
    const error = errorOf(step)
    expect(error).toBeInstanceOf(TraceError)
    expect(error.message).toContain(shapes)
    expect(error.message).toMatch(HERE)
  })

  it('gives the line also where TensorFlow.js itself refuses the shapes', () => {
    const error = errorOf((x) =>
      tf.conv2d(tf.reshape(x, [1, 1, 2, 3]) as tf.Tensor4D, tf.zeros([1, 1, 4, 2]), 1, 'same'),
    )
    expect(error).toBeInstanceOf(TraceError)
    expect(error.message).toMatch(/depth of input \(3\)/)
    expect(error.message).toMatch(HERE)
  })

  it('refuses to hand out values, which are not known yet', () => {
    const error = errorOf((x) => tf.scalar(x.dataSync()[0] as number))
    expect(error).toBeInstanceOf(TraceError)
    expect(error.message).toMatch(HERE)
  })

  it('refuses a tensor that was made outside of the traced function', () => {
    const outside = tf.tensor2d([[1, 2, 3]])
    const error = errorOf((x) => tf.add(x, outside))
    expect(error).toBeInstanceOf(TraceError)
    expect(error.message).toContain('outside')
    expect(error.message).toMatch(HERE)
    outside.dispose()
  })

  it('refuses a tensor of an earlier trace', () => {
    let leaked: Tensor | undefined
    trace(
      ({ x }) => {
        leaked = tf.keep(tf.neg(x as Tensor))
        return { y: leaked }
      },
      { x: { shape: [2, 3] } },
    )
    const error = errorOf((x) => tf.add(x, leaked as Tensor))
    expect(error).toBeInstanceOf(TraceError)
  })

  it('says which kernel has no gradient', () => {
    const error = errorOf(
      (x) =>
        valueAndGradients(() => ({ loss: tf.sum(tf.cast(tf.greater(x, 0), 'float32')), aside: {} }), { x }).gradients
          .x as Tensor,
    )
    expect(error).toBeInstanceOf(TraceError)
    expect(error.message).toContain('"Greater" has no gradient')
  })

  it('names the parameters that a loss does not depend on', () => {
    const error = errorOf(
      (x) =>
        valueAndGradients(() => ({ loss: tf.sum(x), aside: {} }), { x, forgotten: tf.mul(x, 2) }).gradients.x as Tensor,
    )
    expect(error.message).toContain('forgotten')
  })

  it('passes the errors of model code on as they are', () => {
    const failure = new RangeError('no such layer')
    expect(
      errorOf(() => {
        throw failure
      }),
    ).toBe(failure)
  })

  it('leaves TensorFlow.js as it found it, after a failure too', () => {
    tf.setBackend('cpu')
    const before = tf.memory().numTensors
    Error.stackTraceLimit = 17
    errorOf((x) => tf.atanh(x))
    trace(({ x }) => ({ y: tf.neg(x as Tensor) }), { x: { shape: [2, 3] } })
    expect(tf.getBackend()).toBe('cpu')
    expect(Error.stackTraceLimit).toBe(17)
    expect(tf.memory().numTensors).toBe(before)
    expect(tf.scalar(2).dataSync()[0]).toBe(2)
    Error.stackTraceLimit = 10
  })
})
