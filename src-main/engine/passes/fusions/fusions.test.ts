import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../../gradients.ts'
import type { Graph } from '../../ir.ts'
import { floats, type HostTensor, int32 } from '../../runtimes/runtime.ts'
import { kernels, lines } from '../../testing/graphs.ts'
import { randomFloats, runOnce, runtimes, specsOf } from '../../testing/programs.ts'
import { type Tensor, tf } from '../../tf.ts'
import { type Traced, trace } from '../../trace.ts'
import { shareCommonSubexpressions } from '../common-subexpressions.ts'
import { eliminateDeadCode } from '../dead-code.ts'
import { simplify } from '../simplify.ts'
import { fuseCompositions } from './fusions.ts'

/** The graph as the fusions find it. */
const prepared = (step: Traced, inputs: Record<string, HostTensor>): Graph =>
  [eliminateDeadCode, simplify, eliminateDeadCode, shareCommonSubexpressions].reduce(
    (graph, pass) => pass(graph),
    trace(step, specsOf(inputs)),
  )
const fused = (step: Traced, inputs: Record<string, HostTensor>): Graph =>
  eliminateDeadCode(fuseCompositions(prepared(step, inputs)))

interface Composition {
  inputs: Record<string, HostTensor>
  /** Some ways to write it. */
  ways: Record<string, (inputs: Record<string, Tensor>) => Tensor>
  after: string[]
}

const centred = (x: Tensor, axes: number[]) => tf.sub(x, tf.mean(x, axes, true))
const grouped = (x: Tensor, shape: number[], axes: number[]) => {
  const groups = tf.reshape(x, shape)
  const { mean, variance } = tf.moments(groups, axes, true)
  return tf.reshape(tf.mul(tf.sub(groups, mean), tf.rsqrt(tf.add(variance, 1e-3))), x.shape)
}
const halves = (x: Tensor) => tf.split(x, 2, -1) as [Tensor, Tensor]
const rowLogs = (logits: Tensor, labels: Tensor) =>
  tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels as tf.Tensor1D, 5)), 1)
const scores = (q: Tensor, k: Tensor) => tf.matMul(q, k, false, true)
const row = { x: randomFloats(1, [3, 6]), scale: randomFloats(2, [6]), offset: randomFloats(3, [6]) }

