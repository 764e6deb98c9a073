import { expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { discriminatorMarks } from './discriminator-marks.ts'

const marks = (
  adversarial: { weight?: number; start?: number; stop?: number },
  step: number,
  off: number | null = null,
) => {
  const config = parseConfig(quick.baseline)
  Object.assign(config.losses.adversarial, { weight: 0.75 }, adversarial)
  return discriminatorMarks({ config, step, discriminatorOff: off }).map((mark) => `${mark.step}: ${mark.label}`)
}

it('marks where the discriminator begins and ends once the run has come there', () => {
  expect(marks({ start: 100, stop: 200 }, 100)).toEqual([])
  expect(marks({ start: 100, stop: 200 }, 150)).toEqual(['100: The discriminator begins after step 100'])
  expect(marks({ start: 100, stop: 200 }, 200)).toEqual([
    '100: The discriminator begins after step 100',
    '200: The discriminator ends with step 200',
  ])
})

it('says that a person switched it off, and nothing of a run without one', () => {
  expect(marks({ start: 0 }, 60, 50).at(-1)).toBe('50: The discriminator ends with step 50: switched off')
  expect(marks({ start: 100 }, 160, 50)).toEqual(['50: The discriminator ends with step 50: switched off'])
  expect(marks({ weight: 0 }, 160)).toEqual([])
})
