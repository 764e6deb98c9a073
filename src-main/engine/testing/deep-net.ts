import { argv, resourceUsage, stdout } from 'node:process'
import { pathToFileURL } from 'node:url'
import { compile } from '../compile.ts'
import { valueAndGradients } from '../gradients.ts'
import { type Parameters, parameter } from '../parameters.ts'
import { rematerialise } from '../rematerialise.ts'
import { onnxRuntime } from '../runtimes/onnx.ts'
import type { HostTensor } from '../runtimes/runtime.ts'
import { type Tensor, tf } from '../tf.ts'
import type { Traced } from '../trace.ts'
import { randomFloats, specsOf } from './programs.ts'

/** A net of many equal blocks, for comparing the memory of its step with and without rematerialisation. */
export interface DeepNet {
  rows: number
  width: number
  blocks: number
}

export const deepNetInputs = ({ rows, width, blocks }: DeepNet): Record<string, HostTensor> => ({
  x: randomFloats(1, [rows, width]),
  ...Object.fromEntries(
    Array.from({ length: blocks }, (_, at) => [`w${at}`, randomFloats(at + 2, [width, width], -0.2, 0.2)]),
  ),
})

/** x + a product of things that its gradient reads: several maps a block. */
function block([x]: readonly Tensor[], { w }: Parameters): Tensor {
  const hidden = tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D))
  const gate = tf.sigmoid(tf.mul(hidden, 2))
  return tf.add(x as Tensor, tf.mul(tf.sin(hidden), gate))
}

/** Loss and all gradients of the net. */
export const deepNetStep =
  ({ blocks }: DeepNet, again: boolean): Traced =>
  (tensors) => {
    const names = Array.from({ length: blocks }, (_, at) => `w${at}`)
    const { loss, gradients } = valueAndGradients(
      () => {
        let x = parameter(tensors, 'x')
        for (const name of names) {
          const own = { w: parameter(tensors, name) }
          x = again ? rematerialise(block, [x], own) : block([x], own)
        }
        return { loss: tf.mean(tf.square(x)), aside: {} }
      },
      Object.fromEntries(['x', ...names].map((name) => [name, parameter(tensors, name)])),
    )
    return { loss, ...Object.fromEntries(Object.entries(gradients).map(([name, value]) => [`d${name}`, value])) }
  }

/** Runs a step in this process and prints its peak resident memory in bytes and milliseconds: node deep-net.ts rows width blocks again */
async function measure(): Promise<void> {
  const [rows, width, blocks, again] = argv.slice(2).map(Number) as [number, number, number, number]
  const net = { rows, width, blocks }
  const inputs = deepNetInputs(net)
  const runtime = onnxRuntime({ threads: 2 })
  const state = runtime.createState({})
  const program = await compile(runtime, state, 'deep net', specsOf(inputs), [], deepNetStep(net, again === 1))
  await program.run(inputs)
  const began = performance.now()
  await program.run(inputs)
  const milliseconds = performance.now() - began
  await program.dispose()
  stdout.write(JSON.stringify({ peakBytes: resourceUsage().maxRSS * 1024, milliseconds }))
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) await measure()