const compositions: Record<string, Composition> = {
  SiLU: {
    inputs: { x: randomFloats(1, [3, 4]) },
    ways: {
      'x · sigmoid(x)': ({ x }) => tf.mul(x as Tensor, tf.sigmoid(x as Tensor)),
      'sigmoid(x) · x': ({ x }) => tf.mul(tf.sigmoid(x as Tensor), x as Tensor),
    },
    after: ['Silu'],
  },
  'RMS normalisation': {
    inputs: row,
    ways: {
      'by rsqrt': ({ x, scale }) =>
        tf.mul(scale as Tensor, tf.mul(x as Tensor, tf.rsqrt(tf.add(tf.mean(tf.square(x as Tensor), -1, true), 1e-5)))),
      'by division': ({ x, scale }) =>
        tf.mul(
          tf.div(x as Tensor, tf.sqrt(tf.add(1e-5, tf.mean(tf.mul(x as Tensor, x as Tensor), 1, true)))),
          scale as Tensor,
        ),
    },
    after: ['RmsNorm'],
  },
  'layer normalisation': {
    inputs: row,
    ways: {
      'by moments': ({ x, scale, offset }) => {
        const { mean, variance } = tf.moments(x as Tensor, -1, true)
        const standard = tf.mul(tf.sub(x as Tensor, mean), tf.rsqrt(tf.add(variance, 1e-5)))
        return tf.add(tf.mul(standard, scale as Tensor), offset as Tensor)
      },
      'by squared differences': ({ x, scale, offset }) => {
        const variance = tf.mean(tf.squaredDifference(x as Tensor, tf.mean(x as Tensor, 1, true)), 1, true)
        const standard = tf.div(centred(x as Tensor, [1]), tf.sqrt(tf.add(variance, 1e-5)))
        return tf.add(offset as Tensor, tf.mul(scale as Tensor, standard))
      },
    },
    after: ['LayerNorm'],
  },
  'group normalisation': {
    inputs: { ...row, x: randomFloats(1, [2, 3, 4, 6]) },
    ways: {
      'of groups of positions': ({ x, scale, offset }) =>
        tf.add(tf.mul(grouped(x as Tensor, [2, 12, 3, 2], [1, 3]), scale as Tensor), offset as Tensor),
      'of groups of rows and columns': ({ x, scale, offset }) =>
        tf.add(tf.mul(grouped(x as Tensor, [2, 3, 4, 3, 2], [1, 2, 4]), scale as Tensor), offset as Tensor),
    },
    after: ['GroupNorm'],
  },
  'rotary positions': {
    inputs: { x: randomFloats(1, [2, 2, 3, 4]), cos: randomFloats(2, [3, 2]), sin: randomFloats(3, [3, 2]) },
    ways: {
      'half by half': ({ x, cos, sin }) => {
        const [a, b] = halves(x as Tensor)
        const [c, s] = [cos as Tensor, sin as Tensor]
        return tf.concat([tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))], -1)
      },
      'by turning halves': ({ x, cos, sin }) => {
        const [a, b] = halves(x as Tensor)
        const twice = (table: Tensor) => tf.concat([table, table], 1)
        const turned = tf.concat([tf.neg(b), a], 3)
        return tf.add(tf.mul(x as Tensor, twice(cos as Tensor)), tf.mul(turned, twice(sin as Tensor)))
      },
    },
    after: ['Rotary'],
  },
  attention: {
    inputs: {
      q: randomFloats(1, [2, 2, 3, 4]),
      k: randomFloats(2, [2, 2, 5, 4]),
      v: randomFloats(3, [2, 2, 5, 6]),
      mask: randomFloats(4, [3, 5]),
    },
    ways: {
      'scaled by a product': ({ q, k, v }) =>
        tf.matMul(tf.softmax(tf.mul(scores(q as Tensor, k as Tensor), 0.5)), v as Tensor),
      'scaled by division, with a mask': ({ q, k, v, mask }) =>
        tf.matMul(tf.softmax(tf.add(mask as Tensor, tf.div(scores(q as Tensor, k as Tensor), 2))), v as Tensor),
      'not scaled': ({ q, k, v }) => tf.matMul(tf.softmax(scores(q as Tensor, k as Tensor)), v as Tensor),
    },
    after: ['Attention'],
  },
  'log-softmax': {
    inputs: { logits: randomFloats(1, [2, 4, 5], -3, 3) },
    ways: { 'of the last axis': ({ logits }) => tf.logSoftmax(logits as Tensor) },
    after: ['LogSoftmax'],
  },
  'softmax cross-entropy': {
    // A label out of range has a row of zeros, and counts.
    inputs: { logits: randomFloats(1, [4, 5], -3, 3), labels: int32(Int32Array.of(2, 0, -1, 4), [4]) },
    ways: {
      'the mean of rows': ({ logits, labels }) => tf.neg(tf.mean(rowLogs(logits as Tensor, labels as Tensor))),
      'the sum of rows': ({ logits, labels }) => tf.neg(tf.sum(rowLogs(logits as Tensor, labels as Tensor))),
    },
    after: [
      'Fill',
      'GreaterEqual',
      'Fill',
      'Less',
      'LogicalAnd',
      'Fill',
      'Select',
      'SoftmaxCrossEntropy',
      'Multiply',
      'Neg',
      'Fill',
      'RealDiv',
      'Neg',
    ],
  },
}

