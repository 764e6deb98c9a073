import { describe, expect, it } from 'vitest'
import quick from '../resources/presets/quick.json' with { type: 'json' }
import { type AblationPlan, expandPlan } from './ablation-plan.ts'
import { ConfigError } from './config-problems.ts'

const plan = (changes: Partial<AblationPlan> = {}): AblationPlan => ({
  name: 'q',
  baseline: quick.baseline,
  factors: quick.factors,
  seeds: [0, 1],
  ...changes,
})

const problemsOf = (wrong: AblationPlan): string[] => {
  try {
    expandPlan(wrong)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path}: ${message}`)
    throw error
  }
  return []
}

describe('expanding an ablation', () => {
  it('makes an arm per value and a config per seed, the baseline arm first', () => {
    const { arms } = expandPlan(plan())
    expect(arms.map((arm) => arm.label)).toEqual(['iterative', 'frozen', 'dual'])
    expect(arms.map((arm) => arm.isBaseline)).toEqual([true, false, false])
    expect(arms[1]?.configs.map((config) => [config.codebook.paradigm, config.seed])).toEqual([
      ['frozen', 0],
      ['frozen', 1],
    ])
    expect(arms[1]?.configs[1]?.name).toBe('frozen · seed 1 · q')
  })

  it('crosses several factors, the last one fastest, and labels them in the words of the field', () => {
    const factors = [
      { path: 'codebook.syncLambda', values: [0.5, 0.99] },
      { path: 'codebook.interval', values: [20, 50] },
    ]
    const labels = expandPlan(plan({ factors })).arms.map((arm) => arm.label)
    expect(labels).toEqual([
      'λ 0.5 · interval 20',
      'λ 0.5 · interval 50',
      'λ 0.99 · interval 20',
      'λ 0.99 · interval 50',
    ])
  })

  it('changes several settings of a group together when a value is an object', () => {
    const values = [
      { kind: 'vq', layers: 1 },
      { kind: 'rq', layers: 4 },
      { kind: 'hq', layers: 2 },
    ]
    const { arms } = expandPlan(plan({ factors: [{ path: 'tokenizer', values }] }))
    expect(arms.map((arm) => arm.label)).toEqual(['hq · layers 2', 'vq · layers 1', 'rq · layers 4'])
    expect(arms[1]?.configs[0]?.tokenizer).toMatchObject({
      kind: 'vq',
      layers: 1,
      channels: quick.baseline.tokenizer.channels,
    })
  })

  it('is one baseline arm without factors', () => {
    expect(expandPlan(plan({ factors: [] })).arms.map((arm) => [arm.label, arm.isBaseline])).toEqual([
      ['baseline', true],
    ])
  })

  it('names the nearest setting for a path that does not exist', () => {
    expect(problemsOf(plan({ factors: [{ path: 'codebook.intervall', values: [1] }] }))[0]).toMatch(
      /did you mean "codebook.interval"/,
    )
  })

  it('names a value that makes an impossible config', () => {
    expect(problemsOf(plan({ factors: [{ path: 'tokenizer.kind', values: ['vq'] }] }))[0]).toBe(
      'tokenizer.layers: a vq tokenizer has 1 layer, not 2',
    )
  })

  it.each([
    [
      'a factor listed twice',
      { factors: [quick.factors[0], quick.factors[0]] as AblationPlan['factors'] },
      /listed twice/,
    ],
    ['a value listed twice', { factors: [{ path: 'codebook.interval', values: [5, 5] }] }, /value 5 is listed twice/],
    ['a seed listed twice', { seeds: [3, 3] }, /seed 3 is listed twice/],
    ['the seed as a factor', { factors: [{ path: 'seed', values: [1] }] }, /not a factor/],
    [
      'more runs than an ablation holds',
      {
        factors: ['interval', 'decay'].map((key) => ({
          path: `codebook.${key}`,
          values: Array.from({ length: 32 }, (_, i) => i / 32),
        })),
      },
      /2048 runs/,
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(problemsOf(plan(changes)).join('\n')).toMatch(message)
  })
})
