import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, it } from 'vitest'
import { builtInSettings, emojiPictures } from '../../test/fakes/named-pictures.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { imageBytes } from '../evaluation/answers/images.ts'
import { openBenchmark } from '../evaluation/answers/open-benchmark.ts'
import { scoreAnswers } from '../evaluation/answers/score-answers.ts'
import type { NamedPictures } from './built-in-tasks.ts'
import { OFFICIAL, writeOfficialFiles } from './official-files.ts'
import type { PictureOrigin } from './scene-pixels.ts'
import { strategies } from './tasks/others.ts'

const SIDE = 16
let set: NamedPictures & PictureOrigin['set']
beforeAll(async () => {
  const named = await emojiPictures(['openmoji'])
  const pixels = (at: number) => new Uint8Array(SIDE * SIDE * 3).fill(at & 255)
  set = { ...named, resolution: SIDE, count: named.pictures.length, pixels }
})

const LIMIT = 12
async function written() {
  const folder = temporaryFolder()
  const settings = builtInSettings({ tasks: ['yes-no', 'choice'], writing: 'sentences' })
  await writeOfficialFiles(set, settings, { folder, side: 'heldOut', limit: LIMIT })
  return folder
}

it('reads the files of POPE and MMBench that are written here, with their pictures, and right answers are all right', async () => {
  const folder = await written()
  const pope = await openBenchmark('pope', { questions: [folder] })
  expect(pope.questions.map(({ groups }) => groups.split)).toEqual(
    [...strategies].sort().flatMap((split) => Array(LIMIT).fill(split)),
  )
  const mmbench = await openBenchmark('mmbench', { questions: [join(folder, OFFICIAL.mmbench)] })
  expect(mmbench.questions).toHaveLength(4 * LIMIT)
  for (const { questions } of [pope, mmbench])
    for (const { image } of questions) {
      const bytes = await imageBytes(image as NonNullable<typeof image>, join(folder, OFFICIAL.pictures))
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: SIDE, height: SIDE })
    }
  for (const benchmark of [pope, mmbench]) {
    const right = new Map(benchmark.questions.map(({ id, truth }) => [id, { text: truth[0] as string, prompt: null }]))
    const { figures } = scoreAnswers(benchmark, right, { preparation: 'none', unanswered: 'refuse' })
    for (const { metric, percent } of figures)
      expect([metric, percent]).toEqual([metric, metric === 'yes-ratio' ? 50 : 100])
  }
})
