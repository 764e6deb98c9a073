import { codeMapSides } from '../code-maps.ts'
import type { ExperimentConfig } from '../config.ts'
import type { PaperTable } from './tables.ts'

/** Parameters of the language model; null where its vocabulary is not known. */
export type LanguageSize = number | null

/** A count as papers print it: 104M, 0.4M, 7B, 558K. */
export function shortCount(count: number): string {
  for (const [size, letter] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const)
    if (count >= size * 0.1 && (size > 1e3 || count >= 1e3))
      return `${Number((count / size).toPrecision(count >= 100 * size ? 3 : 2))}${letter}`
  return String(count)
}

/** The language model of a config in a few words. */
export function languageWords({ language }: ExperimentConfig, size: LanguageSize): string {
  if (language.model === 'smollm2') return 'SmolLM2-135M'
  if (language.model === 'path') return language.path.split(/[\\/]/).findLast((part) => part !== '') ?? language.path
  return `a language model over words${size === null ? '' : ` (${shortCount(size)})`}`
}

/** "2:320" as in Table 10: layers, and codes a picture. */
export function layersAndTokens(config: ExperimentConfig): string {
  const sides = codeMapSides(config)
  return `${sides.length}:${sides.reduce((sum, side) => sum + side * side, 0)}`
}

/** What the runs of a table have in common, in a few words: only settings that it does not vary. */
export function familyLabel(table: PaperTable, config: ExperimentConfig, pictures: string): string {
  const varies = (path: string) => table.varies.some((each) => path === each || path.startsWith(`${each}.`))
  const { data, language, training, multimodal } = config
  const parts = [
    `${data.resolution} px`,
    ...(varies('data.source') ? [] : [pictures]),
    ...(data.limit > 0 ? [`${data.limit} pictures`] : []),
    ...(varies('language') ? [] : [language.model === 'words' ? 'words' : languageWords(config, null)]),
    ...(varies('training')
      ? []
      : [`${training.steps}${multimodal.steps > 0 ? ` + ${multimodal.steps}` : ''} steps of ${training.batchSize}`]),
  ]
  return parts.join(' · ')
}
