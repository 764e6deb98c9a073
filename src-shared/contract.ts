import { eventIterator, oc, type } from '@orpc/contract'
import { z } from 'zod'
import type { ExperimentConfig } from './config.ts'
import type { RunEvent, RunState } from './events.ts'
import type { ModelDescription, ModelList } from './models.ts'
import type { ProvenanceCards } from './provenance.ts'

/**
 * The one typed API between the window and everything that runs in Node. Inputs are validated on the receiving side;
 * outputs are typed. Errors are values with a code, a sentence for people and a hint. Large arrays travel as Blobs
 * (safetensors files), never as JSON. The renderer cannot tell which host it runs in.
 */

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

export interface Factor {
  /** Dotted path of the setting, such as "codebook.paradigm". */
  path: string
  values: unknown[]
}

/** What presets are offered under. */
export const presetGroups = ['minutes', 'language-model', 'baseline', 'paper'] as const
export type PresetGroup = (typeof presetGroups)[number]

export interface Preset {
  id: string
  group: PresetGroup
  title: string
  /** Two sentences: what it compares and what one can see. */
  description: string
  baseline: ExperimentConfig
  factors: Factor[]
  seeds: number[]
}

/** What a preset takes here, told without opening its data. */
export interface PresetOutlook {
  id: string
  /** All runs of the preset, in the order they would go; null where nothing like it has been measured here. */
  minutes: number | null
  memoryBytes: number | null
  missing: Missing[]
}

/** Something that a config names and that is not here. A plan says so and goes on; a run would fail. */
export interface Missing {
  /** Setting that names it. */
  path: string
  what: 'pictures' | 'texts' | 'language model' | 'weights'
  message: string
  remedy: string
}

/** What will happen, said before it starts. null stands for what only data or texts tell that are not here. */
export interface PreFlight {
  /** Parameters by part. */
  parameters: { part: string; count: number | null }[]
  codebookSize: number | null
  codeWidth: number
  tokensPerPicture: number
  /** Visual tokens of a step, and of the whole training. */
  tokensPerStep: number
  tokensOfTraining: number
  trainingPictures: number | null
  heldOutPictures: number | null
  /** Steps that show each training picture once on average, and how often the training does so. */
  stepsPerEpoch: number | null
  epochs: number | null
  vocabulary: number | null
  /** Estimated peak memory of one run, bytes; the largest of the arms'. */
  memoryBytes: number
  /** Of the baseline, by what it is for. */
  memory: { part: string; bytes: number }[]
  /** Arithmetic of a step of the baseline by part, 10⁹ operations. */
  work: { part: string; gflop: number }[]
  /** Estimated on this machine; null until a step has been measured here. */
  secondsPerStep: number | null
  minutesPerRun: number | null
  /** For an ablation: all runs, given how many go at once. */
  minutes: number | null
  /** On a machine that was described, or null. */
  elsewhere: PreFlightElsewhere | null
  missing: Missing[]
  /** Things to know before the start. */
  warnings: { path: string; message: string; remedy: string }[]
  /** What the baseline's numbers come to for its codes, whether or not anything is wrong with them. */
  advice: { path: string; message: string }[]
}

/** The same on devices that are not here. */
export interface PreFlightElsewhere {
  devices: number
  /** Pictures of a batch that one device takes. */
  picturesPerDevice: number
  /** Of the baseline; null if no throughput was stated. */
  hoursPerRun: number | null
  /** All runs one after the other. */
  hours: number | null
  /** Each device holds everything and takes its share of the batch. */
  replicated: DeviceMemory
  /** Weights, gradients, moments and frozen weights are cut over the devices (ZeRO-3, FSDP). */
  sharded: DeviceMemory
}

export interface DeviceMemory {
  bytes: number
  parts: { part: string; bytes: number }[]
  /** null if the memory of a device was not stated. */
  fits: boolean | null
  /** Pictures at once for which there would be room; null if the memory was not stated. */
  picturesThatFit: number | null
}

