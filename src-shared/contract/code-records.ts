import { type } from '@orpc/contract'
import { z } from 'zod'
import { id, procedure } from './procedure.ts'

/** A sample that could not be read, and why, in a sentence. */
export interface UnreadableStep {
  step: number
  message: string
}

/** From the top down. birth: first use first; the others: most first. */
export const codeOrders = ['usage', 'birth', 'id', 'norm', 'cosine'] as const
export type CodeOrder = (typeof codeOrders)[number]
/** What a row of pixels shows of the codes that share it: the most used one's hits, or the hits of all. */
export const usageReductions = ['max', 'sum'] as const
export type UsageReduction = (typeof usageReductions)[number]

/** Hits of the codes of one layer over a run's samples, brought to rows × columns of pixels. */
export interface UsageOverTime {
  /** Steps of all samples, ascending; column c holds those from ceil(c T / columns) on. */
  steps: number[]
  columns: number
  rows: number
  codebookSize: number
  /** Codes that the layer used at some sample. */
  everUsed: number
  /** Most hits of one code at one sample. */
  mostHits: number
  /** Restarts of all codes so far, sample by sample; empty if they were not recorded. */
  restarts: number[]
  unreadable: UnreadableStep[]
  /**
   * safetensors: `value` I32 [rows, columns]; `top` I32 [rows, columns], the most used code of each; `codes` I32 [N],
   * the codes in order: row r holds the places floor(r N / rows) to floor((r + 1) N / rows).
   */
  file: Blob
}

/** The life of one code, sample by sample; null: not recorded, or not a number. */
export interface CodeHistory {
  code: number
  codebookSize: number
  steps: number[]
  /** heldOut: hits over the evaluated held-out pictures. window: over the training batches since the sample before. */
  layers: { heldOut: number[]; window: (number | null)[]; birth: number | null; lastUse: number | null }[]
  norm: (number | null)[]
  /** To its LLM row; rank: place of that row among all by distance, 0 the nearest. */
  cosine: (number | null)[]
  distance: (number | null)[]
  rank: (number | null)[]
  restarts: number | null
  /** Steps of those restarts that samples saw as the last one. */
  restartSteps: number[]
  /** At the newest sample whose pictures use the code: nearest LLM tokens with distances, and those of a shuffled codebook. */
  nearest: { step: number; tokens: number[]; distances: number[]; shuffled: number[] } | null
  unreadable: UnreadableStep[]
}

/** Regions of the held-out pictures that a code paints, newest first. */
export interface CodePatches {
  patches: { step: number; layer: number; picture: number; cell: number; side: number; caption: string }[]
  /** safetensors: of patch i `input.i` and `reconstruction.i`, U8 [side, side, 4], transparent beyond the picture. */
  file: Blob
  unreadable: UnreadableStep[]
}

const usageQuery = id.extend({
  layer: z.int().min(0).max(15),
  /** window: training hits since the sample before. heldOut: hits over the evaluated held-out pictures. */
  hits: z.enum(['window', 'heldOut']).default('window'),
  order: z.enum(codeOrders).default('usage'),
  reduce: z.enum(usageReductions).default('max'),
  rows: z.int().min(1).max(2048).default(400),
  columns: z.int().min(1).max(2048).default(800),
  /** used: only codes that the layer used at some sample, so that a few of many fill the picture. */
  show: z.enum(['used', 'all']).default('used'),
  /** Only these codes, used or not; left out: those that `show` says. */
  codes: z.array(z.int().min(0)).max(4096).optional(),
})
export type UsageQuery = z.infer<typeof usageQuery>

const patchQuery = id.extend({
  code: z.int().min(0),
  /** The newest sample at or before this step comes first. */
  step: z.int().min(0),
  limit: z.int().min(1).max(256).default(48),
  /** Cells of surroundings on each side. */
  margin: z.int().min(0).max(4).default(0),
})
export type PatchQuery = z.infer<typeof patchQuery>

/** What a run's samples say of its codes; procedures of a run. */
export const codeRecords = {
  usageOverTime: procedure.input(usageQuery).output(type<UsageOverTime>()),
  codeHistory: procedure.input(id.extend({ code: z.int().min(0) })).output(type<CodeHistory>()),
  codePatches: procedure.input(patchQuery).output(type<CodePatches>()),
  /** Steps of the syncs whose moved codes were kept. */
  syncs: procedure.input(id).output(type<{ steps: number[] }>()),
  /** One of them (events.ts, SyncLayout). */
  sync: procedure.input(id.extend({ step: z.int().min(0) })).output(type<{ step: number; file: Blob }>()),
}
