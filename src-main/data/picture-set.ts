/**
 * Pictures of one config: everything a training loop needs to know about its data. Under `reading: cache` they are all
 * decoded, composited and cropped once and kept as one flat file in the cache. Under `stream` only the held-out ones and
 * a sample of the others are: these are the `pictures`, and training draws its batches from the source itself.
 */
export interface PictureSet {
  /** Side S in pixels. */
  resolution: number
  /** P pictures at hand. */
  count: number
  /** Pixels of picture i as U8 [S, S, 3], a view that must not be written to. */
  pixels(index: number): Uint8Array
  /** One entry per picture. */
  pictures: PictureInfo[]
  /** Indices of the pictures whose concept is in the training split, and of the held-out rest; both ascending. */
  training: number[]
  heldOut: number[]
  /** Pictures that could not be read: the first ones with their reason, and how many there are. They are skipped. */
  unreadable: { file: string; reason: string }[]
  unreadableCount: number
  /** sha256 of the flat pixel file. */
  checksum: string
  /** Pictures that the source offers, and how many of them are for training: under `stream` by a sample. */
  offered: number
  trainingCount: number
  /** Names of more pictures than are decoded, where more are known: what texts are made from. */
  described?: PictureInfo[]
  /** Positions of one epoch of training batches. */
  epoch: number
  /**
   * The training pictures of a step (from 0): a pure function of its arguments and of what the source holds, so that a
   * resumed run goes on with the same bytes. Under `stream` the steps that follow are prepared meanwhile.
   * @throws DataError if no picture of the source can be trained on
   */
  batch(batchSize: number, seed: number, step: number): Promise<TrainingBatch>
  close(): Promise<void>
}

export interface TrainingBatch {
  /** U8 [B, S, S, 3] */
  pixels: Uint8Array
  /** Pictures that turned out unreadable since the last batch; others took their places. */
  unreadable: { file: string; reason: string }[]
}

export interface OpenOptions {
  /** Folder of decoded pictures; made if need be, and shared by any number of processes. */
  cacheDir: string
  /** Called while pictures are looked at or decoded for the first time. */
  onProgress?: (done: number, total: number, what: string) => void
}

export interface PictureInfo {
  /** Stable id: "fluent-3d/1f34e" or the path inside the folder. */
  id: string
  /** The split's unit: skin-tone variants share their base's concept, styles share one. */
  concept: string
  /** Name of the thing: "red apple". */
  label: string
  /** A sentence: "a 3D drawing of a red apple". */
  caption: string
  group: string
  subgroup: string
  tags: string[]
  style: string
}

/** One instruction-answer pair of the language model's training text. */
export interface InstructionPair {
  question: string
  answer: string
}

export interface InstructionTexts {
  training: InstructionPair[]
  heldOut: InstructionPair[]
}
