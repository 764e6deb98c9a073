import type { CodebookConfig } from '../../../src-shared/config.ts'

/** Signs of collapse, each raised once a run: what is seen and why, and the setting to try. */
export interface Alarm {
  name: string
  message: string
  remedy: string
}

export interface Signs {
  metrics: Readonly<Record<string, number>>
  /** Held-out text perplexity before the first tokenizer step. */
  firstPerplexity: number | null
  /** Mean norm that codes are measured by: of the language model's rows, or of the first codebook. */
  firstNorm: number | null
  /** Codes that a layer's held-out tokens could use at most: their number, or K where that is smaller. */
  possible: readonly number[]
  codebook: CodebookConfig
}

/** Held-out text perplexity this many times what it was means that the language model is being damaged. */
const LANGUAGE_FACTOR = 1.25
/** A code perplexity below this says that nearly all positions share as many codes. */
const FEW_CODES = 4
/** Share of the codes that held-out tokens could use, below which a layer's usage has collapsed. */
const FEW_USED = 0.02
/** Share of dead codes (metric codebook.dead) from which most of the codebook is wasted. */
const MOSTLY_DEAD = 0.9
/** Norms this many times the yardstick explode. */
const NORM_FACTOR = 10

const show = (value: number): string => value.toPrecision(3)
const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`

/** Alarms that the numbers of one evaluation call for. */
export function alarmsOf(signs: Signs): Alarm[] {
  const layers = signs.possible.map((_, layer) => layer)
  return [
    languageCollapse(signs),
    ...layers.map((layer) => perplexityCollapse(signs, layer)),
    ...layers.map((layer) => usageCollapse(signs, layer)),
    deadCodebook(signs),
    explodingNorms(signs),
  ].filter((alarm) => alarm !== null)
}

function languageCollapse({ metrics, firstPerplexity, codebook }: Signs): Alarm | null {
  const perplexity = metrics['language.perplexity']
  if (perplexity === undefined || firstPerplexity === null || !(perplexity > LANGUAGE_FACTOR * firstPerplexity))
    return null
  const dual = codebook.paradigm === 'dual'
  return {
    name: 'language collapse',
    message: `held-out text perplexity rose from ${show(firstPerplexity)} to ${show(perplexity)}: ${dual ? 'each tokenizer step writes visual codes over the language model’s rows' : 'its own steps damage the language model, since nothing else writes to it'}`,
    remedy: dual
      ? 'use codebook.paradigm "iterative", which never writes to the language model, or raise codebook.emaLambda'
      : 'lower language.optimizer.learningRate, or set language.tuning "lora" or "frozen"',
  }
}

/** What makes more codes take part, by what the config has not done yet. */
function moreCodes({ paradigm, restart, emaLambda }: CodebookConfig): string {
  if (paradigm === 'frozen')
    return 'use codebook.paradigm "iterative": frozen rows stay where the features are not; or lower optimizer.learningRate'
  const moving = `lower ${paradigm === 'independent' ? 'codebook.decay' : `codebook.emaLambda from ${emaLambda}`}`
  return restart === 0
    ? `set codebook.restart (0 now: dead codes stay dead) to 0.1, ${moving}, or lower optimizer.learningRate`
    : `raise codebook.restart from ${restart}, ${moving}, or lower optimizer.learningRate`
}

function perplexityCollapse({ metrics, possible, codebook }: Signs, layer: number): Alarm | null {
  const set = metrics[`perplexity.set.${layer}`]
  if (set === undefined || !(set < Math.min(FEW_CODES, possible[layer] as number))) return null
  return {
    name: `codebook collapse in layer ${layer}`,
    message: `code perplexity in layer ${layer} is ${show(set)}: nearly all positions share fewer than ${FEW_CODES} codes, because a few codes took all features and the others get none to follow`,
    remedy: moreCodes(codebook),
  }
}

function usageCollapse({ metrics, possible, codebook }: Signs, layer: number): Alarm | null {
  const used = metrics[`usage.codes.${layer}`]
  const most = possible[layer] as number
  if (used === undefined || !(used < FEW_USED * most)) return null
  return {
    name: `few codes used in layer ${layer}`,
    message: `the held-out pictures use ${used} codes in layer ${layer}, ${percent(used / most)} of the ${most} that they could: the others lie where no feature comes`,
    remedy: moreCodes(codebook),
  }
}

function deadCodebook({ metrics, codebook }: Signs): Alarm | null {
  const dead = metrics['codebook.dead']
  if (dead === undefined || !(dead > MOSTLY_DEAD)) return null
  const smaller =
    codebook.paradigm === 'independent' ? 'lower codebook.size' : 'choose fewer rows (codebook.rows and codebook.size)'
  return {
    name: 'dead codes',
    message: `${percent(dead)} of the codes were used by no layer for five times as many steps as uniform use would leave between two hits`,
    remedy: `${moreCodes(codebook)}; or ${smaller}`,
  }
}

function explodingNorms({ metrics, firstNorm, codebook }: Signs): Alarm | null {
  const norm = metrics['codebook.norm']
  if (norm === undefined || firstNorm === null || !(norm > NORM_FACTOR * firstNorm)) return null
  const independent = codebook.paradigm === 'independent'
  return {
    name: 'exploding norms',
    message: `codes have a mean norm of ${show(norm)}, more than ${NORM_FACTOR} times ${independent ? 'what they began with' : 'the language model’s'}, ${show(firstNorm)}: codes follow features that nothing holds near them`,
    remedy: `raise losses.commitment${independent ? '' : ', or sync more often (codebook.interval)'}, or lower optimizer.learningRate`,
  }
}
