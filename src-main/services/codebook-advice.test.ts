import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { tinyConfig } from '../../test/fixtures/tiny-experiment.ts'
import { codebookAdvice, restartWarnings, syncWarnings } from './codebook-advice.ts'

/** 80 tokens per picture in batches of 16. */
const config = (codebook: Partial<ExperimentConfig['codebook']> = {}) =>
  tinyConfig((own) => {
    own.training.batchSize = 16
    own.training.steps = 2000
    Object.assign(
      own.codebook,
      { paradigm: 'iterative', restart: 0.1, decay: 0.99, interval: 20, emaLambda: 0.9, syncLambda: 0.9 },
      codebook,
    )
  })
const about = (path: string, given: ExperimentConfig, codes: number) =>
  codebookAdvice(given, codes).find((advice) => advice.path === path)?.message ?? ''

describe('advice before a start', () => {
  it('says how often a code is hit at uniform use', () => {
    expect(about('training.batchSize', config(), 49_152)).toBe(
      'With 80 tokens per picture × 16 and K = 49,152 a code is hit every 38 steps at uniform use, 52 times in 2,000 steps.',
    )
    expect(about('training.batchSize', config(), 640)).toMatch(/2\.0 times a step/)
  })

  it('says how long a code lives without a hit, and which threshold lets it outlive its gaps', () => {
    // ln(1 / 0.1) / −ln 0.99 = 229 steps; e^(−229 / 38.4) = 0.26 %.
    expect(about('codebook.restart', config(), 49_152)).toMatch(/after 229 steps without a hit.*0\.26 % .*up to 0\.31 /)
    expect(about('codebook.restart', config({ restart: 0 }), 49_152)).toMatch(/A threshold of 0\.31 would/)
  })

  it('says what a code keeps of its row after a sync, hit in every step or at uniform use', () => {
    // (1 − 0.9) / (1 − 0.9 · 0.9^20) = 0.112.
    expect(about('codebook.syncLambda', config(), 49_152)).toMatch(/hit in every step 11 %/)
    expect(about('codebook.syncLambda', config({ paradigm: 'dual' }), 49_152)).toBe('')
  })

  it('says when the release’s rule reaches the language model', () => {
    expect(about('codebook.tail', config({ rule: 'release', tail: 0.25 }), 1000)).toMatch(
      /until step 1,500 .* last 500 steps/,
    )
    expect(about('codebook.tail', config({ rule: 'release' }), 1000)).toMatch(
      /tail of 0\.1 leaves the decoder 200 steps/,
    )
  })

  it('warns with settings that it then no longer warns of', () => {
    fc.assert(
      fc.property(
        fc.record({
          codes: fc.integer({ min: 50, max: 200_000 }),
          restart: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
          decay: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
          syncLambda: fc.double({ min: 0, max: 0.9999, noNaN: true }),
          emaLambda: fc.double({ min: 0.01, max: 0.999, noNaN: true }),
          interval: fc.integer({ min: 1, max: 1000 }),
        }),
        ({ codes, ...settings }) => {
          const [restart] = restartWarnings(config(settings), codes)
          const lower = /to ([\d.]+)/.exec(restart?.remedy ?? '')?.[1]
          if (restart) expect(restartWarnings(config({ ...settings, restart: Number(lower) }), codes)).toEqual([])
          const [gentle] = syncWarnings(config(settings))
          const lambda = /to ([\d.]+) for a tenth/.exec(gentle?.remedy ?? '')?.[1]
          if (gentle) expect(syncWarnings(config({ ...settings, syncLambda: Number(lambda) }))).toEqual([])
          const shorter = /interval to (\d+)/.exec(gentle?.remedy ?? '')?.[1]
          if (shorter) expect(syncWarnings(config({ ...settings, interval: Number(shorter) }))).toEqual([])
        },
      ),
    )
  })

  it('has finite numbers for every paradigm and codebook', () => {
    for (const paradigm of ['frozen', 'dual', 'iterative', 'independent'] as const)
      for (const decay of [0, 0.9, 1])
        for (const given of [config({ paradigm, decay, size: paradigm === 'independent' ? 64 : 0 })])
          for (const { message } of codebookAdvice(given, 64)) expect(message).not.toMatch(/NaN|Infinity|undefined/)
  })
})
