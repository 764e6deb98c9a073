/** What the contestants of each bench are given, beside `threads`. */

/** A VQ autoencoder of three resolutions, and one step of Adam. */
export interface TrainStepShape {
  channels: readonly [number, number, number]
  /** n */
  width: number
  /** K */
  codes: number
  side: number
  batch: number
}

/** Encoder and quantizer of an HQ tokenizer: pictures to the code maps of both levels. */
export interface EncodeShape {
  channels: readonly number[]
  residualBlocks: number
  groups: number
  attention: boolean
  /** n */
  width: number
  /** K */
  codes: number
  side: number
  batch: number
}

/** Nearest codes of some vectors. */
export interface NearestCodeShape {
  vectors: number
  /** K */
  codes: number
  /** n */
  width: number
  /** Rows that a peer takes at a time; all of them unless given. */
  chunkRows?: number
}

/** One step of AdamW on adapters of all linear layers of a language model whose own weights are frozen. */
export interface LoraStepShape {
  /** GGUF file */
  model: string
  rank: number
  alpha: number
  /** How our side keeps the base weights; float32 unless given. */
  storage?: 'float32' | 'float16' | 'int8' | 'int4'
  /** One sequence; each token is the label of the one before. */
  tokens: readonly number[]
}

/** Greedy decoding. A step's time is that from the first new token to the last: newTokens − 1 tokens. */
export interface DecodeShape {
  /** GGUF file */
  model: string
  /** Our weights: float32, or blocks of 4 bits. A peer's are what its library makes of the file. */
  weights: 'float32' | '4-bit'
  prompt: readonly number[]
  newTokens: number
  /** So many first new tokens are summed up, to compare contestants. */
  compared: number
}

/** Features of pictures by the packaged network, from PNG files to statistics. */
export interface ImageFeaturesShape {
  pictures: number
  side: number
}

/** Something that is started and timed until it is ready. */
export interface StartupShape {
  what: 'training' | 'page'
}

/** Answers to VQAv2, ten people's beside each. */
export interface ScoreAnswersShape {
  answers: number
  /** Whether the official files are read in each step, or once before all. */
  from: 'files' | 'memory'
}
