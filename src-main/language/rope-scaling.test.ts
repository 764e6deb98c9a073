import { describe, expect, it } from 'vitest'
import { rotaryFrequencies } from './rope-scaling.ts'

describe('rotary frequencies', () => {
  it('fall from 1 by the base', () => {
    expect(rotaryFrequencies(4, 10_000)).toEqual([1, 0.01])
  })

  it('are divided by one factor, or each by its own', () => {
    expect(rotaryFrequencies(4, 10_000, { kind: 'linear', factor: 4 })).toEqual([0.25, 0.0025])
    expect(rotaryFrequencies(4, 10_000, { kind: 'divisors', divisors: [1, 8] })).toEqual([1, 0.00125])
  })

  it('of Llama 3.1 are those of transformers: kept, mixed and divided', () => {
    const scaling = { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, context: 8192 } as const
    // transformers 5.24, ROPE_INIT_FUNCTIONS['llama3'], head_dim 32, theta 500,000.
    const wanted = [
      1, 0.44036662578582764, 0.193922758102417, 0.08539710193872452, 0.03760603070259094, 0.016560440883040428,
      0.00729266507551074, 0.0032114461064338684, 0.0005248460220173001, 7.784655463183299e-5, 3.428102354519069e-5,
      1.5096217794052791e-5, 6.647869668086059e-6, 2.927499735960737e-6, 1.289173155782919e-6, 5.677088097399974e-7,
    ]
    const got = rotaryFrequencies(32, 500_000, scaling)
    expect(got).toHaveLength(wanted.length)
    for (const [at, value] of got.entries()) expect(value / (wanted[at] as number)).toBeCloseTo(1, 5)
  })
})