describe.each(Object.entries(compositions))('the fusion of %s', (_, { inputs, ways, after }) => {
  it.each(Object.entries(ways))('finds the composition, %s, and changes no value', async (_, compute) => {
    const step: Traced = (tensors) => ({ y: compute(tensors) })
    expect(kernels(fused(step, inputs)).toSorted()).toEqual(after.toSorted())
    const [got, want] = await Promise.all(
      runtimes.map((runtime) => runOnce(runtime, inputs, step).then((outputs) => floats(outputs, 'y'))),
    )
    for (const [at, value] of (want as Float32Array).entries()) expect(got?.[at]).toBeCloseTo(value, 5)
  })

  it('leaves the composition alone where its gradient reads the parts', () => {
    const [compute] = Object.values(ways)
    const parameter = Object.keys(inputs)[0] as string
    const step: Traced = (tensors) => ({
      gradient: valueAndGradients(
        () => ({ loss: tf.sum(tf.square((compute as (typeof ways)[string])(tensors))), aside: {} }),
        { [parameter]: tensors[parameter] as Tensor },
      ).gradients[parameter] as Tensor,
    })
    // The gradients of rotary positions and of log-softmax read no parts of theirs.
    const before = kernels(prepared(step, inputs))
    const own = kernels(fused(step, inputs)).filter((kernel) => !before.includes(kernel))
    expect(own.filter((kernel) => ['Silu', 'RmsNorm', 'LayerNorm', 'GroupNorm', 'Attention'].includes(kernel))).toEqual(
      [],
    )
  })
})

describe('fusion', () => {
  it('shows in the printed graph: three lines become one', () => {
    const inputs = { x: randomFloats(1, [2, 3]), weight: randomFloats(2, [3]) }
    const step: Traced = ({ x, weight }) => ({
      y: tf.mul(tf.mul(x as Tensor, tf.rsqrt(tf.add(tf.mean(tf.square(x as Tensor), 1, true), 0.5))), weight as Tensor),
    })
    expect(lines(prepared(step, inputs))).toEqual([
      'input x = %0:f32[2,3]',
      'input weight = %1:f32[3]',
      'constant %4:f32[] = 0.5',
      '%2:f32[2,3] = Square(%0)',
      '%3:f32[2,1] = Mean(%2) {axis=1 keepDims=true}',
      '%5:f32[2,1] = Add(%3, %4)',
      '%6:f32[2,1] = Rsqrt(%5)',
      '%7:f32[2,3] = Multiply(%0, %6)',
      '%8:f32[2,3] = Multiply(%7, %1)',
      'output y = %8',
    ])
    expect(lines(fused(step, inputs))).toEqual([
      'input x = %0:f32[2,3]',
      'input weight = %1:f32[3]',
      '%8:f32[2,3], %9:f32[2,1] = RmsNorm(%0, %1) {epsilon=0.5}',
      'output y = %8',
    ])
  })

  it('leaves a composition alone whose parts are read elsewhere, or handed out', () => {
    const inputs = { x: randomFloats(1, [2, 3]) }
    const both: Traced = ({ x }) => {
      const gate = tf.sigmoid(x as Tensor)
      return { y: tf.mul(x as Tensor, gate), gate }
    }
    const read: Traced = ({ x }) => {
      const gate = tf.sigmoid(x as Tensor)
      return { y: tf.mul(x as Tensor, gate), other: tf.neg(gate) }
    }
    for (const step of [both, read]) expect(kernels(fused(step, inputs))).toContain('Sigmoid')
  })

  it('leaves alone what only looks like it: another gate, another axis, a weight by row, products over shared heads', () => {
    const inputs = {
      x: randomFloats(1, [3, 3]),
      y: randomFloats(2, [3, 3]),
      weight: randomFloats(3, [3, 1]),
      q: randomFloats(4, [2, 4, 3, 2]),
      k: randomFloats(5, [2, 1, 3, 2]),
    }
    const step: Traced = (tensors) => {
      const { x, y, weight, q, k } = tensors as Record<'x' | 'y' | 'weight' | 'q' | 'k', Tensor>
      const norm = (axis: number) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), axis, true), 1e-5)))
      return {
        gate: tf.mul(x, tf.sigmoid(y)),
        axis: tf.mul(norm(0), tf.sum(y, 0)),
        row: tf.mul(norm(1), weight),
        shared: tf.matMul(tf.softmax(scores(q, k)), k),
      }
    }
    expect(kernels(fused(step, inputs))).toEqual(kernels(prepared(step, inputs)))
  })

  it('finds the larger of two compositions, one inside the other', () => {
    const step: Traced = ({ x, scale, offset }) => {
      const y = compositions['layer normalisation']?.ways['by moments']?.({ x, scale, offset } as never) as Tensor
      return { z: tf.mul(y, tf.sigmoid(y)) }
    }
    expect(kernels(fused(step, row))).toEqual(['LayerNorm', 'Silu'])
  })
})
