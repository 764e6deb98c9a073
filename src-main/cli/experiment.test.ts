import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src-shared/config-problems.ts'
import { readPresets } from '../services/presets.ts'
import { resourcesFolder } from '../services/resources.ts'
import { UsageError } from './errors.ts'
import { parseSetting, readConfigs, readPlan } from './experiment.ts'

const presets = readPresets()
let folder: string
const file = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const quick = () => structuredClone(presets.find(({ id }) => id === 'quick') as (typeof presets)[number])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'experiment-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('an experiment named on the command line', () => {
  it('is a preset by its id, with its factors and seeds', () => {
    const plan = readPlan('quick', presets, { set: [] })
    expect(plan.arms.map((arm) => arm.label)).toContain('frozen')
    expect(plan.seeds).toEqual(quick().seeds)
    expect(plan.name).toBe(quick().title)
  })

  it('is a plan or a config in a JSON file', () => {
    const { baseline, factors } = quick()
    const plan = readPlan(file('plan.json', { name: 'mine', baseline, factors, seeds: [7] }), presets, { set: [] })
    expect([plan.name, plan.seeds, plan.arms.length]).toEqual(['mine', [7], 3])
    const config = file('config.json', { ...baseline, name: 'one', seed: 5 })
    expect(readPlan(config, presets, { set: [] }).arms.map(({ configs }) => configs.map(({ seed }) => seed))).toEqual([
      [5],
    ])
    expect(readConfigs(config, presets, { set: [] })[0]?.name).toBe('one')
  })

  it('is a copy of a preset file, with everything that stands in there', () => {
    const folderOfPresets = join(resourcesFolder(), 'presets')
    for (const { id, factors, seeds } of presets) {
      const copy = file('copy.json', readFileSync(join(folderOfPresets, `${id}.json`), 'utf8'))
      expect(readPlan(copy, presets, { set: [] })).toMatchObject({ name: id, factors, seeds })
      expect(readConfigs(copy, presets, { set: [] })).toEqual(readConfigs(id, presets, { set: [] }))
    }
    const misspelt = file('group.json', { ...quick(), group: 'minuts' })
    expect(() => readPlan(misspelt, presets, { set: [] })).toThrow(/group: "minuts"/)
  })

  it('that does not exist is refused with the nearest preset', () => {
    expect(() => readPlan('quik', presets, { set: [] })).toThrow(/no preset and no file "quik"; did you mean "quick"\?/)
    expect(() => readPlan('quik', presets, { set: [] })).toThrow(UsageError)
  })

  it('that is not JSON, or holds unknown keys, is refused with their place', () => {
    expect(() => readPlan(file('torn.json', '{"name": '), presets, { set: [] })).toThrow(/torn\.json is not JSON/)
    const { baseline } = quick()
    const misspelt = file('plan2.json', { baseline, factor: [] })
    expect(() => readPlan(misspelt, presets, { set: [] })).toThrow('unknown key "factor"; did you mean "factors"?')
    expect(() => readPlan(file('list.json', [1]), presets, { set: ['seed=1'] })).toThrow(ConfigError)
  })
})

describe('changes by the command line', () => {
  it('are JSON values, or bare words', () => {
    expect(parseSetting('codebook.paradigm=dual')).toEqual({ path: 'codebook.paradigm', value: 'dual' })
    expect(parseSetting('tokenizer.channels=[8,16]')).toEqual({ path: 'tokenizer.channels', value: [8, 16] })
    expect(parseSetting('name=a=b')).toEqual({ path: 'name', value: 'a=b' })
    expect(() => parseSetting('steps')).toThrow('wanted path=value')
    expect(() => parseSetting('=3')).toThrow('wanted path=value')
  })

  it('reach every run, seeds included', () => {
    const { arms } = readPlan('quick', presets, { set: ['codebook.interval=7'], seeds: [3, 4, 5] })
    const configs = arms.flatMap((arm) => arm.configs)
    expect(configs).toHaveLength(9)
    expect(new Set(configs.map(({ codebook }) => codebook.interval))).toEqual(new Set([7]))
    expect(readConfigs('quick', presets, { set: [], seeds: [3, 4] }).map(({ seed }) => seed)).toEqual([3, 4])
  })

  it('name the nearest setting, or what is wrong with the value', () => {
    expect(() => readPlan('quick', presets, { set: ['codebook.intervall=7'] })).toThrow(
      'did you mean "codebook.interval"?',
    )
    expect(() => readPlan('quick', presets, { set: ['training.steps=many'] })).toThrow('training.steps: "many" is not')
    expect(() => readPlan('quick', presets, { set: ['tokenizer.layers=4'] })).toThrow(
      'an hq tokenizer has 2 or 3 levels, not 4',
    )
    expect(() => readPlan('quick', presets, { set: ['__proto__.toString=1'] })).toThrow('there is no setting')
  })

  it('of a setting that the plan varies are refused, for every arm would undo them', () => {
    expect(() => readPlan('quick', presets, { set: ['codebook.paradigm=dual'] })).toThrow('varied by the plan')
    expect(readConfigs('quick', presets, { set: ['codebook.paradigm=dual'] })[0]?.codebook.paradigm).toBe('dual')
  })

  it('bound the steps of a run and bring evaluations, samples and checkpoints within', () => {
    const [bounded] = readConfigs('quick', presets, { set: [], maxSteps: 10 })
    expect(bounded?.training).toMatchObject({ steps: 10, evaluateEvery: 10, sampleEvery: 10, checkpointEvery: 10 })
    const [longer] = readConfigs('quick', presets, { set: [], maxSteps: 1e6 })
    expect(longer?.training).toEqual(quick().baseline.training)
  })
})
