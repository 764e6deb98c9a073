import { installedSmolLm2, modelsFolder } from '../../src-main/language/smollm2.ts'
import { homeFolder } from '../../src-main/start/home.ts'
import type { Case } from './contest.ts'
import type {
  DecodeShape,
  EncodeShape,
  ImageFeaturesShape,
  LoraStepShape,
  NearestCodeShape,
  ScoreAnswersShape,
  StartupShape,
  TrainStepShape,
} from './shapes.ts'

export const peerNames = ['pytorch', 'transformers', 'llama-cpp', 'tfjs-node', 'tfjs-wasm'] as const
export type PeerName = (typeof peerNames)[number]

/** A script of peers/ as a contestant; several of one peer are ways to do the same, the fastest of which counts. */
export interface PeerScript {
  script: string
  /** Options beside those of the case. */
  options?: object
  /** npm packages that it needs, with versions. */
  packages?: Readonly<Record<string, string>>
}

export interface BenchCase extends Case {
  peers: Partial<Record<PeerName, readonly PeerScript[]>>
}

export interface Bench {
  name: string
  summary: string
  /** Script of own/. */
  own: string
  /** Called when the bench is run. @throws Error if something is missing that it needs */
  cases(): BenchCase[]
}

const torch = (script: string, options?: object): PeerScript => ({ script, ...(options ? { options } : {}) })

const trainStep: Bench = {
  name: 'train-step',
  summary: 'one training step of a 3.6 million-parameter VQ autoencoder, 64 px, batch 16',
  own: 'train-step.ts',
  cases: () => [
    {
      name: 'train-step',
      shape: { channels: [64, 128, 256], width: 64, codes: 1024, side: 64, batch: 16 } satisfies TrainStepShape,
      warmUp: 2,
      steps: 10,
      produces: { unit: 'images', count: 16 },
      ratioOf: 'time',
      peers: {
        pytorch: [torch('train_step.py')],
        'tfjs-node': [tfjs('node', { '@tensorflow/tfjs-node': '4.22.0' })],
        'tfjs-wasm': [tfjs('wasm', { '@tensorflow/tfjs': '4.22.0', '@tensorflow/tfjs-backend-wasm': '4.22.0' })],
      },
    },
  ],
}

function tfjs(backend: 'node' | 'wasm', packages: Record<string, string>): PeerScript {
  return { script: 'tfjs-train-step.ts', options: { backend }, packages }
}

const loraStep: Bench = {
  name: 'lora-step',
  summary: 'one LoRA step of SmolLM2-135M, rank 16 on all linear layers, 1 × 512 tokens',
  own: 'lora-step.ts',
  cases: () => [
    {
      name: 'lora-step',
      shape: {
        model: smolLM2(),
        rank: 16,
        alpha: 32,
        tokens: Array.from({ length: 512 }, (_, at) => (at * 7919) % 49_152),
      } satisfies LoraStepShape,
      warmUp: 1,
      steps: 6,
      produces: { unit: 'tokens', count: 512 },
      ratioOf: 'time',
      // Adapters begin at zero, so the first loss is the model's own.
      agreement: 1e-3,
      peers: { pytorch: [torch('lora_step.py')] },
    },
  ],
}

/** "The codebook of a visual tokenizer is a table of vectors. Each patch of a picture is replaced by the nearest of them, …" */
const prompt = [
  504, 2909, 3767, 282, 253, 3145, 46119, 314, 253, 3252, 282, 14799, 30, 3768, 11322, 282, 253, 4177, 314, 7233, 411,
  260, 15673, 282, 601, 28, 284, 253, 1789, 1743, 338, 9478, 260, 3252, 416, 1012, 284, 2965, 5727, 347, 585, 502, 592,
  1924, 30, 1812, 4283, 288, 260, 1924, 282, 260, 1743, 645, 260, 3252, 314, 7018, 335, 5727, 47, 1385, 359, 1296,
]

const decode: Bench = {
  name: 'decode',
  summary: 'greedy decoding by SmolLM2-135M: 128 tokens after a prompt of 64',
  own: 'decode.ts',
  cases: () => {
    const greedy = { model: smolLM2(), prompt, newTokens: 128, compared: 8 }
    const measured = {
      warmUp: 1,
      steps: 5,
      produces: { unit: 'tokens', count: greedy.newTokens - 1 },
      ratioOf: 'rate',
    } as const
    return [
      {
        name: 'float32',
        shape: { ...greedy, weights: 'float32' } satisfies DecodeShape,
        ...measured,
        agreement: 0,
        peers: { transformers: [{ script: 'decode.py' }] },
      },
      {
        name: '4-bit',
        shape: { ...greedy, weights: '4-bit' } satisfies DecodeShape,
        ...measured,
        // Our blocks are rounded once more than the file's (whole zero points), so texts part after some tokens, and
        // first tokens are not compared.
        peers: {
          'llama-cpp': [
            {
              script: 'llama-cpp-decode.ts',
              packages: { 'node-llama-cpp': '3.22.1', [`@node-llama-cpp/${llamaCppBuild()}`]: '3.22.1' },
            },
          ],
        },
      },
    ]
  },
}

