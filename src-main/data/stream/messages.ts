import type { DataConfig } from '../../../src-shared/config.ts'
import type { Unreadable } from '../source.ts'

/** What the thread that reads a stream is started with. */
export interface StreamOrder {
  data: DataConfig
  cacheDir: string
}

/** What is asked of it. */
export interface BatchRequest {
  id: number
  batchSize: number
  seed: number
  step: number
}

/** What it says. */
export type StreamAnswer =
  | { kind: 'progress'; done: number; total: number; what: string }
  | { kind: 'opened'; key: string; offered: number; epoch: number; refused: { count: number; first: Unreadable[] } }
  | { kind: 'batch'; id: number; pixels: Uint8Array; unreadable: Unreadable[] }
  /** @property id null if the stream could not be opened. `data` if it is a DataError */
  | { kind: 'failed'; id: number | null; data: boolean; message: string }
