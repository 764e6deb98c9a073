import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { exportedFunction, exportedInputs } from '../../test/fixtures/exported-function.ts'
import { compile } from './compile.ts'
import { type ExportedFunction, exportFunction, exportFunctions } from './export.ts'
import type { StoredWeight } from './export-weights.ts'
import { onnxRuntime } from './runtimes/onnx.ts'
import { fromOrt, toOrt } from './runtimes/onnx-state.ts'
import { float32, type HostTensor } from './runtimes/runtime.ts'
import { specsOf } from './testing/programs.ts'
import { type Tensor, tf } from './tf.ts'

/** What the function gives when it is compiled and run as a program. */
async function ownNumbers(): Promise<Record<string, HostTensor>> {
  const runtime = onnxRuntime({ threads: 1 })
  const state = runtime.createState(exportedFunction.weights as Record<string, HostTensor>)
  const { step } = exportedFunction
  const program = await compile(runtime, state, 'own', specsOf(exportedInputs), state.names(), step)
  const got = await program.run(exportedInputs)
  await program.dispose()
  return got
}

/** What the exported file gives. */
async function exportedNumbers(path: string): Promise<Record<string, HostTensor>> {
  const session = await ort.InferenceSession.create(path)
  const feeds = Object.fromEntries(Object.entries(exportedInputs).map(([name, tensor]) => [name, toOrt(tensor)]))
  const got = await session.run(feeds)
  await session.release()
  return Object.fromEntries(Object.entries(got).map(([name, tensor]) => [name, fromOrt(tensor)]))
}

/** y = x · w, of a stored weight. */
const scaled = (w: StoredWeight): ExportedFunction => ({
  name: 'scaled',
  about: 'Scales.',
  step: ({ x, w }) => ({ y: tf.mul(x as Tensor, tf.sum(w as Tensor)) }),
  inputs: { x: { shape: [2], range: 'any', meaning: 'what to scale' } },
  outputs: { y: { range: 'any', meaning: 'x, scaled' } },
  weights: { w },
})

describe('an exported function', () => {
  it.each([false, true])(
    'runs in onnxruntime with the numbers of the program itself (weights in a file of their own: %s)',
    async (external) => {
      const folder = temporaryFolder()
      const files = await exportFunctions([exportedFunction], { folder, title: 'Test', external })
      const names = ['every-kind.onnx', ...(external ? ['every-kind.onnx.data'] : []), 'README.md']
      expect(readdirSync(folder).sort()).toEqual(names.toSorted())
      expect(files.toSorted()).toEqual(names.map((name) => join(folder, name)).toSorted())
      const [got, wanted] = [
        await exportedNumbers(files.find((path) => path.endsWith('.onnx')) as string),
        await ownNumbers(),
      ]
      expect(Object.keys(got)).toEqual(Object.keys(wanted))
      for (const [name, { shape, dtype, data }] of Object.entries(wanted)) {
        expect([got[name]?.shape, got[name]?.dtype], name).toEqual([shape, dtype])
        for (const [at, value] of data.entries()) expect(got[name]?.data[at]).toBeCloseTo(value, 5)
      }
    },
  )

  it('names its inputs, outputs and weights, with their shapes, and leaves out weights that nothing depends on', async () => {
    const folder = temporaryFolder()
    const [data = '', model = ''] = await exportFunctions([exportedFunction], { folder, title: 'Test', external: true })
    const session = await ort.InferenceSession.create(model)
    expect(session.inputNames).toEqual(Object.keys(exportedFunction.inputs))
    expect(session.outputNames).toEqual(Object.keys(exportedFunction.outputs))
    const shapes = [...session.inputMetadata, ...session.outputMetadata].map((value) =>
      value.isTensor ? [value.name, value.type, value.shape] : [],
    )
    expect(shapes).toContainEqual(['picture', 'float32', [2, 6, 6, 3]])
    expect(shapes).toContainEqual(['token ids', 'int32', [5]])
    expect(shapes).toContainEqual(['positive', 'bool', [2, 6, 6, 3]])
    await session.release()
    const written = readFileSync(model, 'latin1')
    for (const name of Object.keys(exportedFunction.weights)) expect(written.includes(name)).toBe(name !== 'unused')
    // Of the seven weights that are used, each on a page of its own.
    expect(statSync(data).size).toBe(6 * 4096 + 4)
  })

  it('is told in a README, whose program for Node runs as it stands', async () => {
    const folder = temporaryFolder()
    await exportFunctions([exportedFunction], { folder, title: 'Some functions', external: 'auto' })
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(readme).toMatch(/^# Some functions\n/)
    expect(readme).toContain('Every shape is fixed')
    expect(readme).toContain('7 weights, 0.0 MB, inside the file.')
    expect(readme).toContain('| input | `picture` | float32 | [2, 6, 6, 3] | -1 to 1 | numbers \\| of a test |')
    expect(readme).toContain('| output | `largest` | int32 | [5] | 0 to 7 | where each token is largest |')
    const program = /```js\n(.*?)```/s.exec(readme)?.[1] as string
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'run.mjs'), program)
    const printed = execFileSync(process.execPath, ['run.mjs'], { cwd: folder, encoding: 'utf8' })
    expect(printed.trim().split('\n')[0]).toMatch(/^map float32 \[ 2, 3, 3, 8 \]$/)
    expect(printed).toContain('positive bool [ 2, 6, 6, 3 ]')
  })

  it('stands in one folder with others, in one README', async () => {
    const folder = temporaryFolder()
    const doubled = scaled({ shape: [1], dtype: 'float32', read: () => float32(Float32Array.of(2), [1]) })
    const files = await exportFunctions([exportedFunction, doubled], { folder, title: 'Two', external: false })
    expect(files).toHaveLength(3)
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(readme.match(/^## .*/gm)).toEqual(['## every-kind.onnx', '## scaled.onnx'])
  })

  it('replaces what an export before it left, also a file of weights that is no longer needed', async () => {
    const folder = temporaryFolder()
    const { step, inputs, weights, ...named } = exportedFunction
    await exportFunction(step, inputs, weights, { ...named, folder, external: true })
    await exportFunction(step, inputs, weights, { ...named, folder, external: false })
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'every-kind.onnx'])
  })
})

