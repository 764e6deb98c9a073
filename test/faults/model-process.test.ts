import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryFile } from '../../src-main/jobs/entry.ts'
import { localExecutor } from '../../src-main/jobs/executor.ts'
import { createModelProcess, type ModelProcess } from '../../src-main/jobs/speech/model-process.ts'
import type { AskedOfModel, SpeechEvent } from '../../src-shared/contract/multimodal.ts'
import { decodeSafetensors } from '../../src-shared/safetensors.ts'
import { trainTinyRun } from '../fixtures/tiny-stage-two-run.ts'

const ENTRY = entryFile('speak', new URL('../../src-main/jobs/speak.ts', import.meta.url).href)
const settings: AskedOfModel['say']['settings'] = {
  text: { temperature: 0, topK: null, topP: null },
  codes: { temperature: 1, topK: null, topP: null },
  guidance: 1,
  seed: 5,
  newTokens: 12,
}
const painting = (answers: number, first: number[] = []): AskedOfModel['say'] => ({
  prompt: { before: [], question: 'draw a red apple .', pictures: [] },
  settings,
  answers,
  paint: { first },
})

let home: string
let directory: string
let models: ModelProcess
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'workbench-model-'))
  directory = await trainTinyRun(home, 'run')
  models = createModelProcess({
    executor: localExecutor,
    entry: ENTRY,
    cacheFolder: join(home, 'cache'),
    log: join(home, 'model.log'),
    threads: () => 1,
  })
}, 120_000)
afterAll(async () => {
  await models.close()
  rmSync(home, { recursive: true, force: true })
})

const written = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)