export interface AblationSummary {
  id: string
  name: string
  createdAt: number
  runCount: number
  finished: number
  failed: number
  running: number
  secondsLeft: number | null
}

export interface Cell {
  /** n seeds with a value */
  n: number
  mean: number | null
  /** Sample standard deviation over seeds; null if n < 2. */
  std: number | null
  best: boolean
  /** Difference of the mean from the baseline arm's, with a 95 % interval (Welch); null where it cannot be had. */
  difference: { mean: number; low: number | null; high: number | null } | null
  values: { runId: string; seed: number; value: number }[]
}

export interface AblationDetail extends AblationSummary {
  factors: Factor[]
  seeds: number[]
  baseline: ExperimentConfig
  /** Arms in order, the baseline's first if it is one of them. */
  arms: {
    label: string
    settings: Record<string, unknown>
    isBaseline: boolean
    runIds: string[]
    cells: Record<string, Cell>
  }[]
  metrics: string[]
  /** Where the numbers come from, as far as the runs agree. */
  provenance: ProvenanceCards
  runs: RunSummary[]
}

export interface Status {
  version: string
  home: string
  device: string
  cores: number
  memoryTotal: number
  /** Resident memory of the app and its training processes, bytes. */
  memoryUsed: number
  running: number
  queued: number
  concurrency: number
  runningJobs: { id: string; name: string; step: number; steps: number; secondsLeft: number | null }[]
}

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

/** Something changed; the renderer refetches what it shows. Sent at most ten times a second. */
export type Change =
  | { topic: 'run'; id: string }
  | { topic: 'ablation'; id: string }
  | { topic: 'status' }
  | { topic: 'data'; message: string }
  | { topic: 'models' }

const id = z.object({ id: z.string().regex(/^[\w-]{1,80}$/) })
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
const errors = {
  NOT_FOUND: { data: z.object({ hint: z.string() }) },
  BAD_REQUEST: {
    data: z.object({ hint: z.string(), problems: z.array(z.object({ path: z.string(), message: z.string() })) }),
  },
  CONFLICT: { data: z.object({ hint: z.string() }) },
  UNREADABLE: { status: 422, data: z.object({ hint: z.string() }) },
}
const procedure = oc.errors(errors)
const factor = z.object({ path: z.string(), values: z.array(z.unknown()).min(1).max(32) })
const ablationPlan = z.object({
  name: z.string().min(1).max(120),
  baseline: z.unknown(),
  factors: z.array(factor).max(8),
  seeds: z.array(z.int().min(0)).min(1).max(32),
})

/** A machine that is not here, as a person describes it; figures are of one device. */
const machine = z.strictObject({
  devices: z.int().min(1).max(100_000).default(1),
  /** 10⁹ bytes; null: not stated. */
  deviceMemory: z.number().positive().nullable().default(null),
  throughput: z
    .discriminatedUnion('unit', [
      z.strictObject({ unit: z.literal('images/s'), value: z.number().positive() }),
      /** utilisation: share of the peak that training reaches. */
      z.strictObject({
        unit: z.literal('TFLOP/s'),
        value: z.number().positive(),
        utilisation: z.number().gt(0).max(1).default(0.4),
      }),
    ])
    .nullable()
    .default(null),
})
export type Machine = z.infer<typeof machine>

