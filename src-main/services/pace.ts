import { z } from 'zod'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import { laterByArithmetic, type RunEstimate } from '../training/estimate.ts'

/** Steps of Stage I, or of what follows it. */
type Stage = 'first' | 'later'

const measured = z.object({
  stage: z.enum(['first', 'later']).default('first'),
  shape: z.string(),
  threads: z.number(),
  gflopPerStep: z.number(),
  secondsPerStep: z.number(),
})
type Measured = z.infer<typeof measured>

const KEY = 'app.pace'
const KEPT = 40

/** Seconds of a step in each stage; null where it is not known, or there is no such stage. */
export interface StepSeconds {
  first: number | null
  later: number | null
}

/** What a run's pace depends on. */
export interface PacedRun {
  config: ExperimentConfig
  threads: number
  estimate: Pick<RunEstimate, 'gflopPerStep' | 'second'>
}

/** How fast steps have been on this machine. */
export interface Pace {
  /** Notes what a run that trained here took, everything between its steps included. */
  note(run: PacedRun, seconds: StepSeconds): void
  /**
   * Seconds of a step. In Stage I those of the latest run of the same shape, or else of the latest run of any shape, in
   * proportion to the arithmetic; null before the first run. Of what follows those of the latest run of the same shape, or
   * else Stage I's in proportion.
   */
  estimate(run: PacedRun): StepSeconds
  /** Seconds of a step of what follows Stage I, in steps of Stage I: as measured of runs of the same shape, else by arithmetic. */
  laterWeight(run: PacedRun): number
  /** Whether any run has been noted. */
  known(): boolean
}

export function createPace(settings: SettingsStore): Pace {
  const read = (): Measured[] => z.array(measured).catch([]).parse(settings.get(KEY))
  const same = (shape: string, threads: number): number | null =>
    read().findLast((one) => one.shape === shape && one.threads === threads)?.secondsPerStep ?? null

  function ofFirst({ config, threads, estimate }: PacedRun): number | null {
    const firsts = read().filter(({ stage }) => stage === 'first')
    const like = firsts.findLast((one) => one.threads === threads) ?? firsts.at(-1)
    const scaled = like && (like.secondsPerStep / like.gflopPerStep) * estimate.gflopPerStep * (like.threads / threads)
    return same(shapeOf(config), threads) ?? scaled ?? null
  }

  return {
    note({ config, threads, estimate }, { first, later }) {
      const put = (stage: Stage, shape: string, gflopPerStep: number, secondsPerStep: number | null) => {
        if (secondsPerStep === null) return
        const others = read().filter((one) => one.shape !== shape || one.threads !== threads)
        settings.put(KEY, [...others, { stage, shape, threads, gflopPerStep, secondsPerStep }].slice(-KEPT))
      }
      put('first', shapeOf(config), estimate.gflopPerStep, first)
      if (estimate.second) put('later', laterShapeOf(config), estimate.second.operations / 1e9, later)
    },
    estimate(run) {
      const first = ofFirst(run)
      if (!run.estimate.second) return { first, later: null }
      const measuredLater = same(laterShapeOf(run.config), run.threads)
      return { first, later: measuredLater ?? (first === null ? null : first * laterByArithmetic(run.estimate)) }
    },
    laterWeight({ config, threads, estimate }) {
      const [first, later] = [same(shapeOf(config), threads), same(laterShapeOf(config), threads)]
      return first !== null && later !== null ? later / first : laterByArithmetic(estimate)
    },
    known: () => read().length > 0,
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

/** The same of the stage that follows. */
function laterShapeOf({ data, tokenizer, codebook, language, multimodal, prior }: ExperimentConfig): string {
  const { optimizer: _, steps: __, checkpointEvery: ___, ...spoken } = multimodal
  const { optimizer: ____, steps: _____, checkpointEvery: ______, ...painted } = prior
  const { model, width, layers, heads, keyValueHeads, feedForward } = language
  return JSON.stringify([
    data.resolution,
    [tokenizer.kind, tokenizer.layers],
    [codebook.rows, codebook.size, codebook.shared],
    [model, width, layers, heads, keyValueHeads, feedForward],
    multimodal.steps > 0 ? spoken : painted,
  ])
}
