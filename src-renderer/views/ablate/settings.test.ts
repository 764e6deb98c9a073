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

it('puts every setting but name and seed in one section', () => {
  const sectioned = sectionsOf(settingFields).flatMap(([, fields]) => fields)
  expect(sectioned).toHaveLength(settingFields.length - 2)
})
