import { tokensPerPicture } from '../code-maps.ts'
import type { ExperimentConfig } from '../config.ts'
import { configValue } from '../config-paths.ts'
import type { Condition } from './tables.ts'

/** What conditions ask of a config besides its settings. */
const facts: Record<string, (config: ExperimentConfig) => unknown> = {
  /** Codes that one picture becomes. */
  'picture.tokens': tokensPerPicture,
  /** Side at which pictures are read over the side at which the tokenizer was trained. */
  'reading.ratio': ({ multimodal, data }) => (multimodal.resolution || data.resolution) / data.resolution,
  /** How much data the tokenizer sees, in steps of Table 2: data sets, drawing styles, and skin tones as one more. */
  'pictures.amount': ({ data: { source } }) =>
    source.kind === 'mixture'
      ? source.parts.length
      : source.kind === 'emoji'
        ? source.styles.length + (source.skinTones ? 1 : 0)
        : 1,
}

/** Whether a path of a condition is known. */
export const isFact = (path: string): boolean => Object.hasOwn(facts, path)

export function fulfils(config: ExperimentConfig, conditions: readonly Condition[]): boolean {
  return conditions.every(({ path, in: values, atLeast, atMost }) => {
    const value = facts[path] ? facts[path](config) : configValue(config, path)
    if (values && !values.some((each) => JSON.stringify(each) === JSON.stringify(value))) return false
    if (atLeast !== undefined && !(Number(value) >= atLeast)) return false
    return atMost === undefined || Number(value) <= atMost
  })
}
