/**
 * Pictures of one config, decoded, composited and cropped once, kept as one flat file in the cache.
 * Everything a training loop needs to know about its data.
 */
export interface PictureSet {
  /** Side S in pixels. */
  resolution: number
  /** P pictures. */
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
