import { describe, expect, it } from 'vitest'
import { type ElsewhereTexts, isElsewhereKey, readElsewhere } from './elsewhere.ts'

const typed = (texts: Partial<ElsewhereTexts>): ElsewhereTexts => ({
  ...{ pictures: '', devices: '', memory: '', pace: '', utilisation: '' },
  ...texts,
})

describe('a machine that is typed', () => {
  it('is none while nothing is stated', () => {
    expect(readElsewhere(typed({}))).toEqual({ problems: {}, asked: { machine: null, pictures: null } })
  })

  it('has one device of unknown memory unless more is stated, and two fifths of the peak', () => {
    expect(readElsewhere(typed({ pace: '250 TFLOP/s' })).asked.machine).toEqual({
      devices: 1,
      deviceMemory: null,
      throughput: { unit: 'TFLOP/s', value: 250, utilisation: 0.4 },
    })
    expect(
      readElsewhere(typed({ pace: '250 TFLOP/s', utilisation: '.5', devices: '8', memory: '80' })).asked.machine,
    ).toEqual({
      devices: 8,
      deviceMemory: 80,
      throughput: { unit: 'TFLOP/s', value: 250, utilisation: 0.5 },
    })
    expect(readElsewhere(typed({ pace: '12.5images/s' })).asked.machine?.throughput).toEqual({
      unit: 'images/s',
      value: 12.5,
    })
  })

  it('names the field that cannot be read and does without it', () => {
    const { problems, asked } = readElsewhere(
      typed({ pictures: '5e5.', devices: '0', memory: '-1', pace: 'fast', utilisation: '2' }),
    )
    expect(Object.keys(problems).sort()).toEqual(['devices', 'memory', 'pace', 'pictures', 'utilisation'])
    expect(asked).toEqual({ machine: null, pictures: null })
  })

  it('keeps its fields apart from those of the plan', () => {
    expect(['pace', 'devices', 'preset', 'set', 'config'].map(isElsewhereKey)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
