import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { type Graph, printGraph } from '../ir.ts'
import { lowerToOnnx } from '../lower.ts'
import { randomFloats, specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { trace } from '../trace.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { chooseLayouts } from './layout.ts'
import { optimise } from './optimise.ts'

/** Traces a function of inputs of the given shapes. */
function traced(
  shapes: Record<string, number[]>,
  step: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Graph {
  return trace(step, Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])))
}
const lines = (graph: Graph): string[] => printGraph(graph).split('\n')
const kernels = (graph: Graph): string[] => graph.nodes.map(({ kernel }) => kernel)

describe('dead code elimination', () => {
  it('drops nodes and constants that no output needs, and keeps the inputs', () => {
    const graph = traced({ x: [2], unused: [3] }, ({ x, unused }) => {
      tf.mul(unused as Tensor, tf.tensor1d([5, 6, 7]))
      return { y: tf.add(x as Tensor, tf.tensor1d([1, 2])) }
    })
    expect(lines(graph)).toEqual([
      'input x = %0:f32[2]',
      'input unused = %1:f32[3]',
      'constant %2:f32[3] = 5, 6, 7',
      'constant %4:f32[2] = 1, 2',
      '%3:f32[3] = Multiply(%1, %2)',
      '%5:f32[2] = Add(%0, %4)',
      'output y = %5',
    ])
    expect(lines(eliminateDeadCode(graph))).toEqual([
      'input x = %0:f32[2]',
      'input unused = %1:f32[3]',
      'constant %4:f32[2] = 1, 2',
      '%5:f32[2] = Add(%0, %4)',
      'output y = %5',
    ])
  })

  it('keeps a node of several outputs of which one is needed', () => {
    const graph = traced({ x: [4] }, ({ x }) => ({ y: tf.split(x as Tensor, 2)[1] as Tensor }))
    expect(kernels(eliminateDeadCode(graph))).toEqual(['SplitV'])
  })
})

describe('common subexpressions', () => {
  it('computes equal calls of equal values once, through chains and equal constants', () => {
    const graph = traced({ x: [2] }, ({ x }) => {
      const half = () => tf.tanh(tf.mul(x as Tensor, tf.tensor1d([2, 3])))
      return { a: half(), b: tf.neg(half()) }
    })
    expect(lines(shareCommonSubexpressions(graph))).toEqual([
      'input x = %0:f32[2]',
      'constant %1:f32[2] = 2, 3',
      '%2:f32[2] = Multiply(%0, %1)',
      '%3:f32[2] = Tanh(%2)',
      '%7:f32[2] = Neg(%3)',
      'output a = %3',
      'output b = %7',
    ])
  })

  it('keeps calls apart that differ in attributes, order of inputs or type', () => {
    const graph = traced({ x: [2, 2], y: [2, 2] }, ({ x, y }) => ({
      rows: tf.sum(x as Tensor, 0),
      columns: tf.sum(x as Tensor, 1),
      forth: tf.sub(x as Tensor, y as Tensor),
      back: tf.sub(y as Tensor, x as Tensor),
      whole: tf.cast(x as Tensor, 'int32'),
      truth: tf.cast(x as Tensor, 'bool'),
    }))
    expect(shareCommonSubexpressions(graph).nodes.length).toBe(graph.nodes.length)
  })

  it('keeps fills of different infinities apart', () => {
    const graph = traced({ x: [20] }, ({ x }) => ({
      low: tf.maximum(x as Tensor, tf.fill([20], Number.NEGATIVE_INFINITY)),
      high: tf.maximum(x as Tensor, tf.fill([20], Number.POSITIVE_INFINITY)),
    }))
    const [low, high] = shareCommonSubexpressions(graph).outputs
    expect(low?.value.id).not.toBe(high?.value.id)
  })
})

