import type { LanguageConfig } from './config.ts'

/** Language models as the window and the command line speak of them. */

/** Sizes that a config's "language" repeats, so that a plan can be made without the files. */
export type ModelSizes = Pick<
  LanguageConfig,
  'vocabulary' | 'width' | 'layers' | 'heads' | 'keyValueHeads' | 'feedForward' | 'tied'
>

/** Those of SmolLM2-135M-Instruct, known before it is installed. */
export const SMOLLM2_SIZES: ModelSizes = {
  vocabulary: 49_152,
  width: 576,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  feedForward: 1536,
  tied: true,
}

/** What the files of a model say. */
export interface ModelDescription {
  path: string
  /** Of the file or folder. */
  name: string
  format: 'gguf' | 'hugging-face'
  sizes: ModelSizes
  /** Longest sequence that it was made for, tokens; 0 if the files do not say. */
  context: number
  parameters: number
  /** How its matrices are stored, such as "Q4_1", the commonest first. */
  storage: string[]
  /** Bytes as float32, as it computes. */
  wideBytes: number
  /** null where the files hold none that can be used; `tokenizerProblem` says why. */
  tokenizer: { tokens: number; begin: string; end: string; special: number } | null
  tokenizerProblem: string
  /** A small dialogue as the model reads it; '' without a tokenizer. What it learns stands in `learned`. */
  example: { text: string; learned: boolean }[]
  /** Whether the layout is the model's own template; otherwise it is Vicuna's. */
  ownTemplate: boolean
}

/** A model that the app knows of. */
export interface ModelEntry {
  /** "smollm2" for the one that can be installed, else its path. */
  id: string
  title: string
  /** null if it is not here. */
  path: string | null
  description: ModelDescription | null
  /** Why it cannot be used; '' if it can, or is not here. */
  problem: string
}

export interface ModelInstallation {
  state: 'running' | 'finished' | 'failed' | 'cancelled'
  /** What is being done, or what went wrong. */
  message: string
  bytes: number
  totalBytes: number
}

export interface ModelList {
  models: ModelEntry[]
  /** The last installation since the app began; null if there was none. */
  installation: ModelInstallation | null
}
