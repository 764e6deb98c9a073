import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type * as TensorFlow from '@tensorflow/tfjs'
import { fileOfPeers, fromPeers, lendAddon, tensorflowHere } from '../installed.ts'

/** As CommonJS sees it, which can be added to. */
const util = createRequire(import.meta.url)('node:util') as object

type Core = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/** TensorFlow.js of test/bench/.peers on one of its backends, and what the bench calls it. */
export async function openTfjs(backend: 'wasm' | 'node', threads: number): Promise<{ tf: Core; version: string }> {
  if (backend === 'node') {
    process.env.TF_NUM_INTRAOP_THREADS = String(threads)
    process.env.OMP_NUM_THREADS = String(threads)
    process.env.TF_CPP_MIN_LOG_LEVEL = '2'
    lendAddon()
    // Functions that it calls and that Node 23 took out.
    Object.assign(util, {
      isNullOrUndefined: (value: unknown) => value === null || value === undefined,
      isArray: Array.isArray,
    })
    const { module: tf, version } = await fromPeers<Core>('@tensorflow/tfjs-node')
    await tf.ready()
    return { tf, version: `tfjs-node ${version} on TensorFlow ${tensorflowHere().tensorflow}, eager` }
  }
  const { module: tf } = await fromPeers<Core>('@tensorflow/tfjs')
  const { module: wasm, version } = await fromPeers<{ setWasmPaths(folder: string): void }>(
    '@tensorflow/tfjs-backend-wasm',
  )
  wasm.setWasmPaths(`${dirname(fileOfPeers('@tensorflow/tfjs-backend-wasm', 'dist', 'index.js'))}/`)
  if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend of TensorFlow.js does not start here')
  addKernels(tf)
  // The backend uses threads in browsers only.
  return { tf, version: `tfjs-wasm ${version}, SIMD, one thread, eager` }
}

/**
 * Gradients of convolutions' filters and of gather, which the WebAssembly backend has no kernels for; and those of their
 * inputs at stride 1 as convolutions with the flipped filter, since its own kernel is a plain loop, many times slower.
 */
function addKernels(tf: Core): void {
  const own = tf.getKernel('Conv2DBackpropInput', 'wasm')
  tf.unregisterKernel('Conv2DBackpropInput', 'wasm')
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => {
      const { strides } = call.attrs as unknown as { strides: number | number[] }
      if (`${strides}` !== '1' && `${strides}` !== '1,1') return own.kernelFunc(call)
      const { dy, filter } = call.inputs as { dy: TensorFlow.Tensor4D; filter: TensorFlow.Tensor4D }
      return tf.tidy(() => tf.conv2d(dy, tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]), 1, 'same'))
    },
  })
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      filterGradient(tf, inputs.x as TensorFlow.Tensor4D, inputs.dy as TensorFlow.Tensor4D, attrs as never),
  })
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => {
        const { x, segmentIds } = inputs as { x: TensorFlow.Tensor2D; segmentIds: TensorFlow.Tensor1D }
        const hot = tf.oneHot(segmentIds, (attrs as unknown as { numSegments: number }).numSegments)
        return tf.matMul(tf.transpose(tf.cast(hot, 'float32')), x)
      }),
  })
}

/** dW [k, k, I, O]: for each of the k² offsets one product of the input's window with dy. */
function filterGradient(
  tf: Core,
  x: TensorFlow.Tensor4D,
  dy: TensorFlow.Tensor4D,
  { strides, filterShape }: { strides: number | [number, number]; filterShape: [number, number, number, number] },
): Tensor {
  return tf.tidy(() => {
    const [size, , from, to] = filterShape
    const [, height, width] = dy.shape
    const stride = Array.isArray(strides) ? strides[0] : strides
    const all = (height - 1) * stride + size - x.shape[1]
    const before = Math.max(0, Math.floor(all / 2))
    const after = Math.max(0, all - before)
    const padded = tf.pad(x, [
      [0, 0],
      [before, after],
      [before, after],
      [0, 0],
    ])
    const rows = tf.reshape(dy, [-1, to]) as TensorFlow.Tensor2D
    const products: Tensor[] = []
    for (let top = 0; top < size; top++)
      for (let left = 0; left < size; left++) {
        const [bottom, right] = [top + (height - 1) * stride + 1, left + (width - 1) * stride + 1]
        const window =
          stride === 1
            ? tf.slice(padded, [0, top, left, 0], [x.shape[0], height, width, from])
            : tf.stridedSlice(padded, [0, top, left, 0], [x.shape[0], bottom, right, from], [1, stride, stride, 1])
        // Its fast product is for operands that are not transposed.
        products.push(tf.matMul(tf.transpose(tf.reshape(window, [-1, from])) as TensorFlow.Tensor2D, rows))
      }
    return tf.reshape(tf.stack(products), filterShape)
  })
}
