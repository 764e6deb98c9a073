import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import { EMBEDDING, type LlamaShape, llamaSpecs } from './llama.ts'
import { loraSpecs } from './lora.ts'

/** What of a language model changes in a run, and what does not. */
export interface LanguageParameters {
  /** The model as it computes, with α of its adapters if it has some. */
  shape: LlamaShape
  /** Entries of the state: parameters that steps write. */
  held: ParameterSpecs
  /** Those of them that the model's own steps learn. */
  learns: string[]
  /** Weights that no step changes, to be mapped from a file. */
  frozen: ParameterSpecs
}

type Settings = Pick<ExperimentConfig, 'language' | 'codebook'>

/**
 * Under dual the embedding table is the visual codebook's other half and is written whether the model learns or not.
 * A small model of the texts' own words is held whole: it comes from no file.
 */
export function languageParameters(
  { language, codebook }: Settings,
  shape: LlamaShape,
  vocabulary: number,
): LanguageParameters {
  const all = llamaSpecs(shape, vocabulary)
  if (language.model === 'words')
    return { shape, held: all, learns: language.tuning === 'frozen' ? [] : Object.keys(all), frozen: {} }
  if (language.tuning === 'full') return { shape, held: all, learns: Object.keys(all), frozen: {} }
  const { [EMBEDDING]: table, ...others } = all
  const writtenTable: ParameterSpecs = codebook.paradigm === 'dual' && table ? { [EMBEDDING]: table } : {}
  const adapters = language.tuning === 'lora' ? loraSpecs(shape, language.lora) : {}
  return {
    shape: language.tuning === 'lora' ? { ...shape, loraAlpha: language.lora.alpha } : shape,
    held: { ...writtenTable, ...adapters },
    learns: Object.keys(adapters),
    frozen: EMBEDDING in writtenTable ? others : all,
  }
}

/** Whether anything that a run does changes what the language model says. */
export const languageChanges = ({ language, codebook }: Settings): boolean =>
  language.tuning !== 'frozen' || codebook.paradigm === 'dual'
