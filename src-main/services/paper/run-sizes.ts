import { codebookRows, codeWidth, tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { languageWords, layersAndTokens, shortCount } from '../../../src-shared/paper/config-words.ts'
import type { ColumnFact } from '../../../src-shared/paper/tables.ts'
import { countParameters } from '../../engine/initialise.ts'
import { createPrior } from '../../priors/create-prior.ts'
import { priorShape } from '../../priors/prior.ts'
import { partsOf } from '../../training/estimate/parts.ts'

/** How large what a run trains is. Counts that hang on a vocabulary that is not known are null. */
export interface RunSizes {
  visual: number
  language: number | null
  prior: number | null
  codes: number | null
  width: number
}

/** @param vocabulary tokens of the language model; 0 where they are not known */
export function runSizes(config: ExperimentConfig, vocabulary: number): RunSizes {
  const known = vocabulary > 0 || config.codebook.paradigm === 'independent'
  const parts = partsOf(config, Math.max(1, vocabulary))
  const sum = (...names: string[]) =>
    parts.filter(({ part }) => names.includes(part)).reduce((total, { count }) => total + count, 0)
  const rows = codebookRows(config, Math.max(1, vocabulary))
  return {
    visual: sum('fixed encoder', 'encoder', 'quantizer'),
    language: vocabulary > 0 ? sum('language model', 'adapters') : null,
    prior: config.prior.steps > 0 ? countParameters(createPrior(priorShape(config, rows, 0)).specs) : null,
    codes: known ? rows : null,
    width: codeWidth(config),
  }
}

/** What runs of a config have in a column of facts; null where it is not known, or does not go with them. */
export function factOf(fact: ColumnFact, config: ExperimentConfig, sizes: RunSizes): string | null {
  const count = (value: number | null) => (value === null ? null : shortCount(value))
  switch (fact) {
    case 'parameters':
      return count(sizes.prior ?? sizes.language)
    case 'visual-parameters':
      return count(sizes.visual)
    case 'language-model':
      return config.language.model === 'words'
        ? `words, ${count(sizes.language) ?? '?'}`
        : languageWords(config, sizes.language)
    case 'abilities':
      return config.multimodal.paradigm === 'visual-encoder' || config.multimodal.tasks.paint === 0 ? 'M2T' : 'M2M'
    case 'instruction-samples':
      return count(config.multimodal.steps * config.multimodal.batchSize * config.multimodal.accumulation)
    case 'resolution':
      return String(config.data.resolution)
    case 'layers-tokens':
      return layersAndTokens(config)
    case 'codes':
      return sizes.codes === null ? null : String(sizes.codes)
  }
}

/** The sizes of an experiment for its card. */
export function sizeLines(config: ExperimentConfig, sizes: RunSizes): [name: string, value: string][] {
  const { data, training, multimodal, prior, language } = config
  const count = (value: number | null) => (value === null ? 'not known' : value.toLocaleString('en-US'))
  const stages = [
    `${training.steps} steps of ${training.batchSize} pictures`,
    ...(multimodal.steps > 0
      ? [`${multimodal.steps} steps of ${multimodal.batchSize * multimodal.accumulation} dialogues`]
      : []),
    ...(prior.steps > 0 ? [`${prior.steps} steps of ${prior.batchSize} pictures for the prior`] : []),
  ]
  return [
    ['Pictures', `${data.resolution} × ${data.resolution} px`],
    [
      'Codes a picture',
      `${tokensPerPicture(config)} in ${config.tokenizer.layers} ${config.tokenizer.layers === 1 ? 'layer' : 'layers'}`,
    ],
    ['Codebook', `${count(sizes.codes)} codes of width ${sizes.width}`],
    ['Visual encoder', `${count(sizes.visual)} parameters`],
    [
      'Language model',
      `${languageWords(config, null)}, ${count(sizes.language)} parameters, ${multimodal.steps > 0 ? multimodal.tuning : language.tuning}`,
    ],
    ...(sizes.prior === null ? [] : [['Prior', `${count(sizes.prior)} parameters, ${prior.kind}`] as [string, string]]),
    ['Training', stages.join(', then ')],
  ]
}
