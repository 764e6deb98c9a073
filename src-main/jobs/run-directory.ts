import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { syncFolder, writeJsonAtomic } from './atomic-file.ts'
import { processIdentitySchema } from './process-identity.ts'

/**
 * A run directory is the truth about a run:
 *   config.json      frozen when the run is made
 *   run.json         where the run comes from: parent, ablation, arm
 *   events.ndjson    append-only, written by the training process alone
 *   checkpoints/     the newest two
 *   samples/         code maps, reconstructions and the life of the codes
 *   paintings/       pictures that the model painted
 *   answers/         what the model said to held-out questions
 *   evaluations/     what was measured of it afterwards: codebook.json
 *   syncs/           the codes that a sync moved, before and after
 *   tokens.json      text of each token id
 *   codes.json       token id of each code, if the codes are some of the vocabulary's rows; without it the two are one
 *   control.json     what the person asks of the training process
 *   switches.json    what a person switched off for good while it trained
 *   process.json     who trains it, or did last
 *   exit.json        what the app saw if the process died without an `ended` event
 *   stdout.log, stderr.log
 */
export const runFiles = (directory: string) => ({
  config: join(directory, 'config.json'),
  origin: join(directory, 'run.json'),
  events: join(directory, 'events.ndjson'),
  checkpoints: join(directory, 'checkpoints'),
  samples: join(directory, 'samples'),
  paintings: join(directory, 'paintings'),
  answers: join(directory, 'answers'),
  codebookEvaluation: join(directory, 'evaluations', 'codebook.json'),
  syncs: join(directory, 'syncs'),
  tokens: join(directory, 'tokens.json'),
  codes: join(directory, 'codes.json'),
  control: join(directory, 'control.json'),
  switches: join(directory, 'switches.json'),
  process: join(directory, 'process.json'),
  exit: join(directory, 'exit.json'),
  stdout: join(directory, 'stdout.log'),
  stderr: join(directory, 'stderr.log'),
})

/** The ablation that a run is a cell of, whole, so that a directory copied from elsewhere brings it along. */
export const ablationOriginSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  baseline: z.unknown(),
  factors: z.array(z.object({ path: z.string(), values: z.array(z.unknown()) })),
  seeds: z.array(z.int()),
  /** Place of the cell's arm and its words. */
  arm: z.object({ index: z.int(), label: z.string(), settings: z.record(z.string(), z.unknown()) }),
})
export type AblationOrigin = z.infer<typeof ablationOriginSchema>

const originSchema = z.object({
  createdAt: z.number(),
  parentId: z.string().nullable(),
  ablation: ablationOriginSchema.nullable(),
})
export type RunOrigin = z.infer<typeof originSchema>

const exitSchema = z.object({
  /** seq of the run's last event when its process was found dead; a later event means that the run went on since. */
  seq: z.int().min(0),
  time: z.number(),
  state: z.enum(['interrupted', 'stopped']),
  reason: z.string(),
})
export type RunExit = z.infer<typeof exitSchema>

/**
 * Makes the directory of a new run whole, or not at all.
 * @throws Error if it exists: nothing is ever overwritten
 */
export function createRunDirectory(directory: string, config: ExperimentConfig, origin: RunOrigin): void {
  if (existsSync(directory)) throw new Error(`the run directory ${directory} exists; a run is never overwritten`)
  const parent = dirname(directory)
  const temporary = join(parent, `.new-${process.pid}-${directory.slice(parent.length + 1)}`)
  rmSync(temporary, { recursive: true, force: true })
  const files = runFiles(temporary)
  mkdirSync(files.checkpoints, { recursive: true, mode: 0o700 })
  mkdirSync(files.samples, { mode: 0o700 })
  mkdirSync(files.syncs, { mode: 0o700 })
  writeJsonAtomic(files.config, config)
  writeJsonAtomic(files.origin, origin)
  renameSync(temporary, directory)
  syncFolder(parent)
}

/** @throws Error or ConfigError that says what is wrong with the directory's config.json */
export const readRunConfig = (directory: string): ExperimentConfig => parseConfig(readJson(runFiles(directory).config))

/** Where the run comes from; a directory without run.json comes from nowhere known. */
export function readRunOrigin(directory: string): RunOrigin | null {
  return readOptional(runFiles(directory).origin, originSchema)
}

export const readRunExit = (directory: string): RunExit | null => readOptional(runFiles(directory).exit, exitSchema)

export const readRunProcess = (directory: string) => readOptional(runFiles(directory).process, processIdentitySchema)

/** Token id of each code, or null if a code and its id are one. */
export const readRunCodes = (directory: string): number[] | null =>
  readOptional(runFiles(directory).codes, z.array(z.int().min(0)))

/** Text of each token id, or null if the run has not written it. */
export const readRunTokens = (directory: string): string[] | null =>
  readOptional(runFiles(directory).tokens, z.array(z.string()))

function readOptional<T>(path: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(path)) return null
  const result = schema.safeParse(readJson(path))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Error(`${path} is damaged: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}

function readJson(path: string): unknown {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path} is damaged: it is not JSON (${text.length} characters)`, { cause })
  }
}
