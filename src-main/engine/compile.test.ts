import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { float32, floats, type HostTensor, int32, STATE_PREFIX, scalar } from './runtimes/runtime.ts'
import { runtimes } from './testing/programs.ts'
import { type Tensor, tf } from './tf.ts'
import type { Traced } from './trace.ts'

const vector = (...values: number[]): HostTensor => float32(Float32Array.from(values), [values.length])

describe.each(runtimes)('a program on $name', (runtime) => {
  /** total ← total + x, and rows[index], which fails for an index out of range. */
  const accumulate: Traced = ({ x, index, total, rows }) => {
    const sum = tf.add(total as Tensor, x as Tensor)
    return { sum, [`${STATE_PREFIX}total`]: sum, row: tf.gather(rows as Tensor, index as tf.Tensor1D) }
  }
  const open = async () => {
    const state = runtime.createState({ total: vector(1, 2), rows: vector(10, 20, 30) })
    const inputs = { x: { shape: [2] }, index: { shape: [1], dtype: 'int32' } } as const
    return { state, program: await compile(runtime, state, 'accumulate', inputs, ['total', 'rows'], accumulate) }
  }
  const at = (index: number) => int32(Int32Array.of(index), [1])

  it('carries its state from step to step, and leaves entries that it does not write', async () => {
    const { state, program } = await open()
    const sums: number[][] = []
    for (let step = 1; step <= 3; step++)
      sums.push([...floats(await program.run({ x: vector(step, 0), index: at(0) }), 'sum')])
    expect(sums).toEqual([
      [2, 2],
      [4, 2],
      [7, 2],
    ])
    expect([...(await state.read('total')).data]).toEqual([7, 2])
    expect([...(await state.read('rows')).data]).toEqual([10, 20, 30])
    expect(state.names()).toEqual(['total', 'rows'])
    await program.dispose()
  })

  it('hands out copies that later steps do not change', async () => {
    const { state, program } = await open()
    const first = await program.run({ x: vector(1, 1), index: at(0) })
    const read = await state.read('total')
    await program.run({ x: vector(5, 5), index: at(0) })
    await program.run({ x: vector(5, 5), index: at(0) })
    expect([...floats(first, 'sum')]).toEqual([2, 3])
    expect([...read.data]).toEqual([2, 3])
    await program.dispose()
  })

  it('does not let go of what it read: changing a copy leaves the state as it is', async () => {
    const initial = vector(1, 2)
    const state = runtime.createState({ total: initial })
    initial.data[0] = 99
    const read = await state.read('total')
    read.data[1] = 99
    const written = vector(3, 4)
    expect([...(await state.read('total')).data]).toEqual([1, 2])
    await state.write('total', written)
    written.data[0] = 99
    expect([...(await state.read('total')).data]).toEqual([3, 4])
  })

  it('leaves the state as it was when a step fails, and goes on after it', async () => {
    const { state, program } = await open()
    await program.run({ x: vector(1, 1), index: at(0) })
    await expect(program.run({ x: vector(5, 5), index: at(7) })).rejects.toThrow()
    expect([...(await state.read('total')).data]).toEqual([2, 3])
    expect([...floats(await program.run({ x: vector(1, 1), index: at(2) }), 'sum')]).toEqual([3, 4])
    await program.dispose()
  })

  it('shares a state among programs, and takes entries written between steps', async () => {
    const { state, program } = await open()
    const double = await compile(runtime, state, 'double', {}, ['total'], ({ total }) => ({
      [`${STATE_PREFIX}total`]: tf.mul(total as Tensor, 2),
    }))
    await program.run({ x: vector(1, 1), index: at(0) })
    await double.run({})
    expect([...(await state.read('total')).data]).toEqual([4, 6])
    await state.write('total', vector(-1, -2))
    await double.run({})
    expect([...(await state.read('total')).data]).toEqual([-2, -4])
    await program.dispose()
    await double.dispose()
  })

  it('takes further entries for programs to come, and lets them go again', async () => {
    const { state, program } = await open()
    state.add({ beside: vector(5, 6) })
    expect(() => state.add({ more: vector(1), beside: vector(1) })).toThrow('has an entry "beside" already')
    expect(state.names()).toEqual(['total', 'rows', 'beside'])
    const swap: Traced = ({ total, beside }) => ({
      [`${STATE_PREFIX}beside`]: tf.add(total as Tensor, beside as Tensor),
    })
    const other = await compile(runtime, state, 'swap', {}, ['total', 'beside'], swap)
    await other.run({})
    expect([...(await state.read('beside')).data]).toEqual([6, 8])
    await other.dispose()
    state.remove(['beside'])
    expect(state.names()).toEqual(['total', 'rows'])
    expect(() => state.remove(['beside'])).toThrow('no entry "beside"')
    expect(floats(await program.run({ x: vector(1, 1), index: at(1) }), 'row')).toEqual(Float32Array.of(20))
    await program.dispose()
  })

  it('refuses an input that is missing, of another shape or of another type, naming what it wants', async () => {
    const { state, program } = await open()
    const good = { x: vector(1, 1), index: at(0) }
    await expect(program.run({ index: at(0) })).rejects.toThrow('input "x" is missing; the program wants float32[2]')
    await expect(program.run({ ...good, x: vector(1, 2, 3) })).rejects.toThrow(
      'input "x" is float32[3], but the program was compiled for float32[2]',
    )
    await expect(program.run({ ...good, index: scalar(0) })).rejects.toThrow(
      'input "index" is float32[], but the program was compiled for int32[1]',
    )
    expect([...(await state.read('total')).data]).toEqual([1, 2])
    await program.dispose()
  })

  it('refuses to write an entry of another shape or one that is not there', async () => {
    const state = runtime.createState({ total: vector(1, 2) })
    await expect(state.write('total', vector(1))).rejects.toThrow('"total" is float32[1]')
    await expect(state.write('sum', vector(1, 2))).rejects.toThrow('the state has no entry "sum"')
    await expect(state.read('sum')).rejects.toThrow('the state has no entry "sum"')
  })

  it('refuses a step whose new state is of another shape, before it runs', async () => {
    const state = runtime.createState({ total: vector(1, 2), other: vector(5) })
    const grown = compile(runtime, state, 'grow', {}, ['total', 'other'], ({ total, other }) => ({
      [`${STATE_PREFIX}other`]: tf.neg(other as Tensor),
      [`${STATE_PREFIX}total`]: tf.concat([total as Tensor, total as Tensor], 0),
    }))
    await expect(grown).rejects.toThrow(/"state:total" is float32\[2\].*float32\[4\]/)
    expect([...(await state.read('other')).data]).toEqual([5])
  })

  it('refuses a name that means two things', async () => {
    const state = runtime.createState({ x: vector(1) })
    const identity: Traced = ({ x }) => ({ y: x as Tensor })
    const twice = compile(runtime, state, 'twice', { x: { shape: [1] } }, ['x'], identity)
    await expect(twice).rejects.toThrow('"x" is both an input of "twice" and an entry of its state')
    const same = compile(runtime, state, 'same', {}, ['x'], ({ x }) => ({ x: tf.neg(x as Tensor) }))
    await expect(same).rejects.toThrow('"x" is both an input and an output of "same"')
  })

  it('returns inputs, constants and equal outputs as they are, and lets inputs be unused', async () => {
    const program = await compile(
      runtime,
      runtime.createState({}),
      'plain',
      { x: { shape: [2] }, unused: { shape: [3] } },
      [],
      ({ x }) => {
        const y = tf.neg(x as Tensor)
        return { x2: x as Tensor, y, again: y, constant: tf.tensor1d([7, 8]), truth: tf.greater(x as Tensor, 0) }
      },
    )
    const got = await program.run({ x: vector(1, -2), unused: vector(0, 0, 0) })
    expect(Object.fromEntries(Object.entries(got).map(([name, { data }]) => [name, [...data]]))).toEqual({
      x2: [1, -2],
      y: [-1, 2],
      again: [-1, 2],
      constant: [7, 8],
      truth: [1, 0],
    })
    expect(got.truth?.dtype).toBe('bool')
    await program.dispose()
  })
})