export const contract = {
  app: {
    status: procedure.output(type<Status>()),
    /** Long-lived; yields batches of changes. */
    changes: procedure.output(eventIterator(type<Change[]>())),
    setConcurrency: procedure
      .input(z.object({ concurrency: z.int().min(1).max(64) }))
      .output(type<{ concurrency: number }>()),
    /** Settings of the window that belong to no run, such as the theme. */
    settings: procedure.output(type<Record<string, unknown>>()),
    saveSetting: procedure
      .input(z.object({ key: z.string().max(80), value: z.unknown() }))
      .output(type<{ saved: true }>()),
  },
  presets: {
    list: procedure.output(type<Preset[]>()),
    /** Times on this machine and what is missing, in the order of the list. */
    outlook: procedure.output(type<PresetOutlook[]>()),
  },
  plan: {
    /** Checks a config (unknown, so that problems come back as values) and estimates what it takes. */
    preflight: procedure
      .input(
        ablationPlan.extend({
          machine: machine.nullable().default(null),
          /** Pictures of the data set where it is not here. */
          pictures: z.int().min(1).nullable().default(null),
        }),
      )
      .output(type<{ problems: { path: string; message: string }[]; preflight: PreFlight | null; runs: number }>()),
  },
  runs: {
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
    /** The sample file (events.ts, SampleLayout) nearest at or before `step`. */
    sample: procedure.input(id.extend({ step: z.int().min(0) })).output(type<{ step: number; file: Blob }>()),
    /**
     * Text of each token id of the language model, [V], empty for an independent codebook; and the token id of each code,
     * [K], ascending, where the codes are some of the vocabulary's rows. null: a code and its token id are one.
     */
    tokens: procedure.input(id).output(type<{ vocabulary: string[]; ids: number[] | null }>()),
    usageOverTime: procedure.input(usageQuery).output(type<UsageOverTime>()),
    codeHistory: procedure.input(id.extend({ code: z.int().min(0) })).output(type<CodeHistory>()),
    codePatches: procedure.input(patchQuery).output(type<CodePatches>()),
    /** Steps of the syncs whose moved codes were kept. */
    syncs: procedure.input(id).output(type<{ steps: number[] }>()),
    /** One of them (events.ts, SyncLayout). */
    sync: procedure.input(id.extend({ step: z.int().min(0) })).output(type<{ step: number; file: Blob }>()),
  },
  ablations: {
    list: procedure.output(type<AblationSummary[]>()),
    get: procedure.input(id).output(type<AblationDetail>()),
    create: procedure.input(ablationPlan).output(type<{ id: string; runIds: string[] }>()),
    /** The Quick ablation of the first page: preset "quick", as it stands. */
    quick: procedure.output(type<{ id: string; runIds: string[] }>()),
    stop: procedure.input(id).output(type<{ stopped: number }>()),
    remove: procedure.input(id).output(type<{ removed: true }>()),
  },
  /** Pretrained language models. */
  models: {
    /** SmolLM2, whether installed or not, then those in the home and those known by their path. */
    list: procedure.output(type<ModelList>()),
    /** Reads a model's headers and tokenizer, and remembers its path. */
    describe: procedure.input(z.object({ path: z.string().min(1).max(4096) })).output(type<ModelDescription>()),
    /** Takes a path off the list; its files stay. */
    forget: procedure.input(z.object({ path: z.string().min(1).max(4096) })).output(type<{ forgotten: true }>()),
    /** Begins to install SmolLM2; changes of the topic "models" tell how far it is. */
    install: procedure.output(type<{ started: true }>()),
    cancelInstall: procedure.output(type<{ cancelled: boolean }>()),
  },
  data: {
    /**
     * Counts and a contact sheet (PNG) of a picture source. Under `reading: cache` it is decoded if need be; of a stream
     * some pictures are looked at, and classes, captions and texts are of these.
     */
    describe: procedure.input(z.object({ data: z.unknown() })).output(
      type<{
        pictures: number
        training: number
        heldOut: number
        /** Pictures that a stream has looked at; null where all were read. */
        looked: number | null
        classes: { name: string; count: number }[]
        /** The first ones, and how many there are. */
        unreadable: { file: string; reason: string }[]
        unreadableCount: number
        captions: { id: string; caption: string }[]
        sheet: Blob
        texts: { training: number; heldOut: number; examples: { question: string; answer: string }[] }
      }>(),
    ),
  },
}
export type Contract = typeof contract
