import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { askedOfModel, type SpeechSettings, speechSettingsSchema } from '../../src-shared/contract/multimodal.ts'
import { readRunConfig } from '../jobs/run-directory.ts'
import { openRunModel, type RunModel } from '../jobs/speech/open-run-model.ts'
import { wholeNumber } from './command.ts'
import { UsageError } from './errors.ts'
import { runDirectory } from './run-folder.ts'

/**
 * Uses the model of a run's newest checkpoint in this process, and gives it back however that ends. The run may belong to
 * an app that is open: nothing is written to it.
 * @throws UsageError if there is no such run, or it has no second stage; ModelError if its model cannot be opened
 */
export async function withRunModel<T>(
  home: string,
  run: string,
  threads: number | undefined,
  use: (model: RunModel) => Promise<T>,
): Promise<T> {
  const directory = runDirectory(home, run)
  const { multimodal, prior } = readRunConfig(directory)
  if (multimodal.steps === 0)
    throw new UsageError(
      prior.steps > 0
        ? `${run} has a prior and no Stage II: it paints pictures of a class, with "generate", and reads neither words nor pictures`
        : `${run} has no Stage II: its model was not taught to read or paint pictures; train one with --set multimodal.steps=1000, say`,
    )
  const cacheDir = join(home, 'cache')
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 })
  const model = await openRunModel(directory, cacheDir, threads ?? availableParallelism())
  try {
    return await use(model)
  } finally {
    await model.close()
  }
}

/** Options of what is drawn, and how. */
export interface SamplingOptions {
  seed: number
  temperature: number
  topK?: number
  topP?: number
  guidance: number
  threads?: number
}

/** @param of what the temperature and the cuts are for */
export const addSamplingOptions = (command: Command, of: string, temperature: number): Command =>
  command
    .option('--seed <n>', 'the same seed gives the same answer', wholeNumber(0), 0)
    .option(
      '--temperature <t>',
      `of ${of}; 0: always the likeliest`,
      number(speechSettingsSchema.shape.codes.shape.temperature),
      temperature,
    )
    .option('--top-k <k>', `draw from the k likeliest ${of}`, wholeNumber(1))
    .option(
      '--top-p <p>',
      `draw from the likeliest ${of} that add up to this share`,
      number(speechSettingsSchema.shape.codes.shape.topP),
    )
    .option(
      '--guidance <s>',
      'scale of classifier-free guidance on codes; 1: none',
      number(speechSettingsSchema.shape.guidance),
      1,
    )
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))

/** A number that a setting may have. */
function number(setting: {
  safeParse(value: unknown): { success: boolean; error?: { issues: { message: string }[] } | undefined }
}) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    const parsed = setting.safeParse(value)
    if (!parsed.success) throw new InvalidArgumentError(`${parsed.error?.issues[0]?.message}.`)
    return value
  }
}

/** Most answers side by side, as the window may ask for as well. */
export const MOST_ANSWERS = askedOfModel.say.shape.answers.maxValue as number

export const samplingOf = ({ temperature, topK, topP }: SamplingOptions): SpeechSettings['codes'] => ({
  temperature,
  topK: topK ?? null,
  topP: topP ?? null,
})