async function said(events: AsyncIterable<SpeechEvent>): Promise<SpeechEvent[]> {
  const all: SpeechEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

describe('the process of a trained model', () => {
  it('answers all that a window asks, and leaves the run as it was', async () => {
    const before = written(directory)
    const abilities = await models.ask(directory, 'abilities', {})
    expect(abilities).toMatchObject({
      step: 7,
      sides: [2, 4],
      resolution: 32,
      cannotRead: null,
      cannotPaint: null,
      tasks: ['name', 'paint', 'decompression'],
      unconditionalRequest: 'paint a picture .',
    })

    const { total, pictures, file } = await models.ask(directory, 'pictures', {
      side: 'training',
      from: 0,
      count: 3,
      search: '',
    })
    expect([total > 3, pictures.length]).toEqual([true, 3])
    expect(decodeSafetensors(file).tensors.pictures?.shape).toEqual([3, 32, 32, 3])
    const picture = pictures[0]?.picture as number

    const events = await said(
      models.say(directory, {
        prompt: { before: [], question: '<image> what is this ?', pictures: [{ kind: 'picture', picture }] },
        settings,
        answers: 2,
        paint: null,
      }),
    )
    expect(events.filter(({ kind }) => kind === 'end').map(({ answer }) => answer)).toEqual([0, 1])

    const painted = await said(models.say(directory, painting(2)))
    const wholes = painted.filter((event) => event.kind === 'painted')
    expect(wholes.map(({ codes }) => codes.map((map) => map.length))).toEqual([
      [4, 16],
      [4, 16],
    ])
    const first = painted.flatMap((event) => (event.kind === 'code' && event.answer === 0 ? [event.code] : []))
    expect(first).toHaveLength(20)
    const again = await said(models.say(directory, painting(1, first.slice(0, 19))))
    expect(again.filter(({ kind }) => kind === 'code')).toHaveLength(1)

    const whole = await said(models.say(directory, painting(1, first)))
    expect(whole.map(({ kind }) => kind)).toEqual(['picture', 'painted', 'end'])
    expect(whole[1]).toEqual(wholes[0])

    const { codes } = await models.ask(directory, 'encode', { picture })
    const decoded = decodeSafetensors(await models.ask(directory, 'decode', { codes })).tensors.picture
    expect(decoded?.shape).toEqual([32, 32, 3])
    const { prompt } = painting(1)
    const scored = await models.ask(directory, 'score', { prompt, codes })
    expect(scored.nll).toHaveLength(20)
    expect(scored.probability.every((value) => value > 0 && value < 1)).toBe(true)

    const decompressed = await models.ask(directory, 'decompress', { picture })
    expect(decompressed.truth).toEqual(codes)
    expect(decompressed.freeRunningRight).toHaveLength(2)
    expect(Object.keys(decodeSafetensors(decompressed.file).tensors).sort()).toEqual([
      'freeRunning',
      'input',
      'teacherForced',
      'truth',
    ])
    expect(written(directory)).toEqual(before)
  }, 60_000)

  it('shows dialogues as training lays them out, and finds none that teaches nothing', async () => {
    const { dialogues } = await models.ask(directory, 'dialogues', {
      task: 'paint',
      side: 'training',
      from: 0,
      count: 1,
    })
    const codes = dialogues[0]?.positions.filter(({ kind }) => kind === 'code') ?? []
    expect(codes).toHaveLength(20)
    expect(codes.every(({ learned, token, text }) => learned && token >= 0 && text !== '')).toBe(true)
    expect(codes.slice(0, 6).map(({ layer, cell }) => [layer, cell])).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
    ])
    const { checks } = await models.ask(directory, 'checkDialogues', { most: 20 })
    expect(checks.map(({ task, side }) => `${task} ${side}`)).toContain('decompression heldOut')
    expect(checks.flatMap(({ problems }) => problems)).toEqual([])
  }, 60_000)

  it('stops in the middle of a picture when its reader goes, and answers the next', async () => {
    let codes = 0
    for await (const event of models.say(directory, painting(4))) if (event.kind === 'code' && ++codes === 5) break
    expect(codes).toBe(5)
    const { codes: next } = await models.ask(directory, 'encode', { picture: 0 })
    expect(next.map((map) => map.length)).toEqual([4, 16])
    const painted = await said(models.say(directory, painting(1)))
    expect(painted.at(-1)).toMatchObject({ kind: 'end', reason: 'closed' })
  }, 60_000)

  it('says what it cannot do and why', async () => {
    await expect(
      models.ask(directory, 'decode', { codes: [[1, 2, 3, 4], Array.from({ length: 16 }, () => 999_999)] }),
    ).rejects.toMatchObject({ code: 'bad-request', message: '999999 is no code of this run' })
    await expect(models.ask(directory, 'encode', { picture: 9999 })).rejects.toMatchObject({
      code: 'not-found',
      message: 'the run has no picture 9999',
    })
    await expect(said(models.say(directory, painting(1, new Array<number>(21).fill(1))))).rejects.toMatchObject({
      code: 'bad-request',
      message: '21 first codes of a picture of 20',
    })
    const question = '<image> and <image> ?'
    await expect(
      models.ask(directory, 'score', { prompt: { before: [], question, pictures: [] }, codes: [[], []] }),
    ).rejects.toMatchObject({ code: 'bad-request' })
  }, 60_000)

  it('says of a codebook that is not the vocabulary’s what both are', async () => {
    const other = join(home, 'runs', 'other')
    cpSync(directory, other, { recursive: true })
    const tokens = join(other, 'tokens.json')
    const words: string[] = JSON.parse(readFileSync(tokens, 'utf8'))
    writeFileSync(tokens, JSON.stringify(words.slice(0, -1)))
    await expect(models.ask(other, 'abilities', {})).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining(
        `codebook has ${words.length} codes of width 32, but the language model has ${words.length - 1} tokens of width 32`,
      ),
    })
  }, 60_000)

  it('tells those who wait that it was killed, and starts anew for the next', async () => {
    await models.ask(directory, 'encode', { picture: 0 })
    const pid = models.pid() as number
    const waiting = said(models.say(directory, painting(8)))
    const killed = expect(waiting).rejects.toMatchObject({
      code: 'ended',
      message: 'the process that ran the model was ended by SIGKILL',
    })
    process.kill(pid, 'SIGKILL')
    await killed
    expect((await models.ask(directory, 'encode', { picture: 0 })).codes).toHaveLength(2)
    expect(models.pid()).not.toBe(pid)
  }, 60_000)
})
