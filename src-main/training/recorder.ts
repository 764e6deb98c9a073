import type { NewRunEvent } from '../../src-shared/events.ts'
import type { HeldOutAnswer } from '../../src-shared/held-out-answers.ts'
import type { StoredTensor } from '../../src-shared/safetensors.ts'

/** Where a training loop writes what happens. Everything lands in the run directory, in this order, and nowhere else. */
export interface Recorder {
  /** Appends one event to events.ndjson; it survives the death of the process once this returns. */
  event(event: NewRunEvent): void
  /** Writes samples/<sampleFileName(step)> to a temporary name, fsyncs, renames, then records the event. */
  sample(step: number, tensors: Record<string, StoredTensor>, metadata: Record<string, string>): void
  /** Writes paintings/<sampleFileName(step)> the same way (PaintingLayout). */
  painting(step: number, tensors: Record<string, StoredTensor>, metadata: Record<string, string>): void
  /** Writes answers/<answersFileName(step)> the same way. */
  answers(step: number, answers: readonly HeldOutAnswer[]): void
  /** Writes syncs/<syncFileName(step)> the same way; of more than KEPT_SYNCS files every second one goes. */
  sync(step: number, tensors: Record<string, StoredTensor>): void
  /** Writes checkpoints/step-<8 digits>.safetensors the same way, records the event, keeps the newest two. */
  checkpoint(step: number, tensors: Record<string, StoredTensor>, metadata: Record<string, string>): void
  /** Writes codes.json, the token id of each code where the codes are some of the vocabulary; before the first step. */
  codes(ids: Int32Array): void
  /** Writes tokens.json, the text of each token id; called once an attempt, before the first step. */
  tokens(tokens: string[]): void
}

/** What the person asked for since the last step; read between steps. */
export type Request = 'none' | 'pause' | 'stop'

export interface Control {
  request(): Request
  /** Whether the discriminator was switched off; where nobody can, it is left out. */
  discriminatorOff?(): boolean
}