describe('the layout pass', () => {
  const convolve = (x: Tensor) => tf.conv2d(x as tf.Tensor4D, tf.ones([1, 1, 3, 2]), 1, 'same')

  it('turns maps around at the borders of a convolutional part only', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => ({
      y: tf.relu(tf.add(tf.tanh(convolve(x as Tensor)), tf.tensor1d([1, 2]))),
    }))
    expect(kernels(graph)).toEqual(['Reshape', 'Conv2D', 'Tanh', 'Add', 'Relu'].filter((name) => name !== 'Reshape'))
    const after = chooseLayouts(graph)
    expect(lines(after).filter((line) => line.includes('('))).toEqual([
      '%7:f32[1,3,4,5] = Transpose(%0) {perm=[0,3,1,2]}',
      '%8:f32[1,2,4,5] = Conv2D(%7, %1) {strides=1 pad="same" dataFormat="NHWC" dilations=[1,1] layout="NCHW"}',
      '%9:f32[1,2,4,5] = Tanh(%8)',
      '%10:f32[1,2,1,1] = Reshape(%4) {shape=[1,2,1,1]}',
      '%11:f32[1,2,4,5] = Add(%9, %10)',
      '%12:f32[1,2,4,5] = Relu(%11)',
      '%6:f32[1,4,5,2] = Transpose(%12) {perm=[0,2,3,1]}',
    ])
  })

  it('leaves graphs without maps alone', () => {
    const graph = traced({ x: [2, 3], y: [2, 2, 2, 2] }, ({ x, y }) => ({
      a: tf.sum(x as Tensor, 1),
      b: tf.mean(tf.tanh(y as Tensor), [1, 2]),
    }))
    expect(printGraph(chooseLayouts(graph))).toBe(printGraph(graph))
  })

  it('renames the axes of reductions and concatenations, and turns back where the order would change', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => {
      const map = convolve(x as Tensor)
      return {
        perChannel: tf.sum(map, [0, 1, 2]),
        perPixel: tf.max(map, [3]),
        kept: tf.mean(map, [-1], true),
        mixed: tf.sum(map, [1]),
        wide: tf.concat([map, map], -1),
      }
    })
    const after = lines(chooseLayouts(graph)).filter((line) => /(Sum|Max|Mean|Concat|Transpose)\(/.test(line))
    expect(after.map((line) => line.replace(/%\d+/g, '%'))).toEqual([
      '%:f32[1,3,4,5] = Transpose(%) {perm=[0,3,1,2]}',
      '%:f32[2] = Sum(%) {keepDims=false axis=[0,2,3]}',
      '%:f32[1,4,5] = Max(%) {keepDims=false axis=[1]}',
      '%:f32[1,1,4,5] = Mean(%) {keepDims=true axis=[1]}',
      '%:f32[1,4,5,2] = Transpose(%) {perm=[0,2,3,1]}',
      '%:f32[1,5,2] = Sum(%) {axis=[1] keepDims=false}',
      '%:f32[1,4,5,4] = Concat(%, %) {axis=-1}',
      '%:f32[1,4,5,1] = Transpose(%) {perm=[0,2,3,1]}',
    ])
  })

  it('sums over all axes, and keeps a value of rank 5 out of it', () => {
    const graph = traced({ x: [1, 4, 5, 3], stack: [2, 1, 1, 5, 2] }, ({ x, stack }) => {
      const map = convolve(x as Tensor)
      return { total: tf.sum(map), kept: tf.sum(map, undefined, true), sum: tf.add(map, stack as Tensor) }
    })
    const shapes = Object.fromEntries(chooseLayouts(graph).outputs.map(({ name, value }) => [name, value.shape]))
    expect(shapes).toEqual({ total: [], kept: [1, 1, 1, 1], sum: [2, 1, 4, 5, 2] })
    const added = chooseLayouts(graph).nodes.find(({ kernel }) => kernel === 'Add')
    expect(added?.inputs.map(({ shape }) => shape)).toEqual([
      [1, 4, 5, 2],
      [2, 1, 1, 5, 2],
    ])
  })

  it('makes fills in the layout in which they are used', () => {
    const graph = traced({ x: [1, 4, 5, 3] }, ({ x }) => ({ y: tf.add(convolve(x as Tensor), tf.ones([1, 4, 5, 2])) }))
    const after = chooseLayouts(graph)
    expect(kernels(after).filter((kernel) => kernel === 'Transpose').length).toBe(2)
    expect(kernels(eliminateDeadCode(after))).toEqual(['Transpose', 'Conv2D', 'Fill', 'Add', 'Transpose'])
  })
})

describe('folding the bias', () => {
  const withBias = (read: 'once' | 'twice' | 'plane') =>
    traced({ x: [1, 4, 4, 3], bias: read === 'plane' ? [4, 1] : [4] }, ({ x, bias }) => {
      const map = tf.conv2d(x as tf.Tensor4D, tf.ones([1, 1, 3, 4]), 1, 'same')
      const y = tf.add(map, bias as Tensor)
      return read === 'twice' ? { y, map } : { y }
    })
  const folded = (graph: Graph) => foldConvolutionBias(chooseLayouts(graph))

  it('makes one convolution of a convolution and the sum with a bias', () => {
    const before = chooseLayouts(withBias('once'))
    expect(kernels(before)).toEqual(['Transpose', 'Conv2D', 'Reshape', 'Add', 'Transpose'])
    const after = eliminateDeadCode(foldConvolutionBias(before))
    expect(kernels(after)).toEqual(['Transpose', 'Conv2D', 'Transpose'])
    const convolution = after.nodes[1]
    expect(convolution?.inputs.map(({ shape }) => shape)).toEqual([[1, 3, 4, 4], [1, 1, 3, 4], [4]])
    expect(convolution?.outputs[0]).toBe(before.nodes[3]?.outputs[0])
  })

  it('leaves a convolution alone whose own output is read elsewhere', () => {
    expect(kernels(folded(withBias('twice')))).toContain('Add')
  })

  it('leaves a sum alone that is not by channel', () => {
    expect(kernels(folded(withBias('plane')))).toContain('Add')
  })
})

describe('all passes together', () => {
  it('change no value of a small convolutional net and its gradient', async () => {
    const inputs = {
      x: randomFloats(1, [2, 6, 6, 3]),
      filter: randomFloats(2, [3, 3, 3, 4]),
      bias: randomFloats(3, [4]),
    }
    const graph = trace(({ x, filter, bias }) => {
      const net = (kernel: Tensor) =>
        tf.sum(tf.tanh(tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same'), bias as Tensor)))
      return { gradient: tf.grad(net)(filter as Tensor) }
    }, specsOf(inputs))
    const run = async (given: Graph): Promise<Float32Array> => {
      const session = await ort.InferenceSession.create(lowerToOnnx(given, 'net'))
      const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
        name,
        new ort.Tensor(data as Float32Array, shape),
      ])
      const { gradient } = await session.run(Object.fromEntries(feeds))
      await session.release()
      return gradient?.data as Float32Array
    }
    // The lowering needs the layout pass in any case; the others are left out on the one side.
    const plain = await run(chooseLayouts(graph))
    const optimised = await run(optimise(graph))
    expect(optimise(graph).nodes.length).toBeLessThan(chooseLayouts(graph).nodes.length)
    expect(optimised.length).toBe(3 * 3 * 3 * 4)
    for (const [index, value] of optimised.entries()) expect(value).toBeCloseTo(plain[index] as number, 4)
  })
})
