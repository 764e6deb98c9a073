import { useMemo } from 'react'
import type { Machine } from '../../../src-shared/contract/plan.ts'
import { readPace } from '../../../src-shared/stated-pace.ts'
import { setParams, useHashSearch } from '../../address.ts'

/** A machine that is not here, as it is typed; each field is a parameter of the address under its own name. */
export const ELSEWHERE_FIELDS = ['pictures', 'devices', 'memory', 'pace', 'utilisation'] as const
export type ElsewhereField = (typeof ELSEWHERE_FIELDS)[number]
export type ElsewhereTexts = Record<ElsewhereField, string>

export const isElsewhereKey = (key: string): key is ElsewhereField => ELSEWHERE_FIELDS.some((field) => field === key)

export interface Elsewhere {
  texts: ElsewhereTexts
  problems: Partial<Record<ElsewhereField, string>>
  /** As the pre-flight check takes it; fields with a problem count as not stated. */
  asked: { machine: Machine | null; pictures: number | null }
  set(field: ElsewhereField, text: string): void
}

/** The typed machine, in and out of the address. */
export function useElsewhere(): Elsewhere {
  const search = useHashSearch()
  // The same texts give the same object, so that the estimate is not asked for again.
  const written = JSON.stringify(textsOf(new URLSearchParams(search)))
  return useMemo(() => {
    const texts = JSON.parse(written) as ElsewhereTexts
    return { texts, ...readElsewhere(texts), set: (field, text) => setParams({ [field]: text }) }
  }, [written])
}

const textsOf = (params: URLSearchParams): ElsewhereTexts =>
  Object.fromEntries(ELSEWHERE_FIELDS.map((field) => [field, params.get(field) ?? ''])) as ElsewhereTexts

/** What the typed fields mean. An empty field is not stated. */
export function readElsewhere(texts: ElsewhereTexts): Pick<Elsewhere, 'problems' | 'asked'> {
  const problems: Elsewhere['problems'] = {}
  const read = (field: ElsewhereField, fits: (value: number) => boolean, wanted: string): number | null => {
    const text = texts[field].trim()
    if (text === '') return null
    const value = Number(text)
    if (Number.isFinite(value) && fits(value)) return value
    problems[field] = `“${text}” is not ${wanted}`
    return null
  }
  const whole = (value: number) => Number.isInteger(value) && value > 0
  const pictures = read('pictures', whole, 'a whole number of pictures')
  const devices = read('devices', whole, 'a whole number of devices')
  const memory = read('memory', (value) => value > 0, 'a number of GB above 0')
  const utilisation = read('utilisation', (value) => value > 0 && value <= 1, 'a share between 0 and 1')
  const pace = texts.pace.trim() === '' ? null : readPace(texts.pace, utilisation ?? undefined)
  if (texts.pace.trim() !== '' && pace === null)
    problems.pace = `“${texts.pace.trim()}” is not a pace, such as 250 TFLOP/s or 400 images/s`
  const stated = devices !== null || memory !== null || pace !== null
  return {
    problems,
    asked: { machine: stated ? { devices: devices ?? 1, deviceMemory: memory, throughput: pace } : null, pictures },
  }
}
