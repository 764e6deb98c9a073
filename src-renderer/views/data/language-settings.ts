import { type ModelEntry, type ModelSizes, SMOLLM2_SIZES } from '../../../src-shared/models.ts'

/** Sizes of a model as changes of a config, by dotted path. */
export const sizeSettings = (sizes: ModelSizes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(sizes).map(([name, value]) => [`language.${name}`, value]))

/**
 * What goes along with a choice of language.model: SmolLM2's sizes are known, a small model's vocabulary comes from its texts.
 * Those of a model at a path are read from its files when asked for.
 */
export function withModel(model: unknown): Record<string, unknown> {
  if (model === 'smollm2') return sizeSettings(SMOLLM2_SIZES)
  return model === 'words' ? { 'language.vocabulary': 0, 'language.tied': true } : {}
}

/**
 * What changes in a config that trains over a model. The model stays as it is, which needs the least memory; dialogues are
 * longer than a small model's, as its chat template adds tokens.
 */
export const languageSettings = ({ id, description }: ModelEntry): Record<string, unknown> => ({
  'language.model': id === 'smollm2' ? 'smollm2' : 'path',
  'language.path': id === 'smollm2' ? '' : (description?.path ?? ''),
  ...sizeSettings(description?.sizes ?? SMOLLM2_SIZES),
  'language.tuning': 'frozen',
  'language.context': 64,
})
