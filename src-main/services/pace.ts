import { z } from 'zod'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { SettingsStore } from '../store/settings-store.ts'

const measured = z.object({
  shape: z.string(),
  threads: z.number(),
  gflopPerStep: z.number(),
  secondsPerStep: z.number(),
})
type Measured = z.infer<typeof measured>

const KEY = 'app.pace'
const KEPT = 40

/** How fast steps have been on this machine. */
export interface Pace {
  /** Notes what a run that trained here took, everything between its steps included. */
  note(config: ExperimentConfig, threads: number, gflopPerStep: number, secondsPerStep: number): void
  /**
   * Seconds of a step: those of the latest run of the same shape, or else of the latest run of any shape, in
   * proportion to the arithmetic. null before the first run.
   */
  estimate(config: ExperimentConfig, threads: number, gflopPerStep: number): number | null
}

export function createPace(settings: SettingsStore): Pace {
  const read = (): Measured[] => z.array(measured).catch([]).parse(settings.get(KEY))
  return {
    note(config, threads, gflopPerStep, secondsPerStep) {
      const shape = shapeOf(config)
      const others = read().filter((one) => one.shape !== shape || one.threads !== threads)
      settings.put(KEY, [...others, { shape, threads, gflopPerStep, secondsPerStep }].slice(-KEPT))
    },
    estimate(config, threads, gflopPerStep) {
      const shape = shapeOf(config)
      const known = read()
      const same = known.findLast((one) => one.shape === shape && one.threads === threads)
      if (same) return same.secondsPerStep
      const like = known.findLast((one) => one.threads === threads) ?? known.at(-1)
      if (!like) return null
      return (like.secondsPerStep / like.gflopPerStep) * gflopPerStep * (like.threads / threads)
    },
  }
}

/** What of a config decides the time of a step. Not the seed, the rule's numbers or the length of the run. */
function shapeOf({ data, tokenizer, codebook, losses, language, training }: ExperimentConfig): string {
  const { optimizer: _, stepsBefore: __, texts: ___, textsPath: ____, textsLimit: _____, ...model } = language
  const { perceptual, adversarial } = losses
  return JSON.stringify([
    data.resolution,
    tokenizer,
    [codebook.paradigm, codebook.rows, codebook.size, codebook.width, codebook.shared],
    [perceptual.network, adversarial.weight > 0 && [adversarial.channels, adversarial.layers, adversarial.start]],
    model,
    [training.batchSize, training.evaluateEvery, training.evaluatePictures, training.evaluateTexts],
  ])
}
