import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { accumulatorEntries, compileAccumulated } from './compile-accumulated.ts'
import { valueAndGradients } from './gradients.ts'
import { accumulated } from './operations/accumulated.ts'
import { splitAccumulation } from './passes/accumulation.ts'
import { eliminateDeadCode } from './passes/dead-code.ts'
import { float32, floats, type HostTensor, type Runtime, scalar } from './runtimes/runtime.ts'
import { lines } from './testing/graphs.ts'
import { randomFloats, runtimes } from './testing/programs.ts'
import { type Tensor, tf } from './tf.ts'
import { type Traced, trace } from './trace.ts'

const [PARTS, ROWS, WIDTH] = [3, 4, 5]
const initial = (): Record<string, HostTensor> => ({
  weight: randomFloats(1, [WIDTH, 2]),
  momentum: randomFloats(2, [WIDTH, 2]),
  seen: scalar(7),
})
const batch = { x: randomFloats(3, [PARTS * ROWS, WIDTH]), y: randomFloats(4, [PARTS * ROWS, 2]) }
const part = (tensor: HostTensor, at: number): HostTensor => {
  const width = tensor.shape[1] as number
  const data = tensor.data.slice(at * ROWS * width, (at + 1) * ROWS * width) as Float32Array
  return float32(data, [ROWS, width])
}

/** Momentum with the gradient of a mean loss, clipped by its norm; a running sum of rows above zero besides. */
const step: Traced = (tensors) => {
  const { x, y, weight, momentum, seen, rate } = tensors as Record<
    'x' | 'y' | 'weight' | 'momentum' | 'seen' | 'rate',
    Tensor
  >
  const { loss, gradients, aside } = valueAndGradients(
    () => {
      const error = tf.sub(tf.tanh(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)), y)
      const positive = tf.sum(tf.cast(tf.greater(error, 0), 'float32'))
      return { loss: tf.mean(tf.square(error)), aside: { positive, largest: tf.max(error) } }
    },
    { weight },
  )
  const gradient = accumulated('weight', gradients.weight as Tensor)
  const norm = tf.sqrt(tf.sum(tf.square(gradient)))
  const moved = tf.add(tf.mul(momentum, 0.9), tf.div(gradient, tf.maximum(norm, 0.01)))
  return {
    loss: accumulated('loss', loss),
    norm,
    largest: aside.largest,
    'state:momentum': moved,
    'state:weight': tf.sub(weight, tf.mul(moved, rate)),
    'state:seen': tf.add(seen, accumulated('positive', aside.positive, 'sum')),
  }
}
const entries = accumulatorEntries({
  weight: { shape: [WIDTH, 2], dtype: 'float32' },
  loss: { shape: [], dtype: 'float32' },
  positive: { shape: [], dtype: 'float32' },
})
const reads = ['weight', 'momentum', 'seen']
const rate = scalar(0.1)

async function open(runtime: Runtime) {
  const state = runtime.createState({ ...initial(), ...entries })
  const microBatch = { x: { shape: [ROWS, WIDTH] }, y: { shape: [ROWS, 2] } }
  const program = await compileAccumulated(
    runtime,
    state,
    'parts',
    { shared: { rate: { shape: [] } }, microBatch },
    reads,
    step,
  )
  return { state, program }
}

