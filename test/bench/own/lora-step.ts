import { join } from 'node:path'
import { createRandom } from '../../../src-main/data/random.ts'
import { compile } from '../../../src-main/engine/compile.ts'
import { valueAndGradients } from '../../../src-main/engine/gradients.ts'
import { countParameters, initialise } from '../../../src-main/engine/initialise.ts'
import { IGNORED_LABEL, softmaxCrossEntropy } from '../../../src-main/engine/operations/softmax-cross-entropy.ts'
import { parameter } from '../../../src-main/engine/parameters.ts'
import { int32, number, STATE_PREFIX, scalar } from '../../../src-main/engine/runtimes/runtime.ts'
import { freezeLlama } from '../../../src-main/language/freeze.ts'
import { llama } from '../../../src-main/language/llama.ts'
import { LORA_TARGETS, loraSpecs } from '../../../src-main/language/lora.ts'
import { openLlamaWeights } from '../../../src-main/language/weights/open.ts'
import { homeFolder } from '../../../src-main/start/home.ts'
import { adamUpdate, initialMoments, type UpdateInputs } from '../../../src-main/training/optimizer.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { LoraStepShape } from '../shapes.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const options = givenOptions<LoraStepShape & RuntimeOptions>()
const { tokens, rank, alpha, storage } = options
const optimizer = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  gradientClip: 0,
  warmupSteps: 0,
  schedule: 'constant',
} as const

const weights = await openLlamaWeights(options.model)
const frozen = await freezeLlama(weights, join(homeFolder(undefined), 'cache', 'frozen'), storage ?? 'float32')
await weights.close()
const adapterSpecs = loraSpecs(weights.shape, { rank, targets: LORA_TARGETS })
const adapters = initialise(adapterSpecs, (name) => createRandom(0, name))

const { runtime, version } = openRuntime(options)
const state = runtime.createState({ ...adapters, ...initialMoments(adapters) }, frozen)
const inputs = {
  tokens: { shape: [1, tokens.length], dtype: 'int32' },
  labels: { shape: [tokens.length], dtype: 'int32' },
  learningRate: { shape: [] },
  correction1: { shape: [] },
  correction2: { shape: [] },
} as const
const { ms: compileMs, result: program } = await timed(() =>
  compile(runtime, state, 'LoRA step', inputs, state.names(), (tensors) => {
    const trained = Object.fromEntries(Object.keys(adapters).map((name) => [name, parameter(tensors, name)]))
    const { loss, gradients } = valueAndGradients(() => {
      const logits = llama(tensors, parameter(tensors, 'tokens'), { ...weights.shape, loraAlpha: alpha })
      return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: {} }
    }, trained)
    const { next } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs)
    return {
      loss,
      ...Object.fromEntries(Object.entries(next).map(([name, tensor]) => [STATE_PREFIX + name, tensor])),
    }
  }),
)
const feeds = {
  tokens: int32(Int32Array.from(tokens), [1, tokens.length]),
  // Each position is to say the next token; after the last nothing is known.
  labels: int32(Int32Array.of(...tokens.slice(1), IGNORED_LABEL), [tokens.length]),
  learningRate: scalar(1e-4),
  correction1: scalar(0.1),
  correction2: scalar(0.001),
}

await serve(
  { ready: version, compileMs, parameters: countParameters(adapterSpecs) },
  async () => {
    const { ms, result } = await timed(() => program.run(feeds))
    return { ms, value: number(result, 'loss') }
  },
  { end: () => program.dispose() },
)
