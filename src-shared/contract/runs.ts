import { type } from '@orpc/contract'
import { z } from 'zod'
import type { ExperimentConfig } from '../config.ts'
import type { RunEvent, RunState } from '../events.ts'
import type { HeldOutAnswer } from '../held-out-answers.ts'
import type { ProvenanceCards } from '../provenance.ts'
import { id, procedure } from './procedure.ts'

export interface RunSummary {
  id: string
  name: string
  state: RunState
  /** Why it ended or was interrupted, one sentence; '' while it runs. */
  reason: string
  paradigm: string
  tokenizer: string
  seed: number
  ablationId: string | null
  armLabel: string | null
  parentId: string | null
  tags: string[]
  note: string
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  step: number
  steps: number
  /** Place in the queue from 1; null unless queued. */
  queuePosition: number | null
  secondsLeft: number | null
  imagesPerSecond: number | null
  /** Latest value of each metric. */
  latest: Record<string, number>
  /** A colour index that stays with the run in every view. */
  colour: number
  alarms: number
}

export interface RunDetail extends RunSummary {
  config: ExperimentConfig
  directory: string
  metricNames: string[]
  sampleSteps: number[]
  paintingSteps: number[]
  /** Steps at which the model was asked held-out questions. */
  answerSteps: number[]
  checkpointSteps: number[]
  syncs: { step: number; before: { cosine: number; distance: number }; after: { cosine: number; distance: number } }[]
  alarmList: { step: number; name: string; message: string; remedy: string }[]
  /** Where the run's numbers come from; empty before it started. */
  provenance: ProvenanceCards
  /** Steps that were done when the discriminator was switched off; null if it was not. */
  discriminatorOff: number | null
  /** Whether somebody asked for that, and it is still to take effect. */
  discriminatorOffAsked: boolean
  attempts: number
}

/** One metric of one run, downsampled by min/max in buckets to at most `maxPoints` points; `step` ascending. */
export interface MetricSeries {
  runId: string
  name: string
  step: number[]
  /** Seconds since the run's first event (pauses included). */
  seconds: number[]
  value: number[]
  /** Number of points before downsampling. */
  total: number
}

/** Single runs: their life, their numbers and the samples they took. */
export const runs = {
  list: procedure.output(type<RunSummary[]>()),
  get: procedure.input(id).output(type<RunDetail>()),
  create: procedure
    .input(z.object({ config: z.unknown(), parentId: z.string().nullable().default(null) }))
    .output(type<{ id: string }>()),
  /** Same config (with changes), new run, parent recorded. */
  clone: procedure
    .input(id.extend({ changes: z.record(z.string(), z.unknown()).default({}) }))
    .output(type<{ id: string }>()),
  pause: procedure.input(id).output(type<{ state: RunState }>()),
  resume: procedure.input(id).output(type<{ state: RunState }>()),
  stop: procedure.input(id).output(type<{ state: RunState }>()),
  /** For good: the run's discriminator takes part in no step after the one that is computed now. */
  switchOffDiscriminator: procedure.input(id).output(type<{ asked: true }>()),
  /** Deletes the directory of a run that is not running. */
  remove: procedure.input(id).output(type<{ removed: true }>()),
  annotate: procedure
    .input(
      id.extend({
        tags: z.array(z.string().min(1).max(40)).max(20).optional(),
        note: z.string().max(20_000).optional(),
      }),
    )
    .output(type<{ saved: true }>()),
  metrics: procedure
    .input(
      z.object({
        runIds: z.array(z.string()).min(1).max(64),
        names: z.array(z.string()).min(1).max(64),
        maxPoints: z.int().min(10).max(20_000).default(500),
        fromStep: z.int().min(0).optional(),
        toStep: z.int().min(0).optional(),
      }),
    )
    .output(type<MetricSeries[]>()),
  /** Newest last. */
  log: procedure.input(id.extend({ limit: z.int().min(1).max(10_000).default(500) })).output(
    type<{
      events: Extract<
        RunEvent,
        { kind: 'log' | 'started' | 'ended' | 'alarm' | 'sync' | 'checkpoint' | 'discriminator-off' }
      >[]
      stderrTail: string
    }>(),
  ),
  /** The painting file (events.ts, PaintingLayout) nearest at or before `step`. */
  painting: procedure.input(id.extend({ step: z.int().min(0) })).output(type<{ step: number; file: Blob }>()),
  /** What the model said to held-out questions, nearest at or before `step`. */
  answers: procedure
    .input(id.extend({ step: z.int().min(0) }))
    .output(type<{ step: number; answers: HeldOutAnswer[] }>()),
  /** The sample file (events.ts, SampleLayout) nearest at or before `step`. */
  sample: procedure.input(id.extend({ step: z.int().min(0) })).output(type<{ step: number; file: Blob }>()),
  /**
   * Text of each token id of the language model, [V], empty for an independent codebook; and the token id of each code,
   * [K], ascending, where the codes are some of the vocabulary's rows. null: a code and its token id are one.
   */
  tokens: procedure.input(id).output(type<{ vocabulary: string[]; ids: number[] | null }>()),
}
