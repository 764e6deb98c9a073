import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { hasCudaLibraries, onnxLibraryFolder } from '../engine/runtimes/hardware.ts'
import { tryRuntime } from '../engine/runtimes/trial/try-runtime.ts'
import { fetchCudaLibraries, obstacleToCuda, thisMachine } from './cuda-libraries.ts'

/** `npm run setup:cuda`: lets onnxruntime compute on an NVIDIA card, and tries it. */

async function setUp(): Promise<void> {
  const obstacle = obstacleToCuda(thisMachine())
  if (obstacle) throw new Error(obstacle)
  const folder = onnxLibraryFolder()
  if (hasCudaLibraries(folder)) console.log(`The libraries are in ${folder} already.`)
  else {
    const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
    await fetchCudaLibraries(dirname(dirname(entry)), folder, (line) => console.log(line))
  }
  const answer = await tryRuntime({ runtime: 'onnx', provider: 'cuda', threads: 0 })
  if ('problem' in answer)
    throw new Error(
      `the libraries are in place, but a training step on CUDA fails: ${answer.problem}. They need CUDA 12 and cuDNN 9 of NVIDIA's packages, in folders that the loader knows (ldconfig or LD_LIBRARY_PATH)`,
    )
  console.log(
    `CUDA works: ${answer.trial.msPerStep.toFixed(1)} ms a small training step. engine.provider "auto" takes it.`,
  )
}

try {
  await setUp()
} catch (error) {
  console.error(`setup:cuda: ${(error as Error).message}`)
  process.exitCode = 1
}
