import type { ExperimentConfig } from '../config.ts'
import type { Incomparable } from '../contract/paper.ts'
import { type LanguageSize, languageWords } from './config-words.ts'
import type { Measure, PaperColumn } from './tables.ts'

/** What the paper's own runs are: section 5.1 and Table 11. */
const PAPER = { resolution: 256, words: '256 px with a language model of 7 B parameters' }

/**
 * Why figures of a config's runs cannot stand beside the published one, in words.
 * @param pictures the runs' source of pictures, in words
 */
export function whyIncomparable(
  column: PaperColumn,
  measure: Measure,
  config: ExperimentConfig,
  pictures: string,
  language: LanguageSize,
): Incomparable[] {
  const reasons: Incomparable[] = []
  if (column.own) return reasons
  if (!measure.same) reasons.push({ what: 'measure', words: measure.differs })
  if (column.data && !isOn(column, config))
    reasons.push({ what: 'data', words: `The paper measures on ${column.data}; these runs on ${pictures}.` })
  if (config.data.resolution !== PAPER.resolution || config.language.model !== 'path')
    reasons.push({
      what: 'size',
      words: `The paper trains at ${PAPER.words}; these runs at ${config.data.resolution} px with ${languageWords(config, language)}.`,
    })
  return reasons
}

/** Whether a config's pictures are those of the column: a kind of source, and a word of its path. */
export function isOn({ on }: PaperColumn, { data: { source } }: ExperimentConfig): boolean {
  if (!on) return false
  const path = 'path' in source ? source.path.toLowerCase() : ''
  return on.kinds.includes(source.kind) && (on.word === undefined || path.includes(on.word))
}