/** How node-llama-cpp calls its build for this machine's processor. */
function llamaCppBuild(): string {
  const system = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? process.platform
  return `${system}-${process.arch}${system === 'mac' && process.arch === 'arm64' ? '-metal' : ''}`
}

/** SmolLM2-135M-Instruct. @throws Error if it is not installed */
function smolLM2(): string {
  const home = homeFolder(undefined)
  const file = installedSmolLm2(home)
  if (file === null) throw new Error(`SmolLM2 is not in ${modelsFolder(home)}; run "npm run setup:llm"`)
  return file
}

const encode: Bench = {
  name: 'encode',
  summary: 'encoder and quantizer of an HQ tokenizer, 256 px to codes of 8 × 8 and 16 × 16',
  own: 'encode.ts',
  cases: () =>
    [1, 8].map((batch) => ({
      name: `batch ${batch}`,
      shape: {
        channels: [64, 128, 128, 256, 256],
        residualBlocks: 1,
        groups: 32,
        attention: true,
        width: 256,
        codes: 16_384,
        side: 256,
        batch,
      } satisfies EncodeShape,
      warmUp: 2,
      steps: batch === 1 ? 10 : 5,
      produces: { unit: 'images', count: batch },
      ratioOf: 'time',
      agreement: 1e-2,
      peers: { pytorch: [torch('encode.py')] },
    })),
}

const nearestCode: Bench = {
  name: 'nearest-code',
  summary: 'nearest codes of 4,096 vectors',
  own: 'nearest-code.ts',
  cases: () =>
    [
      { vectors: 4096, codes: 49_152, width: 576 },
      { vectors: 4096, codes: 16_384, width: 64 },
    ].map((shape: NearestCodeShape) => ({
      name: `K ${shape.codes}, n ${shape.width}`,
      shape,
      warmUp: 1,
      steps: 7,
      produces: { unit: 'vectors', count: shape.vectors },
      ratioOf: 'time',
      // Two codes can be equally near to the last digit, and then the order of additions decides.
      agreement: 1e-3,
      peers: { pytorch: [torch('nearest_code.py'), torch('nearest_code.py', { chunkRows: 256 })] },
    })),
}

const startup: Bench = {
  name: 'startup',
  summary: 'from the start of a process until training could begin, and until the page answers; not the first start',
  own: 'startup.ts',
  cases: () =>
    (['training', 'page'] as const).map((what) => ({
      name: what === 'training' ? 'quick preset, all programs compiled' : 'npm start -- --browser, page answers',
      shape: { what } satisfies StartupShape,
      warmUp: 1,
      steps: 5,
      ratioOf: 'time',
      peers: {},
    })),
}

const imageFeatures: Bench = {
  name: 'image-features',
  summary: 'features of 64 px pictures by the packaged MobileNetV2: PNG files to mean and covariance',
  own: 'image-features.ts',
  cases: () => [
    {
      name: 'image-features',
      shape: { pictures: 500, side: 64 } satisfies ImageFeaturesShape,
      warmUp: 1,
      steps: 3,
      produces: { unit: 'images', count: 500 },
      ratioOf: 'time',
      peers: {},
    },
  ],
}

const scoreAnswers: Bench = {
  name: 'score-answers',
  summary: 'the VQAv2 accuracy of 200,000 answers, ten people’s beside each',
  own: 'score-answers.ts',
  cases: () =>
    (['files', 'memory'] as const).map((from) => ({
      name: from === 'files' ? 'from official files to figures' : 'files read before',
      shape: { answers: 200_000, from } satisfies ScoreAnswersShape,
      warmUp: 1,
      steps: 5,
      produces: { unit: 'answers', count: 200_000 },
      ratioOf: 'time',
      peers: {},
    })),
}

export const benches: readonly Bench[] = [
  trainStep,
  loraStep,
  decode,
  encode,
  nearestCode,
  imageFeatures,
  scoreAnswers,
  startup,
]