describe('weights in a file of their own', () => {
  it('are read one at a time, each written before the next is asked for', async () => {
    const folder = temporaryFolder()
    const size = 10_000
    const written: number[] = []
    const stored = (value: number): StoredWeight => ({
      shape: [size],
      dtype: 'float32',
      read: async () => {
        const file = readdirSync(folder).find((name) => name.includes('.data'))
        written.push(file ? statSync(join(folder, file)).size : 0)
        return float32(new Float32Array(size).fill(value), [size])
      },
    })
    await exportFunction(
      ({ x, a, b, c }) => ({ y: tf.addN([x as Tensor, a as Tensor, b as Tensor, c as Tensor]) }),
      { x: { shape: [size], range: 'any', meaning: 'a vector' } },
      { a: stored(1), b: stored(10), c: stored(100) },
      { folder, name: 'sum', about: 'Adds.', outputs: { y: { range: 'any', meaning: 'the sum' } }, external: true },
    )
    expect(written).toEqual([0, 4 * size, 40_960 + 4 * size])
    const session = await ort.InferenceSession.create(join(folder, 'sum.onnx'))
    const { y } = await session.run({ x: new ort.Tensor(new Float32Array(size).fill(0.5), [size]) })
    await session.release()
    expect(y?.data).toEqual(new Float32Array(size).fill(111.5))
  })

  it('are needed where an ONNX file would end, which is said before any is read', async () => {
    const folder = join(temporaryFolder(), 'large')
    const never = () => {
      throw new Error('was read')
    }
    const large = scaled({ shape: [600_000, 1000], dtype: 'float32', read: never })
    await expect(exportFunctions([large], { folder, title: 'Large', external: false })).rejects.toThrow(
      'the weights of "scaled" take 2400000000 bytes, but an ONNX file ends at 2147483648; put them into a file of their own',
    )
    expect(existsSync(folder)).toBe(false)
    // Left to choose, the export does so.
    await expect(exportFunctions([large], { folder, title: 'Large', external: 'auto' })).rejects.toThrow('was read')
    expect(readdirSync(folder)).toEqual([])
  })

  it('leave nothing behind if one cannot be read or is not what it was said to be', async () => {
    const folder = temporaryFolder()
    const wrong = scaled({ shape: [3], dtype: 'float32', read: () => float32(new Float32Array(2), [2]) })
    for (const external of [true, false])
      await expect(exportFunctions([wrong], { folder, title: 'Wrong', external })).rejects.toThrow(
        '"w" is float32[2], but the program was compiled for float32[3]',
      )
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('an export', () => {
  const folder = 'never-written'
  const refused = (change: Partial<ExportedFunction>) =>
    expect(exportFunctions([{ ...exportedFunction, ...change }], { folder, title: 'T', external: 'auto' })).rejects

  it('refuses names that mean two things, and outputs that are not described or not there', async () => {
    await refused({ name: '../up' }).toThrow('"../up" cannot be the name of a file')
    await refused({ weights: { ...exportedFunction.weights, picture: float32(new Float32Array(1), [1]) } }).toThrow(
      '"picture" is both an input and a weight of "every-kind"',
    )
    await refused({ step: ({ picture }) => ({ picture: picture as Tensor }) }).toThrow(
      '"picture" is both an input and an output',
    )
    const { map, ...others } = exportedFunction.outputs
    await refused({ outputs: others }).toThrow('the output "map" of "every-kind" is not described')
    await refused({ outputs: { ...exportedFunction.outputs, more: map as never } }).toThrow(
      '"every-kind" has no output "more"; it has map, mixed, largest, positive, shifted',
    )
    expect(existsSync(folder)).toBe(false)
  })
})
