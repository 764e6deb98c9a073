import { expect, it } from 'vitest'
import quick from '../../../resources/presets/quick.json'
import { configPaths } from '../../../src-shared/config-paths.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { sectionsOf, settingFields } from './settings.ts'

it('offers a field of the right kind for every setting of the config', () => {
  const paths = configPaths(parseConfig(quick.baseline)).map((path) =>
    path.startsWith('data.source.') ? 'data.source' : path,
  )
  expect(settingFields.map(({ path }) => path).toSorted()).toEqual([...new Set(paths)].toSorted())
  const field = Object.fromEntries(settingFields.map((one) => [one.path, one]))
  expect(field['codebook.paradigm']).toMatchObject({
    kind: 'choice',
    choices: ['frozen', 'dual', 'iterative', 'independent'],
  })
  expect(field['data.resolution']).toMatchObject({ kind: 'choice', choices: [32, 64, 128, 256] })
  expect(field['tokenizer.attention']?.kind).toBe('boolean')
  expect(field['tokenizer.channels']?.kind).toBe('numbers')
  expect(field['optimizer.learningRate']?.kind).toBe('number')
  expect(field['training.steps']?.kind).toBe('number')
})

it('edits a list of words as choices, from those that the schema allows', () => {
  const targets = settingFields.find(({ path }) => path === 'language.lora.targets')
  expect(targets).toMatchObject({ kind: 'choices', choices: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] })
})

it('gives nested groups sections of their own, right after the group they belong to', () => {
  const names = sectionsOf(settingFields).map(([section]) => section)
  for (const nested of names.filter((name) => name.includes('.'))) {
    const outer = nested.split('.')[0] as string
    const between = names.slice(names.indexOf(outer) + 1, names.indexOf(nested))
    expect(between.every((name) => name.startsWith(`${outer}.`))).toBe(true)
  }
  expect(names).toEqual(
    expect.arrayContaining([
      'tokenizer.vit',
      'losses.perceptual',
      'losses.adversarial',
      'language.lora',
      'language.optimizer',
    ]),
  )
})

it('puts every setting but name and seed in one section', () => {
  const sectioned = sectionsOf(settingFields).flatMap(([, fields]) => fields)
  expect(sectioned).toHaveLength(settingFields.length - 2)
})
