import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plainPngs, putFiles } from '../fakes/picture-files.ts'
import { commandLine } from '../fixtures/command-line.ts'
import { trainTinyRun } from '../fixtures/tiny-stage-two-run.ts'

let home: string
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'workbench-terminal-'))
  await trainTinyRun(home, 'run')
  await putFiles(home, { 'shown.png': (await plainPngs(1))[0] as Buffer })
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

const run = commandLine(() => home)

it('paints pictures from a text, with their codes, the same ones from one seed', async () => {
  const out = join(home, 'painted')
  const words = ['generate', 'run', 'Draw a red apple.', '--count', '2', '--seed', '3', '--json']
  const first = await run([...words, '--out', out])
  expect(first.code, first.err).toBe(0)
  const { pictures, codes, step } = JSON.parse(first.out)
  expect(step).toBe(7)
  expect(pictures).toEqual([join(out, 'draw-a-red-apple-1.png'), join(out, 'draw-a-red-apple-2.png')])
  for (const file of pictures) expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG')
  const again = await run([...words, '--out', join(home, 'again')])
  const layers = (path: string) => JSON.parse(readFileSync(path, 'utf8')).layers
  expect(layers(JSON.parse(again.out).codes)).toEqual(layers(codes))
  const decoded = await run(['reconstruct', 'run', '--codes', codes, '--out', join(home, 'decoded')])
  expect(decoded.code, decoded.err).toBe(0)
  expect(readFileSync(join(home, 'decoded', 'draw-a-red-apple-2.png'))).toEqual(readFileSync(pictures[1]))
  expect(await run([...words, '--out', out])).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
}, 120_000)

it('answers one question about a picture, and a conversation line by line', async () => {
  const shown = join(home, 'shown.png')
  const once = await run(['chat', 'run', shown, '--question', 'What is this?', '--tokens', '6', '--json'])
  expect(once.code, once.err).toBe(0)
  expect(JSON.parse(once.out)).toMatchObject({
    run: 'run',
    step: 7,
    question: 'What is this?',
    answer: expect.any(String),
  })
  const typed = ['what is this?', '/new', `/picture ${shown}`, 'what is this?', '/nonsense', '/quit', 'never asked']
  const talk = await run(['chat', 'run', shown, '--tokens', '6', '--out', home], typed)
  expect(talk.code, talk.err).toBe(0)
  const answers = talk.out.trimEnd().split('\n')
  expect(answers.pop()).toBe('2 questions answered')
  // Both show the same picture to a conversation that has just begun.
  expect(answers.slice(0, answers.length / 2)).toEqual(answers.slice(answers.length / 2))
  expect(talk.err).toContain('/picture FILE… shows pictures')
}, 120_000)

it('answers a benchmark, goes on where it stopped, and scores the answers', async () => {
  const questions = join(home, 'pope_random.json')
  const out = join(home, 'answers.jsonl')
  const asked = [1, 2, 3].map((question_id) => ({
    question_id,
    image: 'shown.png',
    text: 'Is there a red apple in the image?',
    label: question_id === 2 ? 'no' : 'yes',
  }))
  writeFileSync(questions, asked.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const words = ['evaluate', 'run', '--benchmark', 'pope', '--questions', questions, '--images-folder', home]
  const options = ['--out', out, '--tokens', '4', '--side-by-side', '2', '--json']
  const first = await run([...words, ...options, '--limit', '1'])
  expect(first.code, first.err).toBe(0)
  expect(JSON.parse(first.out)).toMatchObject({ questions: 1, answered: 1, system: 'run, step 7' })
  const one = readFileSync(out, 'utf8')
  const all = await run([...words, ...options])
  expect(all.code, all.err).toBe(0)
  expect(JSON.parse(all.out)).toMatchObject({ questions: 3, answered: 3, warnings: [] })
  expect(readFileSync(out, 'utf8').startsWith(one)).toBe(true)
  const imported = await run([...words.filter((word) => word !== 'run'), '--answers', out, '--json'])
  expect(JSON.parse(imported.out).figures).toEqual(JSON.parse(all.out).figures)
}, 120_000)

it('says what is wrong with what was asked', async () => {
  expect(await run(['chat', 'run', '--json'])).toMatchObject({ code: 2, err: expect.stringContaining('--question') })
  expect(await run(['generate', 'nobody', 'x'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('no run "nobody"'),
  })
  expect(await run(['generate', 'run', 'x', '--count', '17'])).toMatchObject({ code: 2 })
  expect(existsSync(join(home, 'lock'))).toBe(false)
}, 60_000)
