import { describe, expect, it } from 'vitest'
import { attention } from './operations/attention.ts'
import { chooseLayouts } from './passes/layout.ts'
import { countKernels, listGraph } from './print.ts'
import { traced } from './testing/graphs.ts'
import { type Tensor, tf } from './tf.ts'

/** Model lines of this file as "here:n", n counted from the first. */
function withoutLines(text: string): string {
  const seen: string[] = []
  return text.replace(/^\S*print\.test\.ts:(\d+)$/gm, (_, line: string) => {
    if (!seen.includes(line)) seen.push(line)
    return `here:${seen.indexOf(line)}`
  })
}

describe('the listing of a graph', () => {
  it('groups calls by model line in columns, calls inputs by name, and writes single numbers out', () => {
    const graph = traced({ x: [2, 3], weight: [3, 16] }, ({ x, weight }) => {
      const product = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)
      const y = tf.add(tf.mul(product, 0.1), tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]))
      return { y, total: tf.sum(y, 1, true) }
    })
    expect(withoutLines(listGraph(graph))).toBe(
      [
        'inputs',
        '  x       f32[2,3]',
        '  weight  f32[3,16]',
        'constants',
        '  %5  f32[16]  = 1, 2, 3, 4, 5, 6, … (16)',
        'here:0',
        '  %2  f32[2,16]  BatchMatMul(x, weight)',
        'here:1',
        '  %4  f32[2,16]  Multiply(%2, 0.1)',
        '  %6  f32[2,16]  Add(%4, %5)',
        'here:2',
        '  %7  f32[2,1]  Sum(%6)  axis=1 keepDims',
        'outputs',
        '  y      f32[2,16]  = %6',
        '  total  f32[2,1]   = %7',
      ].join('\n'),
    )
  })

  it('leaves out what the types show and what is usual, and keeps what is not', () => {
    const graph = traced({ x: [1, 4, 5, 3], filter: [3, 3, 3, 2] }, ({ x, filter }) => ({
      y: tf.reshape(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same'), [2, 6]),
      z: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid'),
    }))
    expect(listGraph(graph)).toContain('Conv2D(x, filter)  strides=2 pad=same\n')
    expect(listGraph(graph)).toMatch(/Reshape\(%\d+\)\n/)
    expect(listGraph(graph)).toContain('Conv2D(x, filter)  pad=valid\n')
    // What a pass adds stands with the line that it was added for.
    expect(listGraph(chooseLayouts(graph))).toMatch(/^\(added by a pass\)\n.*Transpose\(x\) {2}perm=\[0,3,1,2\]\n/m)
    expect(listGraph(chooseLayouts(graph))).toContain('pad=valid layout=NCHW')
  })

  it('shows each output of a call in a row of its own', () => {
    const graph = traced({ q: [1, 2, 3, 4] }, ({ q }) => ({
      y: attention(q as Tensor, q as Tensor, q as Tensor, { causal: true }),
    }))
    expect(listGraph(graph)).toContain(
      ['  %1  f32[1,2,3,4]  Attention(q, q, q)  causal scale=0.5', '  %2  f32[1,2,3,3]  〃'].join('\n'),
    )
  })

  it('counts kernels, the most frequent first', () => {
    const graph = traced({ x: [2] }, ({ x }) => ({ y: tf.neg(tf.add(tf.neg(x as Tensor), x as Tensor)) }))
    expect(countKernels(graph)).toEqual([
      { kernel: 'Neg', count: 2 },
      { kernel: 'Add', count: 1 },
    ])
  })
})