describe.each(runtimes)('a step over micro-batches on $name', (runtime) => {
  it('equals one step on the whole batch, step after step', async () => {
    const { state, program } = await open(runtime)
    const whole = runtime.createState(initial())
    const specs = { x: { shape: [PARTS * ROWS, WIDTH] }, y: { shape: [PARTS * ROWS, 2] }, rate: { shape: [] } }
    const once = await compile(runtime, whole, 'whole', specs, reads, step)
    for (let count = 0; count < 3; count++) {
      const want = await once.run({ ...batch, rate })
      const got = await program.run(
        { rate },
        Array.from({ length: PARTS }, (_, at) => ({ x: part(batch.x, at), y: part(batch.y, at) })),
      )
      expect(Object.keys(got.outputs).toSorted()).toEqual(['loss', 'norm'])
      for (const name of ['loss', 'norm'])
        expect(floats(got.outputs, name)[0]).toBeCloseTo(floats(want, name)[0] as number, 5)
      const largest = got.microBatches.map((outputs) => floats(outputs, 'largest')[0] as number)
      expect(largest.length).toBe(PARTS)
      expect(Math.max(...largest)).toBeCloseTo(floats(want, 'largest')[0] as number, 5)
      for (const name of reads) {
        const wanted = (await whole.read(name)).data
        for (const [at, value] of (await state.read(name)).data.entries())
          expect(value, name).toBeCloseTo(wanted[at] as number, 5)
      }
      for (const name of Object.keys(entries))
        expect([...(await state.read(name)).data].every((x) => x === 0)).toBe(true)
    }
    await once.dispose()
    await program.dispose()
  })

  it('refuses to run without any micro-batch', async () => {
    const { program } = await open(runtime)
    await expect(program.run({ rate }, [])).rejects.toThrow('"parts" was given no micro-batch')
    await program.dispose()
  })
})

describe('cutting a step at what it accumulates', () => {
  const traced = (of: Traced) =>
    eliminateDeadCode(trace(of, { x: { shape: [4] }, w: { shape: [4] }, rate: { shape: [] } }))
  const gradient: Traced = ({ x, w, rate }) => ({
    'state:w': tf.sub(w as Tensor, tf.mul(accumulated('g', tf.mul(x as Tensor, w as Tensor)), rate as Tensor)),
  })

  it('gives one graph that adds and one that divides, updates and clears', () => {
    const graph = traced(gradient)
    expect(lines(graph)).toEqual([
      'input x = %0:f32[4]',
      'input w = %1:f32[4]',
      'input rate = %2:f32[]',
      '%3:f32[4] = Multiply(%0, %1)',
      '%4:f32[4] = Accumulated(%3) {name="g" by="mean"}',
      '%5:f32[4] = Multiply(%4, %2)',
      '%6:f32[4] = Sub(%1, %5)',
      'output state:w = %6',
    ])
    const { accumulate, update } = splitAccumulation(graph, ['x'])
    expect(lines(accumulate)).toEqual([
      'input x = %0:f32[4]',
      'input w = %1:f32[4]',
      'input accumulated.g = %7:f32[4]',
      '%3:f32[4] = Multiply(%0, %1)',
      '%8:f32[4] = Add(%7, %3)',
      'output state:accumulated.g = %8',
    ])
    expect(lines(update)).toEqual([
      'input w = %1:f32[4]',
      'input rate = %2:f32[]',
      'input accumulated.g = %9:f32[4]',
      'input microBatches = %7:f32[]',
      '%4:f32[4] = RealDiv(%9, %7)',
      '%5:f32[4] = Multiply(%4, %2)',
      '%6:f32[4] = Sub(%1, %5)',
      '%8:f32[4] = Fill() {shape=[4] value=0 dtype="float32"}',
      'output state:w = %6',
      'output state:accumulated.g = %8',
    ])
  })

  it.each<[string, Traced, RegExp]>([
    ['nothing marked', ({ x }) => ({ y: tf.neg(x as Tensor) }), /marks nothing as accumulated/],
    [
      'a name for two values',
      ({ x, w }) => ({ a: accumulated('g', tf.neg(x as Tensor)), b: accumulated('g', tf.neg(w as Tensor)) }),
      /"g" is accumulated twice/,
    ],
    [
      'an output of both',
      ({ x }) => ({ y: tf.add(accumulated('g', tf.neg(x as Tensor)), x as Tensor) }),
      /output "y" needs a micro-batch and accumulated values at once/,
    ],
    [
      'a state that each part would replace',
      ({ x }) => ({ g: accumulated('g', tf.neg(x as Tensor)), 'state:x': tf.neg(x as Tensor) }),
      /"state:x" would be replaced by each micro-batch/,
    ],
    [
      'one marked value inside another',
      ({ x }) => ({ y: accumulated('outer', tf.neg(accumulated('inner', x as Tensor))) }),
      /"outer" depends on another accumulated value/,
    ],
  ])('refuses %s', (_, of, message) => {
    expect(() => splitAccumulation(traced(of), ['x'])).toThrow(message)
  })
})
