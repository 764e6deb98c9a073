import { z } from 'zod'
import { provenanceCardSchema } from './provenance.ts'

/**
 * What a training process appends to `events.ndjson`, one JSON object a line, and what the ingester reads back.
 * `seq` counts from 1 without gaps over the run's whole life, resumes included: (run, seq) identifies an event.
 */
const base = { seq: z.int().min(1), /** Unix time, ms */ time: z.number() }

export const endedStates = ['paused', 'stopped', 'finished', 'failed'] as const

export const runEventSchema = z.discriminatedUnion('kind', [
  /** A process took up the run (attempt counts from 1), or ended it in an orderly way. */
  z.object({
    ...base,
    kind: z.literal('started'),
    attempt: z.int().min(1),
    pid: z.int(),
    step: z.int(),
    threads: z.int(),
  }),
  z.object({ ...base, kind: z.literal('ended'), state: z.enum(endedStates), step: z.int(), reason: z.string() }),
  /** Numbers of one step, by metric name (metrics.ts). */
  z.object({ ...base, kind: z.literal('metrics'), step: z.int(), values: z.record(z.string(), z.number()) }),
  /** A sample file was written: samples/step-<step, 8 digits>.safetensors */
  z.object({ ...base, kind: z.literal('sample'), step: z.int(), file: z.string() }),
  /** Eq. 3 was applied; drift of the codebook from C_L before and after (means over codes). */
  z.object({
    ...base,
    kind: z.literal('sync'),
    step: z.int(),
    before: z.object({ cosine: z.number(), distance: z.number() }),
    after: z.object({ cosine: z.number(), distance: z.number() }),
  }),
  /** Pictures that the model painted: paintings/step-<step, 8 digits>.safetensors */
  z.object({ ...base, kind: z.literal('painting'), step: z.int(), file: z.string() }),
  /** What the model said to held-out questions: answers/step-<step, 8 digits>.json */
  z.object({ ...base, kind: z.literal('answers'), step: z.int(), file: z.string() }),
  z.object({ ...base, kind: z.literal('checkpoint'), step: z.int(), file: z.string() }),
  /** Where the run's numbers come from, by metric (provenance.ts); said anew by each attempt. */
  z.object({
    ...base,
    kind: z.literal('provenance'),
    step: z.int(),
    cards: z.record(z.string(), provenanceCardSchema),
  }),
  /** A person switched the discriminator off: it takes part in no step after this one. */
  z.object({ ...base, kind: z.literal('discriminator-off'), step: z.int() }),
  /** Something a person should look at: what, why it happens, and the setting to try. */
  z.object({
    ...base,
    kind: z.literal('alarm'),
    step: z.int(),
    name: z.string(),
    message: z.string(),
    remedy: z.string(),
  }),
  z.object({ ...base, kind: z.literal('log'), level: z.enum(['info', 'warning', 'error']), message: z.string() }),
])
export type RunEvent = z.infer<typeof runEventSchema>
type WithoutStamp<T> = T extends RunEvent ? Omit<T, 'seq' | 'time'> : never
/** An event before the run directory stamps it with seq and time. */
export type NewRunEvent = WithoutStamp<RunEvent>

export const runStates = ['queued', 'running', 'paused', 'stopped', 'finished', 'failed', 'interrupted'] as const
export type RunState = (typeof runStates)[number]

/** Tensors of a sample file, P pictures, per layer l with code map h_l × w_l. */
export interface SampleLayout {
  /** U8 [P, S, S, 3] held-out pictures (the same at every step) */
  input: 'input'
  /** U8 [P, S, S, 3] */
  reconstruction: 'reconstruction'
  /**
   * I32 [P, h, w]: `codes.0` is the coarsest. Here and below a code is its row of the codebook's table; where the table is
   * some of the vocabulary's rows, codes.json of the run has their token ids, which is what people see
   */
  codes: `codes.${number}`
  /** I32 [K] hits of each code in the layer over the held-out pictures evaluated */
  usage: `usage.${number}`
  /** F32 [K] cosine of each visual code to its LLM row; relative distance |c − l| / |l|; norm of the code */
  cosine: 'drift.cosine'
  distance: 'drift.distance'
  norm: 'norm'
  /** F32 [K, 3] principal coordinates of the codes, first direction scaled to unit variance */
  projection: 'projection'
  /** I32 [K] place of a code's own LLM row among all rows by distance from the code, 0: the nearest; −1: not worked out, since at
   * most 1,024 moved codes are, the most used ones first */
  rank: 'drift.rank'
  /**
   * I32 [K] per layer, over the training batches so far: the first step at which the code was used (−1: never), the last
   * one, and the hits since the sample before this one
   */
  birth: `history.birth.${number}`
  lastUse: `history.lastUse.${number}`
  window: `history.window.${number}`
  /** I32 [K] restarts of the code so far; I32 [K] the step of the last one (−1: none) */
  restarts: 'history.restarts'
  lastRestart: 'history.lastRestart'
  /**
   * I32 [U] the codes used in any layer by the held-out pictures; for each I32 [U, N] its nearest LLM rows (token ids) by
   * distance and F32 [U, N] the distances; and F32 [U, N] the same distances for a codebook whose columns are shuffled:
   * equal norms and equal distances among codes, and nothing to do with the language model
   */
  usedCodes: 'nearest.codes'
  nearestTokens: 'nearest.tokens'
  nearestDistances: 'nearest.distances'
  shuffledDistances: 'nearest.shuffled'
  /**
   * F32 [K, 2] the codes, and F32 [K, 2] their LLM rows, on the two principal directions of the LLM's table as it was at
   * the first sample: one plane for all samples of a run
   */
  mapOfCodes: 'map.codes'
  mapOfRows: 'map.rows'
}

/** Tensors of a painting file: P pictures, and per layer l their code maps h_l × w_l, by the ids that people see. */
export interface PaintingLayout {
  /** U8 [P, S, S, 3] */
  painting: 'painting'
  /** I32 [P, h, w] */
  codes: `codes.${number}`
}
/** Metadata of a painting file: JSON of string[] of P requests, or classes; '' where nothing was asked for. */
export const PAINTING_REQUESTS = 'requests'

/** Tensors of a sync file: the codes that had left their rows (I32 [U]), on the sample's plane (F32 [U, 2]) before and after. */
export interface SyncLayout {
  moved: 'moved'
  before: 'before'
  after: 'after'
}

/** Syncs whose files are kept; then every second one goes. */
export const KEPT_SYNCS = 256
export const syncFileName = (step: number): string => `sync-${String(step).padStart(8, '0')}.safetensors`
/** Metadata of a sample file: JSON of string[] of P captions. */
export const SAMPLE_CAPTIONS = 'captions'

export const sampleFileName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`
