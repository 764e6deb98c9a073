import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { onnxRuntime } from '../../src-main/engine/runtimes/onnx.ts'
import { tensorflowRuntime } from '../../src-main/engine/runtimes/tensorflow.ts'
import {
  installedTensorflow,
  TENSORFLOW_REMEDY,
  type TensorflowInstallation,
} from '../../src-main/engine/tensorflow/installation.ts'
import { homeFolder, tensorflowFolder } from '../../src-main/start/home.ts'
import { openPyTorch, type PeerStep } from './pytorch.ts'
import { openTrainStep, trainStepModel } from './train-step.ts'

/** `npm run bench -- train-step [--peer pytorch]`: medians after a warm-up; a peer is measured in turn, step by step. */
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

const runtimes = {
  onnx: (threads: number, profile?: string) => onnxRuntime({ threads, ...(profile ? { profile } : {}) }),
  tensorflow: (threads: number) => tensorflowRuntime({ installation: tensorflow(), threads, mode: 'graph' }),
  'tensorflow-eager': (threads: number) => tensorflowRuntime({ installation: tensorflow(), threads, mode: 'eager' }),
}

function tensorflow(): TensorflowInstallation {
  const folder = tensorflowFolder(homeFolder(undefined))
  const installation = installedTensorflow(folder)
  if (!installation) throw new Error(`TensorFlow is not set up in ${folder}; ${TENSORFLOW_REMEDY}`)
  return installation
}

interface Options {
  runtime: keyof typeof runtimes
  steps: number
  threads: number
  peer?: 'pytorch'
  json?: boolean
  profile?: string
}

async function trainStep({ steps, threads, peer: peerName, json, profile, runtime }: Options): Promise<void> {
  const own = await openTrainStep(runtimes[runtime](threads, profile))
  const peer: PeerStep | null = peerName ? await openPyTorch('train_step.py', { ...trainStepModel, threads }) : null
  const ownTimes: number[] = []
  const peerTimes: number[] = []
  const warmUp = 2
  for (let turn = 0; turn < steps + warmUp; turn++) {
    const began = performance.now()
    await own.step()
    if (turn >= warmUp) ownTimes.push(performance.now() - began)
    const other = await peer?.step()
    if (other && turn >= warmUp) peerTimes.push(other.ms)
  }
  await own.dispose()
  peer?.stop()
  const ms = median(ownTimes)
  const result = {
    bench: 'train-step',
    runtime,
    parameters: own.parameters,
    batch: trainStepModel.batch,
    threads,
    steps,
    compileMs: Math.round(own.compileMs),
    ms: Math.round(ms),
    imagesPerSecond: Number(((trainStepModel.batch * 1000) / ms).toFixed(1)),
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    ...(peer
      ? {
          peer: peer.version,
          peerMs: Math.round(median(peerTimes)),
          ratio: Number((ms / median(peerTimes)).toFixed(2)),
        }
      : {}),
  }
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else for (const [key, value] of Object.entries(result)) process.stdout.write(`${key.padEnd(16)} ${value}\n`)
}

const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is not a whole number from 1`)
  return value
}

await new Command('bench')
  .description('Measures how fast the engine is, beside a peer in the same run')
  .addCommand(
    new Command('train-step')
      .description('one training step of a 3.6 million-parameter VQ autoencoder, 64 px, batch 16')
      .addOption(new Option('--peer <name>', 'also measure a peer, in turn').choices(['pytorch']))
      .option('--steps <n>', 'counted steps', wholeNumber, 10)
      .option('--threads <n>', 'threads of one operator', wholeNumber, availableParallelism())
      .addOption(new Option('--runtime <name>', 'what computes').choices(Object.keys(runtimes)).default('onnx'))
      .option('--profile <prefix>', 'write a trace of every operator (onnx only)')
      .option('--json', 'one JSON document on stdout')
      .action(trainStep),
  )
  .parseAsync()
