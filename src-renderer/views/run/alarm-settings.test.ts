import { describe, expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import { withSetting } from '../../../src-shared/config-paths.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { settingsToTry } from './alarm-settings.ts'

const quickConfig = parseConfig(quick.baseline)
const config = Object.entries({
  'codebook.paradigm': 'dual',
  'codebook.restart': 0.1,
  'codebook.emaLambda': 0.9,
  'codebook.interval': 40,
  'losses.commitment': 0.25,
  'optimizer.learningRate': 0.001,
}).reduce((changed, [path, value]) => withSetting(changed, path, value), quickConfig)

const tried = (remedy: string) => settingsToTry(remedy, config).map(({ path, next }) => [path, next])

describe('the settings that a remedy names', () => {
  it('take the value that it says', () => {
    expect(tried('use codebook.paradigm "iterative", which never writes to the language model')).toEqual([
      ['codebook.paradigm', 'iterative'],
    ])
    expect(tried('set codebook.restart to 0.5')).toEqual([['codebook.restart', 0.5]])
  })

  it('go up and down as its words say, a decay by its distance from 1', () => {
    expect(tried('raise codebook.restart, lower codebook.emaLambda, or lower optimizer.learningRate')).toEqual([
      ['codebook.restart', 0.2],
      ['codebook.emaLambda', 0.8],
      ['optimizer.learningRate', 0.0005],
    ])
    expect(tried('or raise codebook.emaLambda')).toEqual([['codebook.emaLambda', 0.95]])
  })

  it('take "more often" as a shorter interval', () => {
    expect(tried('raise losses.commitment, or sync more often (codebook.interval)')).toEqual([
      ['losses.commitment', 0.5],
      ['codebook.interval', 20],
    ])
  })

  it('start from something where they are 0', () => {
    const none = withSetting(config, 'codebook.restart', 0)
    expect(settingsToTry('raise codebook.restart', none)).toEqual([{ path: 'codebook.restart', now: 0, next: 0.1 }])
  })

  it('are left out where they already have the value, are part of another word, or have no direction', () => {
    expect(tried('use codebook.paradigm "dual"')).toEqual([])
    expect(tried('raise codebook.restarts')).toEqual([])
    expect(tried('look at codebook.restart')).toEqual([])
  })
})
