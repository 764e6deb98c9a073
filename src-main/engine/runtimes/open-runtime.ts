import type { EngineConfig } from '../../../src-shared/config.ts'
import { ProviderError } from '../errors.ts'
import { hasCudaLibraries, hasGraphicsDevice } from './hardware.ts'
import { loadRuntime, type RuntimeChoice } from './load-runtime.ts'
import { type OnnxProvider, providerTitles } from './providers.ts'
import type { Runtime } from './runtime.ts'
import type { Trial } from './trial/step.ts'
import { differenceFrom, type TrialAnswer, tryRuntime } from './trial/try-runtime.ts'

export interface OpenedRuntime {
  runtime: Runtime
  choice: RuntimeChoice
  /** One sentence for the run's log: what computes, and why that. */
  sentence: string
}

/**
 * The runtime that a config asks for.
 * @param place.threads on the processor; place.tensorflow: the folder where TensorFlow was set up, if it was;
 * place.graphs: the folder that keeps compiled graphs
 * @throws ProviderError if what the config names is not here; `auto` always finds something
 */
export async function openRuntime(
  engine: EngineConfig,
  { threads, tensorflow, graphs }: { threads: number; tensorflow: string; graphs?: string },
): Promise<OpenedRuntime> {
  const withThreads = `${threads} ${threads === 1 ? 'thread' : 'threads'}`
  if (engine.runtime === 'tensorflow') {
    const { provider } = engine
    if (provider !== 'auto' && provider !== 'cpu' && provider !== 'cuda')
      throw new ProviderError(`TensorFlow has no provider "${provider}"; set engine.provider to auto, cpu or cuda`)
    const choice: RuntimeChoice = { runtime: 'tensorflow', provider, threads, folder: tensorflow }
    const runtime = await loadRuntime(choice)
    return { runtime, choice, sentence: `Computes with TensorFlow, ${withThreads}.` }
  }
  const { provider, because } =
    engine.provider === 'auto' ? await bestProvider(threads) : { provider: engine.provider, because: 'as configured' }
  const choice: RuntimeChoice = { runtime: 'onnx', provider, threads, ...(graphs ? { cache: graphs } : {}) }
  const runtime = await loadRuntime(choice)
  const sentence = `Computes with onnxruntime on ${providerTitles[provider]}, ${withThreads} (${because}).`
  return { runtime, choice, sentence }
}

interface Best {
  provider: OnnxProvider
  because: string
}

/** What `auto` looks at; tests have other machines. */
export interface Surroundings {
  platform: NodeJS.Platform
  cudaLibraries: boolean
  graphicsDevice: boolean
  attempt(provider: OnnxProvider): Promise<TrialAnswer>
}

const found = new Map<number, Promise<Best>>()

/** Found once in a process. */
function bestProvider(threads: number): Promise<Best> {
  let best = found.get(threads)
  if (!best) {
    best = chooseProvider({
      platform: process.platform,
      cudaLibraries: hasCudaLibraries(),
      graphicsDevice: hasGraphicsDevice(),
      attempt: (provider) => tryRuntime({ runtime: 'onnx', provider, threads }),
    })
    found.set(threads, best)
  }
  return best
}

/**
 * The order of `auto`: CUDA if its libraries are here and a trial on it succeeds; else DirectML on Windows, CoreML on a Mac,
 * and WebGPU where there is a graphics device, the first whose trial gives the processor's numbers in less time; else the
 * processor. A machine with none of them tries nothing.
 */
export async function chooseProvider({
  platform,
  cudaLibraries,
  graphicsDevice,
  attempt,
}: Surroundings): Promise<Best> {
  const candidates: OnnxProvider[] = [
    ...(cudaLibraries ? ['cuda' as const] : []),
    ...(platform === 'win32' ? ['dml' as const] : []),
    ...(platform === 'darwin' ? ['coreml' as const] : []),
    ...(graphicsDevice ? ['webgpu' as const] : []),
  ]
  if (candidates.length === 0) return { provider: 'cpu', because: 'auto: no other device here' }
  const reference = await attempt('cpu')
  if ('problem' in reference) return { provider: 'cpu', because: `auto: the trial failed, ${reference.problem}` }
  const against: string[] = []
  for (const provider of candidates) {
    const answer = await attempt(provider)
    const objection = objectionTo(provider, answer, reference.trial)
    if (objection === null) return { provider, because: `auto: ${comparison(answer, reference.trial)}` }
    against.push(`${providerTitles[provider]}: ${objection}`)
  }
  return { provider: 'cpu', because: `auto: ${against.join('; ')}` }
}

function objectionTo(provider: OnnxProvider, answer: TrialAnswer, reference: Trial): string | null {
  if ('problem' in answer) return answer.problem
  const wrong = differenceFrom(reference, answer.trial)
  if (wrong !== null) return wrong
  if (provider === 'cuda' || answer.trial.msPerStep < reference.msPerStep) return null
  return `slower, ${comparison(answer, reference)}`
}

const comparison = (answer: TrialAnswer, reference: Trial): string =>
  'trial' in answer
    ? `${answer.trial.msPerStep.toFixed(1)} ms a trial step, the processor ${reference.msPerStep.toFixed(1)} ms`
    : answer.problem
