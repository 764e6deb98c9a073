import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { PreFlight } from '../../src-shared/contract/plan.ts'
import { type Book, booksOf, meanCount } from '../codebook/books.ts'

type Warning = PreFlight['warnings'][number]
type Advice = PreFlight['advice'][number]

/**
 * What a batch's tokens and K mean for the codes: how often one is hit, how long it lives without, and how much of its
 * language-model row it keeps. Uniform use is the yardstick: T tokens a step over K codes hit each m = T/K times a step, and
 * gaps between hits are about exponential with mean 1/m.
 */

/** Share of gaps between hits, at uniform use, that may be longer than a code lives: e^−3. */
const LONG_GAPS = 3
/** Share of the LLM row in a used code right after a sync, below which the codebook is unified in name only. */
const SMALL_SHARE = 0.1
/** Share at which a code is as much its row as its features. */
const HALF = 0.5

const learns = ({ codebook }: ExperimentConfig): boolean => codebook.paradigm !== 'frozen'
const syncs = ({ codebook }: ExperimentConfig): boolean =>
  codebook.paradigm === 'iterative' && codebook.rule === 'paper'

/** The codebook whose codes are hit most rarely. */
const rarest = (config: ExperimentConfig, rows: number): Book =>
  booksOf(config, rows).reduce((least, book) => (meanCount(book) < meanCount(least) ? book : least))

/**
 * Steps without a hit after which a code is restarted: its running count falls by `decay` a step, from about its share m
 * (or the 1 − decay of a single hit) to the threshold restart · m.
 */
const stepsToRestart = ({ restart, decay }: { restart: number; decay: number }, mean: number): number =>
  Math.max(0, Math.log(Math.max(mean, 1 - decay) / (restart * mean)) / -Math.log(decay))

/** The largest restart threshold, in steps of 5 from 0.01, under which a code outlives `gaps` mean gaps. */
function largestRestart(decay: number, mean: number, gaps: number): number {
  const limit = (Math.max(mean, 1 - decay) / mean) * decay ** (gaps / mean)
  return Math.min(1, Math.floor(limit * 100) / 100)
}

/** The decay under which a code outlives `gaps` mean gaps with a given threshold, where m ≥ 1 − decay. */
const enoughDecay = (restart: number, mean: number, gaps: number): number =>
  Math.min(0.9999, Math.ceil(restart ** (mean / gaps) * 1e4) / 1e4)

const restartMatters = (config: ExperimentConfig): boolean =>
  learns(config) && config.codebook.restart > 0 && config.codebook.decay > 0 && config.codebook.decay < 1

/**
 * If a code is restarted sooner than the K/T steps between two hits at uniform use, codes are restarted that nothing is
 * wrong with (FIELD.md 3a, trap 2).
 */
export function restartWarnings(config: ExperimentConfig, codebookSize: number): Warning[] {
  const { restart, decay } = config.codebook
  if (!restartMatters(config)) return []
  const mean = meanCount(rarest(config, codebookSize))
  const steps = stepsToRestart(config.codebook, mean)
  if (steps >= 1 / mean) return []
  const lower = largestRestart(decay, mean, LONG_GAPS)
  const lowered = lower > 0 ? `Lower codebook.restart from ${restart} to ${lower}` : 'Set codebook.restart to 0'
  return [
    {
      path: 'codebook.restart',
      message: `A batch has ${mean.toPrecision(2)} tokens per code. A code used as often as the others is hit every ${count(1 / mean)} steps, but restarted after ${count(steps)} without a hit.`,
      remedy:
        restart < 1
          ? `${lowered}, or raise codebook.decay from ${decay} to ${enoughDecay(restart, mean, LONG_GAPS)}; a larger training.batchSize helps as well.`
          : `${lowered}.`,
    },
  ]
}

/**
 * Share of the LLM row in a code right after a sync, in the long run: `hits` times since the last one it kept emaLambda of
 * itself (Eq. 2), then it took 1 − syncLambda of its row (Eq. 3): s = (1−λ) / (1 − λ·kept).
 */
const rowShare = (syncLambda: number, kept: number): number => (1 - syncLambda) / Math.max(1e-12, 1 - syncLambda * kept)

/** The largest λ of Eq. 3, to two digits, that leaves a share of the row. */
const largestLambda = (share: number, kept: number): number =>
  Math.floor(((1 - share) / (1 - share * kept)) * 100) / 100

/** The longest interval that leaves a share of the row in a code that is hit in every step; 0 if none does. */
function longestInterval(share: number, { syncLambda, emaLambda }: ExperimentConfig['codebook']): number {
  const kept = (1 - (1 - syncLambda) / share) / syncLambda
  return kept <= 0 || kept >= 1 || emaLambda <= 0 || emaLambda >= 1
    ? 0
    : Math.floor(Math.log(kept) / Math.log(emaLambda))
}

