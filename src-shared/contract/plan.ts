import { type } from '@orpc/contract'
import { z } from 'zod'
import { ablationPlan } from './ablations.ts'
import { procedure } from './procedure.ts'

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
  /** The baseline's second stage: positions and arithmetic of a step on average; null without one. */
  secondStage: {
    kind: 'language model' | 'prior'
    steps: number
    positions: number
    gflop: number
    memoryBytes: number
  } | null
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
  /** Of the baseline, a later stage by its arithmetic included; null if no throughput was stated. */
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

/** What an experiment would take, said before it starts. */
export const plan = {
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
}
