import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { configValue } from '../../../src-shared/config-paths.ts'
import { type SettingField, settingFields } from '../ablate/settings.ts'

/** A setting that an alarm's remedy names, as it is and as it could be tried. */
export interface SettingToTry {
  path: string
  now: unknown
  next: unknown
}

/** Settings that share a range from 0 to 1 and matter by their distance from 1. */
const DECAYS = ['codebook.emaLambda', 'codebook.syncLambda', 'codebook.decay']
/** What a setting is tried with where it is 0, which doubling leaves as it is. */
const FROM_ZERO: Record<string, number> = {
  'codebook.restart': 0.1,
  'losses.commitment': 0.25,
  'codebook.interval': 20,
}

/**
 * The settings that a remedy's words name, with the value that it says or, for "raise" and "lower", twice and half as
 * much (of a decay: half and twice as far from 1). Settings that already have the value are left out.
 */
export function settingsToTry(remedy: string, config: ExperimentConfig): SettingToTry[] {
  const named = settingFields
    .flatMap((field) => {
      const at = positionOf(remedy, field.path)
      return at < 0 ? [] : [{ field, at }]
    })
    .sort((a, b) => a.at - b.at)
  return named.flatMap(({ field, at }) => {
    const now = configValue(config, field.path)
    const next = said(remedy.slice(at + field.path.length), field) ?? moved(remedy.slice(0, at), field, now)
    return next === undefined || next === now ? [] : [{ path: field.path, now, next }]
  })
}

/** Where a path stands as a whole word; −1 if nowhere. */
function positionOf(text: string, path: string): number {
  const match = new RegExp(`(?<![\\w.])${path.replaceAll('.', '\\.')}(?![\\w]|\\.\\w)`).exec(text)
  return match?.index ?? -1
}

/** The value that stands right after a setting's name: `"iterative"`, `= 0.9`, `to 20`. */
function said(after: string, { kind, choices }: SettingField): unknown {
  const match = /^\s*(?:=|to|:)?\s*(?:"([^"]+)"|(-?\d+(?:\.\d+)?(?:e-?\d+)?))/.exec(after)
  if (!match) return undefined
  const value: unknown = match[1] ?? Number(match[2])
  if (kind === 'choice') return choices.find((choice) => choice === value)
  return (kind === 'number') === (typeof value === 'number') ? value : undefined
}

/** The value in the direction that the words before a setting's name say. */
function moved(before: string, { path, kind }: SettingField, now: unknown): number | undefined {
  if (kind !== 'number' || typeof now !== 'number') return undefined
  const words = [...before.matchAll(/\b(rais|increas|higher|lower|reduc|decreas|more often|less often)/gi)]
  const word = words.at(-1)?.[1]?.toLowerCase()
  if (word === undefined) return undefined
  // Syncing more often is a shorter interval.
  const up = word === 'more often' ? false : word === 'less often' ? true : /^(rais|increas|higher)/.test(word)
  if (DECAYS.includes(path)) return rounded(Math.max(0, 1 - (1 - now) * (up ? 0.5 : 2)))
  if (now === 0) return up ? FROM_ZERO[path] : undefined
  const next = up ? now * 2 : now / 2
  return Number.isInteger(now) && now >= 2 ? Math.max(1, Math.round(next)) : rounded(next)
}

const rounded = (value: number): number => Number(value.toPrecision(4))
