import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../gradients.ts'
import { type Graph, ValueFactory } from '../ir.ts'
import { kernelRules } from '../kernels.ts'
import { groupNorm } from '../operations/group-norm.ts'
import { ownRules } from '../operations/registry.ts'
import { type Tensor, tf } from '../tf.ts'
import { trace } from '../trace.ts'
import { lowerings, lowerToTensorflow, TensorflowLoweringError } from './lower.ts'
import { toSavedModel } from './saved-model.ts'

/** y = kernel(x), called at a given line. */
function graphOf(kernel: string): Graph {
  const values = new ValueFactory()
  const [x, y] = [values.create([2, 3], 'float32'), values.create([2, 3], 'float32')]
  return {
    inputs: [{ name: 'x', value: x }],
    constants: [],
    nodes: [{ kernel, inputs: [x], attributes: {}, outputs: [y], source: 'src-main/model.ts:12' }],
    outputs: [{ name: 'y', value: y }],
  }
}
const operations = (graph: Graph): string[] => lowerToTensorflow(graph).calls.map(({ operation }) => operation)

describe('lowering to TensorFlow', () => {
  // Its operations keep no cache in place: decoding is for onnxruntime, and the error names the kernel and the line.
  it('knows every kernel that can be traced, but for attention with a cache', () => {
    const missing = Object.keys({ ...kernelRules, ...ownRules }).filter((kernel) => !(kernel in lowerings))
    expect(missing).toEqual(['CachedAttention'])
  })

  it('names a kernel without a lowering, its shapes and its model line', () => {
    expect(() => lowerToTensorflow(graphOf('Mystery'))).toThrow(TensorflowLoweringError)
    expect(() => lowerToTensorflow(graphOf('Mystery'))).toThrow(/Mystery of \[2,3\] at src-main\/model\.ts:12/)
  })

  it('names kernel, shapes and line where a lowering refuses its inputs', () => {
    expect(() => lowerToTensorflow(graphOf('GatherV2'))).toThrow(
      /GatherV2 of \[2,3\] at src-main\/model\.ts:12: .*input 1/,
    )
  })

  it('says that a gradient came without its forward pass', () => {
    const values = new ValueFactory()
    const map = () => values.create([1, 2, 2, 4], 'float32')
    const inputs = [map(), map(), values.create([1, 2], 'float32'), values.create([4], 'float32')]
    const outputs = [map(), values.create([4], 'float32'), values.create([4], 'float32')]
    const node = { kernel: 'GroupNormGrad', inputs, attributes: { groups: 2 }, outputs, source: 'm.ts:1' }
    const graph: Graph = {
      inputs: inputs.map((value) => ({ name: `i${value.id}`, value })),
      constants: [],
      nodes: [node],
      outputs: [{ name: 'dx', value: outputs[0] as (typeof outputs)[0] }],
    }
    expect(() => lowerToTensorflow(graph)).toThrow(/GroupNormGrad of .* at m\.ts:1: .*group norm/)
  })

  it('makes no normalised map if only the gradient of group normalisation asks for it', () => {
    const shapes = { x: { shape: [2, 4, 4, 8] }, scale: { shape: [8] }, offset: { shape: [8] } }
    const graph = trace(({ x, scale, offset }) => {
      const parameters = { x: x as Tensor, scale: scale as Tensor, offset: offset as Tensor }
      const norm = () => groupNorm(parameters.x, parameters.scale, parameters.offset, 4)
      const { loss, gradients } = valueAndGradients(() => ({ loss: tf.sum(tf.square(norm())), aside: {} }), parameters)
      return { loss, dx: gradients.x as Tensor }
    }, shapes)
    const whole = lowerToTensorflow(graph).calls.filter(
      ({ operation, origin }) => operation === 'Mul' && origin.startsWith('GroupNorm of'),
    )
    // Per channel: 1/n twice, γ/σ and μ·γ/σ; on the map: x·a alone.
    expect(whole).toHaveLength(5)
  })

  it('adds a bias along the channels by an operation that convolutions fuse with', () => {
    const add = (x: number[], y: number[]) =>
      operations(trace(({ x, y }) => ({ z: tf.add(x as Tensor, y as Tensor) }), { x: { shape: x }, y: { shape: y } }))
    expect(add([2, 3, 3, 4], [4])).toEqual(['BiasAdd'])
    expect(add([4], [2, 4])).toEqual(['BiasAdd'])
    expect(add([2, 4, 3], [1])).toEqual(['AddV2'])
    expect(add([4], [4])).toEqual(['AddV2'])
  })

  it('gives every output a slot of its own, also an input, a constant or the same value twice', () => {
    const list = lowerToTensorflow(
      trace(
        ({ x }) => {
          const y = tf.neg(x as Tensor)
          return { same: x as Tensor, one: tf.scalar(1), y, again: y }
        },
        { x: { shape: [2] } },
      ),
    )
    const made = list.calls.flatMap(({ outputs }) => outputs.map(({ id }) => id))
    const handedOut = list.outputs.map(({ slot }) => slot.id)
    expect(new Set(handedOut).size).toBe(4)
    expect(handedOut.every((id) => made.includes(id))).toBe(true)
  })
})

describe('a saved model', () => {
  const list = lowerToTensorflow(
    trace(({ x, y }) => ({ sum: tf.add(tf.neg(x as Tensor), y as Tensor), twice: tf.mul(y as Tensor, 2) }), {
      x: { shape: [2] },
      unread: { shape: [7] },
      y: { shape: [2] },
    }),
  )
  const model = toSavedModel(list)

  it('is fed what it reads, in short names, and tells what each node was made for', () => {
    expect(model.inputs).toEqual([
      { name: 'x', tensor: 'i0:0' },
      { name: 'y', tensor: 'i1:0' },
    ])
    expect(model.outputs.map(({ name }) => name)).toEqual(['sum', 'twice'])
    const [node = ''] = (model.outputs[1]?.tensor ?? '').split(':')
    expect(model.origins.get(node)).toMatch(/^Multiply of \[2\], \[\] at .*lower\.test\.ts:\d+$/)
  })

  it('holds the operations, their types and the values of constants', () => {
    const file = Buffer.from(model.bytes)
    for (const word of ['Placeholder', 'Neg', 'AddV2', 'Const', 'Mul', 'serve']) expect(file.includes(word)).toBe(true)
    // Attribute T of type DT_FLOAT: key 1 "T", value 2 of length 2, type 6 = 1.
    expect(file.includes(Buffer.from('0a015412023001', 'hex'))).toBe(true)
    // TensorProto of the scalar 2: float, an empty shape, four bytes of content.
    expect(file.includes(Buffer.from('08011200220400000040', 'hex'))).toBe(true)
  })
})
