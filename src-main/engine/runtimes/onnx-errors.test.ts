import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { MissingOperationError, OperationError, OutOfMemoryError, ProviderError, ShapeError } from '../errors.ts'
import { specsOf } from '../testing/programs.ts'
import { type Tensor, tf } from '../tf.ts'
import { onnxRuntime } from './onnx.ts'
import { explainOnnxError } from './onnx-errors.ts'
import { float32, floats, type HostTensor, int32, STATE_PREFIX } from './runtime.ts'

const runtime = onnxRuntime({ threads: 1 })
const caught = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: Error) => error,
  )

describe('a step that fails', () => {
  it('names the model line, the shapes and what to do when memory runs out, and leaves the state as it was', async () => {
    // The sum of every pair: 2^46 numbers are more than a process can address.
    const length = 2 ** 23
    const state = runtime.createState({ count: float32(Float32Array.of(1), [1]) })
    const specs = { x: { shape: [length] }, y: { shape: [length] } }
    const program = await compile(runtime, state, 'pairs', specs, ['count'], ({ x, y, count }) => ({
      most: tf.max(tf.add(tf.reshape(x as Tensor, [length, 1]), tf.reshape(y as Tensor, [1, length]))),
      [`${STATE_PREFIX}count`]: tf.add(count as Tensor, 1),
    }))
    const zeros: HostTensor = float32(new Float32Array(length), [length])
    const error = await caught(program.run({ x: zeros, y: zeros }))
    expect(error).toBeInstanceOf(OutOfMemoryError)
    expect(error.message).toMatch(
      /^onnxruntime on the processor has no memory left for \d+\.\d MB more in Add of float32\[8388608,1\], float32\[1,8388608\] at src-main\/engine\/runtimes\/onnx-errors\.test\.ts:\d+; use a smaller batch/,
    )
    expect([...(await state.read('count')).data]).toEqual([1])
    await program.dispose()
  })

  it('names the line, the shapes and the reason when an operation fails', async () => {
    const inputs = { table: float32(Float32Array.of(1, 2, 3), [3]), index: int32(Int32Array.of(7), [1]) }
    const program = await compile(runtime, runtime.createState({}), 'look up', specsOf(inputs), [], (tensors) => ({
      row: tf.gather(tensors.table as Tensor, tensors.index as tf.Tensor1D),
    }))
    const error = await caught(program.run(inputs))
    expect(error).toBeInstanceOf(OperationError)
    expect(error.message).toMatch(
      /^GatherV2 of float32\[3\], int32\[1\] at src-main\/engine\/runtimes\/onnx-errors\.test\.ts:\d+ failed in onnxruntime on the processor: indices element out of data bounds, idx=7/,
    )
    const good = await program.run({ ...inputs, index: int32(Int32Array.of(2), [1]) })
    expect([...floats(good, 'row')]).toEqual([3])
    await program.dispose()
  })

  it('names both shapes when an input does not fit', async () => {
    const program = await compile(runtime, runtime.createState({}), 'double', { x: { shape: [2] } }, [], ({ x }) => ({
      y: tf.mul(x as Tensor, 2),
    }))
    const error = await caught(program.run({ x: float32(new Float32Array(3), [3]) }))
    expect(error).toBeInstanceOf(ShapeError)
    expect(error.message).toBe('input "x" is float32[3], but the program was compiled for float32[2]')
    await program.dispose()
  })
})

describe('a device that is not here', () => {
  it('is named with what it needs', async () => {
    const elsewhere = onnxRuntime({ threads: 1, provider: process.platform === 'darwin' ? 'dml' : 'coreml' })
    const load = compile(elsewhere, elsewhere.createState({}), 'double', { x: { shape: [2] } }, [], ({ x }) => ({
      y: tf.mul(x as Tensor, 2),
    }))
    const error = await caught(load)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error.message).toMatch(/cannot be used here: .*needs (macOS|Windows).*set engine\.provider to "cpu"/)
  })
})

describe('messages of devices', () => {
  const graph = { inputs: [], constants: [], nodes: [], outputs: [] }
  const explained = (message: string, provider: 'cuda' | 'dml' | 'webgpu') =>
    explainOnnxError(new Error(message), 'step', graph, provider)

  it.each([
    ['cuda', 'CUDA failure 2: out of memory ; GPU=0'],
    ['cuda', 'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED'],
    ['dml', 'Exception(1) tid(1) 8007000E Not enough memory resources are available to complete this operation.'],
    ['webgpu', 'Buffer size (8589934592) exceeds the max buffer size limit (4294967296).'],
  ] as const)('that memory has run out on %s are understood: %s', (provider, message) => {
    const error = explained(message, provider)
    expect(error).toBeInstanceOf(OutOfMemoryError)
    expect(error.message).toMatch(/no memory left.* in the program "step"; .*smaller/)
  })

  it('that an operation is missing name another provider', () => {
    const error = explained(
      '[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for X(1)',
      'webgpu',
    )
    expect(error).toBeInstanceOf(MissingOperationError)
    expect(error.message).toMatch(/on WebGPU lacks an operation .*set engine\.provider to "cpu"/)
  })
})
