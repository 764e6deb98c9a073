import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { answerResultSchema, questionResultSchema } from '../../../src-shared/answer-results.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { commandLine } from '../../../test/fixtures/command-line.ts'

const asked = commandLine(temporaryFolder)
const run = (words: string[]) => asked(['evaluate', ...words])

const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

/** POPE in two splits of two questions each, and LLaVA's answers to it. */
function popeFiles() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  mkdirSync(at('images'))
  const question = (question_id: number, label: string) => ({
    question_id,
    image: `${question_id}.jpg`,
    text: 'Is there a dog in the image?',
    label,
  })
  for (const split of ['random', 'popular'])
    writeFileSync(at(`coco_pope_${split}.json`), lines(question(1, 'yes'), question(2, 'no')))
  writeFileSync(at('images/1.jpg'), '')
  const answer = (category: string, question_id: number, text: string) => ({ category, question_id, text })
  writeFileSync(
    at('answers.jsonl'),
    lines(
      answer('random', 1, 'Yes.'),
      answer('random', 2, 'No, there is none.'),
      answer('popular', 1, 'no'),
      answer('popular', 2, 'yes'),
    ),
  )
  return at
}

it('scores answers, lists every question, and warns of pictures that are not there', async () => {
  const at = popeFiles()
  const words = ['--benchmark', 'pope', '--questions', at('.'), '--answers', at('answers.jsonl')]
  const all = [...words, '--images-folder', at('images'), '--details', at('details.jsonl')]
  const { code, out, err } = await run([...all, '--json'])
  expect(code, err).toBe(0)
  const document = JSON.parse(out)
  const result = answerResultSchema.parse(document)
  expect(result).toMatchObject({ benchmark: 'pope', system: 'answers.jsonl', questions: 4, answered: 4 })
  expect(result.headline).toMatchObject({ metric: 'f1', by: 'mean of splits', percent: 50 })
  expect(result.warnings).toEqual([
    expect.objectContaining({ count: 2, first: expect.arrayContaining([expect.stringContaining('2.jpg')]) }),
  ])
  const rows = readFileSync(document.details, 'utf8').trimEnd().split('\n')
  expect(rows.map((row) => questionResultSchema.parse(JSON.parse(row))).map(({ id, score }) => [id, score])).toEqual([
    ['popular/1', 0],
    ['popular/2', 0],
    ['random/1', 1],
    ['random/2', 1],
  ])
  const text = await run([...all, '--force'])
  expect(text.out).toContain('POPE: 50.00 % F1 (4 of 4 questions answered)')
  expect(text.out).toMatch(/F1 +split: random +100\.00 +2/)
  expect(text.out).toContain('warning: Pictures of questions are not in the folder.')
  expect(await run(all)).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
})

it('is bad usage without what it needs, and with files that do not belong together', async () => {
  const at = popeFiles()
  const pope = ['--benchmark', 'pope', '--questions', at('coco_pope_random.json')]
  const refused = async (words: string[]) => {
    const { code, out, err } = await run(words)
    expect([code, out]).toEqual([2, ''])
    return err
  }
  expect(await refused([])).toContain('--images FOLDER, a run with --codebook, or --benchmark NAME')
  expect(await refused(['--codebook', '--benchmark', 'pope'])).toContain('give one of these at a time')
  expect(await refused(['--answers', 'answers.json'])).toContain('--benchmark vqav2|vizwiz')
  expect(await refused(['--benchmark', 'vqa'])).toContain('--benchmark')
  expect(await refused(pope)).toContain('--answers')
  expect(await refused([...pope, 'RUN', '--answers', at('answers.jsonl')])).toContain('either a run')
  expect(await refused([...pope, 'RUN'])).toContain('--out')
  expect(await refused([...pope, 'RUN', '--out', at('o')])).toContain('--images-folder')
  expect(await refused([...pope, 'RUN', '--out', at('o'), '--images-folder', at('images')])).toContain(
    '1 of 2 pictures are not in',
  )
  expect(await refused([...pope, '--answers', at('none')])).toContain('there is no file')
  expect(await refused([...pope, '--answers', at('answers.jsonl')])).toMatch(
    /2 answers .* does not have: popular\/1, popular\/2/,
  )
  const ignoring = await run([...pope, '--answers', at('answers.jsonl'), '--ignore-unknown'])
  expect(ignoring).toMatchObject({ code: 0, out: expect.stringContaining('100.00 % F1') })
  writeFileSync(at('answers.jsonl'), lines({ question_id: 1, text: 'yes' }))
  expect(await refused([...pope, '--answers', at('answers.jsonl')])).toContain(
    '1 of 2 questions have no answer: random/2',
  )
  const wrong = await run([...pope, '--answers', at('answers.jsonl'), '--unanswered', 'wrong'])
  expect(wrong.out).toMatch(/warning: Questions without an answer count as wrong\. \(1: random\/2\)/)
})