export function syncWarnings(config: ExperimentConfig): Warning[] {
  const { interval, emaLambda, syncLambda } = config.codebook
  const { steps } = config.training
  if (!syncs(config)) return []
  if (interval === 0 || interval > steps)
    return [
      {
        path: 'codebook.interval',
        message: `The visual codebook is never brought back to the language model (interval ${interval}, ${steps} steps).`,
        remedy: `Set codebook.interval to a small share of training.steps, such as ${Math.max(1, Math.min(20, Math.round(steps / 20)))}.`,
      },
    ]
  const kept = emaLambda ** interval
  const share = rowShare(syncLambda, kept)
  // 1 − 0.9 is a little less than 0.1.
  if (share >= SMALL_SHARE - 1e-9) return []
  const shorter = longestInterval(SMALL_SHARE, config.codebook)
  return [
    {
      path: 'codebook.syncLambda',
      message: `λ = ${syncLambda} is gentle: right after a sync a used code holds about ${percent(share)} of its language-model row, so the codebook is unified in name only.`,
      remedy: `Lower codebook.syncLambda to ${largestLambda(SMALL_SHARE, kept)} for a tenth or ${largestLambda(HALF, kept)} for half of the row${shorter > 0 ? `, or shorten codebook.interval to ${shorter}` : ''}, and watch the drift of used codes.`,
    },
  ]
}

/** What the numbers of a plan come to, whether or not anything is wrong with them. @param codebookSize rows of the table */
export function codebookAdvice(config: ExperimentConfig, codebookSize: number): Advice[] {
  const { codebook, training } = config
  const book = rarest(config, codebookSize)
  const codes = book.end - book.first
  const mean = meanCount(book)
  const hits = mean * training.steps
  const of = codebook.shared ? '' : ' of a layer’s own'
  const advice: Advice[] = [
    {
      path: 'training.batchSize',
      message: `With ${count((book.to - book.from) / training.batchSize)} tokens per picture × ${training.batchSize} and K = ${codes.toLocaleString('en')}${of} a code is hit ${often(mean)} at uniform use, ${hits < 10 ? hits.toPrecision(2) : count(hits)} times in ${training.steps.toLocaleString('en')} steps.`,
    },
  ]
  if (learns(config)) advice.push(restartAdvice(config, mean))
  if (syncs(config) && codebook.interval > 0) advice.push(syncAdvice(config, mean))
  if (codebook.paradigm === 'iterative' && codebook.rule === 'release') advice.push(rampAdvice(config))
  return advice
}

function restartAdvice(config: ExperimentConfig, mean: number): Advice {
  const { restart, decay } = config.codebook
  const path = 'codebook.restart'
  const largest = decay > 0 && decay < 1 ? largestRestart(decay, mean, LONG_GAPS) : 0
  const upTo =
    largest > 0
      ? `A threshold of up to ${largest} keeps that share below 5 %`
      : 'No threshold keeps that share below 5 %'
  if (!restartMatters(config))
    return {
      path,
      message:
        restart === 0
          ? `Codes that nothing uses stay as they are. ${largest > 0 ? `A threshold of ${largest} would restart those that go without a hit for ${count(stepsToRestart({ restart: largest, decay }, mean))} steps.` : `With decay ${decay} every threshold would sweep away codes between two hits; raise codebook.decay first.`}`
          : `With decay ${decay} the running counts say nothing of a code's past, and restarts hit codes at random.`,
    }
  const steps = stepsToRestart(config.codebook, mean)
  return {
    path,
    message: `A code restarts after ${count(steps)} steps without a hit; at uniform use ${percent(Math.exp(-steps * mean))} of the gaps between hits are longer. ${upTo} at decay ${decay}.`,
  }
}

function syncAdvice({ codebook }: ExperimentConfig, mean: number): Advice {
  const { interval, emaLambda, syncLambda } = codebook
  const everyStep = emaLambda ** interval
  const hitsBetween = interval * (1 - Math.exp(-mean))
  const uniform = emaLambda ** hitsBetween
  return {
    path: 'codebook.syncLambda',
    message: `In the ${interval} steps between two syncs a code at uniform use is hit in ${hitsBetween.toPrecision(2)}; right after a sync it holds ${percent(rowShare(syncLambda, uniform))} of its language-model row, one that is hit in every step ${percent(rowShare(syncLambda, everyStep))}. λ up to ${largestLambda(HALF, everyStep)} leaves every code half of its row.`,
  }
}

function rampAdvice({ codebook: { tail }, training: { steps } }: ExperimentConfig): Advice {
  const reached = Math.round(steps * (1 - tail))
  return {
    path: 'codebook.tail',
    message:
      tail > 0
        ? `The codebook moves to the language model's rows until step ${reached.toLocaleString('en')} and stays there for the last ${(steps - reached).toLocaleString('en')} steps.`
        : `The codebook reaches the language model's rows with the last step only; a tail of 0.1 leaves the decoder ${Math.round(steps / 10).toLocaleString('en')} steps to learn them.`,
  }
}

const count = (value: number): string => Math.round(value).toLocaleString('en')
const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`
const often = (mean: number): string =>
  mean >= 1 ? `${mean.toPrecision(2)} times a step` : `every ${count(1 / mean)} steps`
