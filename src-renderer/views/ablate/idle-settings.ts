import { configValue } from '../../../src-shared/config-paths.ts'
import type { SettingField } from './settings.ts'

/** A setting that nothing reads as the others stand, and which other says so. */
export interface IdleSetting {
  field: SettingField
  reason: string
}

/** Settings (a path, or a group by its path and a dot) that matter only while another has certain values. */
const NEEDS: [which: RegExp, other: string, matters: (value: unknown) => boolean][] = [
  [/^tokenizer\.vit\./, 'tokenizer.encoder', (value) => value === 'vit'],
  [/^tokenizer\.resampling$/, 'tokenizer.kind', (value) => value === 'hq'],
  [/^losses\.perceptual\.(weight|path)$/, 'losses.perceptual.network', (value) => value !== 'none'],
  [/^losses\.perceptual\.path$/, 'losses.perceptual.network', (value) => value === 'lpips-vgg16'],
  [/^losses\.adversarial\.(?!weight$)/, 'losses.adversarial.weight', (value) => value !== 0],
  [/^codebook\.(syncLambda|interval|syncOrder)$/, 'codebook.paradigm', (value) => value === 'iterative'],
  [/^codebook\.(start|width|shared)$/, 'codebook.paradigm', (value) => value === 'independent'],
  [/^codebook\.rows$/, 'codebook.paradigm', (value) => value !== 'independent'],
  [/^codebook\.normFloor$/, 'codebook.rows', (value) => value === 'smallest-norm'],
  [/^codebook\.tail$/, 'codebook.rule', (value) => value === 'release'],
  [/^language\.lora\./, 'language.tuning', (value) => value === 'lora'],
  [/^language\.path$/, 'language.model', (value) => value === 'path'],
  [/^language\.minWordCount$/, 'language.model', (value) => value === 'words'],
  [/^language\.optimizer\./, 'language.tuning', (value) => value !== 'frozen'],
  [/^multimodal\.(?!steps$)/, 'multimodal.steps', (value) => value !== 0],
  [/^multimodal\.(encoder\.|projectorWidth$)/, 'multimodal.paradigm', (value) => value === 'visual-encoder'],
  [/^multimodal\.encoder\.(?!path$)/, 'multimodal.encoder.path', (value) => value !== ''],
  [/^prior\.(?!steps$)/, 'prior.steps', (value) => value !== 0],
  [/^prior\.depthLayers$/, 'prior.kind', (value) => value !== 'raster'],
  [/^prior\.(classDropout|sampling\.guidance)$/, 'prior.classes', (value) => value !== 'none'],
  [/^language\.textsPath$/, 'language.texts', (value) => value !== 'pictures'],
]

/** Those of the settings that have no effect in a config, which may have problems. */
export function idleSettings(fields: readonly SettingField[], config: object): IdleSetting[] {
  return fields.flatMap((field) => {
    const unmet = NEEDS.find(
      ([which, other, matters]) => which.test(field.path) && !matters(configValue(config, other)),
    )
    return unmet ? [{ field, reason: `${unmet[1]} is ${String(configValue(config, unmet[1]))}` }] : []
  })
}
