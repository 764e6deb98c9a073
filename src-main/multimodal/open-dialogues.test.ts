import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { taskNames } from '../../src-shared/multimodal.ts'
import { emojiPictures } from '../../test/fakes/named-pictures.ts'
import { plainPng, putFiles } from '../../test/fakes/picture-files.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { openVisualDialogues } from './open-dialogues.ts'

let pictures: PictureSet
beforeAll(async () => {
  pictures = (await emojiPictures(['openmoji'])) as PictureSet
})

const none = Object.fromEntries(taskNames.map((task) => [task, 0])) as ExperimentConfig['multimodal']['tasks']
function configOf(
  tasks: Partial<ExperimentConfig['multimodal']['tasks']>,
  multimodal: Partial<ExperimentConfig['multimodal']> = {},
  model?: string,
): ExperimentConfig {
  const config = smallConfig()
  return {
    ...config,
    language: { ...config.language, ...(model ? { model: model as never } : {}) },
    multimodal: { ...config.multimodal, tasks: { ...none, ...tasks }, ...multimodal },
  }
}
const files = async (): Promise<{ dialoguesPath: string; picturesPath: string }> => {
  const folder = putFiles(temporaryFolder(), {
    'pictures/a.png': await plainPng(1),
    'pictures/b.png': await plainPng(2),
  })
  const entry = (image: string) => ({
    image,
    conversations: [
      { from: 'human', value: 'What’s this <image>?' },
      { from: 'gpt', value: 'A Grey Square.' },
    ],
  })
  writeFileSync(join(folder, 'd.json'), JSON.stringify([entry('a.png'), entry('b.png'), entry('c.png')]))
  return { dialoguesPath: join(folder, 'd.json'), picturesPath: join(folder, 'pictures') }
}

test('tasks of a weight above 0 are opened, on both sides', async () => {
  const source = await openVisualDialogues(configOf({ name: 1, paint: 0.5 }), pictures, 16)
  expect([...source.training.keys()]).toEqual(['name', 'paint'])
  expect([...source.heldOut.keys()]).toEqual(['name', 'paint'])
  await source.close()
})

test('dialogues of a file stand beside the built-in ones, and what is wrong with them is told', async () => {
  const source = await openVisualDialogues(configOf({ name: 1, dialogue: 1 }, await files()), pictures, 16)
  expect([...source.training.keys()]).toEqual(['name', 'dialogue'])
  expect(source.skipped).toMatchObject([{ count: 1, first: [expect.stringContaining('entry 2')] }])
  await source.close()
})

test.each([
  ['words', '<image>\nwhats this ?', 'a grey square .'],
  ['file', '<image>\nWhat’s this ?', 'A Grey Square.'],
])('for a model over %s texts are written its way', async (model, question, answer) => {
  const source = await openVisualDialogues(configOf({ dialogue: 1 }, await files(), model), pictures, 16)
  const [dialogue] = (await source.training.get('dialogue')?.read([0])) ?? []
  await source.close()
  expect(dialogue?.turns).toEqual([{ question, answer }])
})

test('a config that asks for nothing, or for dialogues without their file, says what to set', async () => {
  await expect(openVisualDialogues(configOf({}), pictures, 16)).rejects.toThrow('gives no task a weight')
  await expect(openVisualDialogues(configOf({ dialogue: 1 }), pictures, 16)).rejects.toThrow(
    'multimodal.dialoguesPath is empty',
  )
})
