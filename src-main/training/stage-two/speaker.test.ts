import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { turnsOf } from '../../../test/fixtures/tiny-dialogues.ts'
import { tinyStageTwo } from '../../../test/fixtures/tiny-stage-two.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { GREEDY } from '../../language/sampling.ts'
import type { AnswerEvent } from '../../multimodal/generate.ts'
import { sequenceOf, type TokenizedPicture } from '../../multimodal/sequence.ts'
import { judge } from './evaluation.ts'
import { openForGeneration, openForTraining } from './open-model.ts'
import { ProgramShelf } from './program-shelf.ts'
import { type BatchSize, compileJudge } from './programs.ts'
import { type Speaker, type SpeakingOptions, speakerOf } from './speaker.ts'

const tiny = tinyStageTwo()
const greedy: SpeakingOptions = { text: GREEDY, codes: GREEDY, guidance: 1, seed: 1, alternatives: 3 }

async function heard(events: AsyncGenerator<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = []
  for await (const event of events) all.push(event)
  return all
}
const pictureIn = (events: AnswerEvent[], sequence = 0): number[] =>
  events.flatMap((event) => (event.kind === 'picture-end' && event.sequence === sequence ? [...event.codes] : []))
const textIn = (events: AnswerEvent[]): string =>
  events.map((event) => (event.kind === 'text' ? event.text : '')).join('')

describe('a model that has learned dialogues by heart', () => {
  const config = tinyStageTwoConfig('paint', ({ multimodal }) => {
    Object.assign(multimodal, { steps: 160, evaluateEvery: 160, checkpointEvery: 160, batchSize: 4 })
    Object.assign(multimodal.tasks, { name: 1, decompression: 1 })
  })
  const pixels = [0, 1].map((at) => tiny.pictures.pixels(at))
  let speaker: Speaker
  let shown: TokenizedPicture[]
  let checkpoint: Awaited<ReturnType<typeof tiny.stageOne>>
  beforeAll(async () => {
    checkpoint = (await tiny.stageTwo(config, await tiny.stageOne(config))).file
    speaker = await tiny.speaker(config, checkpoint)
    shown = await speaker.encode(pixels)
  }, 120_000)
  afterAll(() => speaker?.dispose())

  it('paints the code maps that it learned', async () => {
    const requests = [0, 1].map((at) => ({ question: `paint number ${at} .` }))
    const events = await heard(speaker.paint(requests, greedy))
    for (const at of [0, 1]) expect(pictureIn(events, at)).toEqual([...(shown[at] as TokenizedPicture).codes])
    const decoded = await speaker.decode((shown[0] as TokenizedPicture).codes)
    expect(decoded).toHaveLength(32 * 32 * 3)
  })

  it('answers what it learned about a picture, and about codes in the picture’s place', async () => {
    const picture = shown[1] as TokenizedPicture
    for (const one of [{ pixels: pixels[1] as Uint8Array }, { codes: picture.codes }]) {
      const events = await heard(speaker.converse([{ question: '<image> what is this ?', pictures: [one] }], greedy))
      expect(textIn(events)).toBe('a green square number 1 .')
      expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'closed' })
    }
    const edited = { codes: (shown[0] as TokenizedPicture).codes }
    const events = await heard(speaker.converse([{ question: '<image> what is this ?', pictures: [edited] }], greedy))
    expect(textIn(events)).toBe('a red square number 0 .')
  })

  it('begins a picture by itself where it learned to', async () => {
    const events = await heard(speaker.converse([{ question: 'paint number 1 .' }], greedy))
    expect(pictureIn(events)).toEqual([...(shown[1] as TokenizedPicture).codes])
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'closed' })
  })

  it('gives the same wild picture for the same seed, beside others as well, and goes on from its codes', async () => {
    const wild: SpeakingOptions = { ...greedy, codes: { temperature: 6, topK: null, topP: null } }
    const request = { question: 'paint number 0 .' }
    const alone = pictureIn(await heard(speaker.paint([request], wild)))
    const beside = await heard(speaker.paint([request, { question: 'paint number 1 .' }], wild))
    expect(pictureIn(beside)).toEqual(alone)
    expect(pictureIn(beside, 1)).not.toEqual(alone)
    const codes = alone.slice(0, 9)
    expect(pictureIn(await heard(speaker.paint([{ ...request, codes }], wild)))).toEqual(alone)
    const guided = { ...request, unconditional: 'paint .' }
    expect(pictureIn(await heard(speaker.paint([guided], { ...wild, guidance: 3 })))).toHaveLength(alone.length)
  })

  it('scores a picture as the evaluation of training judges it', async () => {
    // The words of a model, as a run's folder keeps them.
    const opened = await openForGeneration(
      { config, checkpoint: () => checkpoint, ...tiny.common() },
      { words: speaker.words },
    )
    const judges = new ProgramShelf(
      (size: BatchSize) => compileJudge(opened.runtime, opened.state, opened.model, size),
      1,
    )
    const codes = Int32Array.from((shown[0] as TokenizedPicture).codes)
    codes[3] = ((codes[3] as number) + 1) % speaker.codes
    const turns = [{ question: 'paint number 0 .', answer: '<image>' }]
    const [judged] = await judge({ ...opened, judges }, [
      sequenceOf(
        { turns, pictures: [{ picture: { kind: 'picture', picture: 0 }, form: 'flattened' }] },
        [{ codes, features: new Float32Array(0) }],
        opened.rules,
      ),
    ])
    await judges.dispose()
    const scores = await speaker.score({ question: 'paint number 0 .' }, codes, 2)
    // The marker stands before the codes, the closing token behind them.
    const wanted = judged?.nll.subarray(1, 1 + codes.length) as Float32Array
    for (const [at, nll] of scores.nll.entries()) expect(nll).toBeCloseTo(wanted[at] as number, 4)
    expect(scores.nll[3]).toBeGreaterThan(1)
    expect(scores.best[3]).toBe((shown[0] as TokenizedPicture).codes[3])
    expect(scores.alternatives[3]?.[0]?.code).toBe(scores.best[3])
    expect(scores.layers.map(({ layer, codes }) => [layer, codes])).toEqual([
      [0, 4],
      [1, 16],
    ])
  })

  it('decompresses what it learned to, with the right codes before it and with its own', async () => {
    const { codes, forced, free, freeRight } = await speaker.decompress(
      { pixels: pixels[0] as Uint8Array },
      { segments: 2, question: '<image> decompress .', alternatives: 2 },
    )
    expect(codes).toEqual((shown[0] as TokenizedPicture).codes)
    expect(forced.layers.map(({ right }) => right)).toEqual([1, 1])
    expect(free).toEqual(codes)
    expect(freeRight).toEqual([1, 1])
  })

  it('says what it cannot do', async () => {
    await expect(speaker.score({ question: 'paint .' }, new Int32Array(3), 1)).rejects.toThrow('3 codes are no picture')
    await expect(heard(speaker.converse([{ question: '<image> what ?' }], greedy))).rejects.toThrow(
      '1 times <image> for 0 pictures',
    )
    await expect(
      speaker.decompress({ pixels: pixels[0] as Uint8Array }, { segments: 5, alternatives: 0 }),
    ).rejects.toThrow('5 segments of a picture of 4 cells')
  })
})

describe('a model that has not learned yet', () => {
  it('paints whole pictures of the codes that there are, however wild, where these are some of the vocabulary', async () => {
    const config = tinyStageTwoConfig('paint', ({ codebook, multimodal }) => {
      Object.assign(codebook, { rows: 'random', size: 8 })
      Object.assign(multimodal, { vectors: 'language', input: 'flattened' })
    })
    const checkpoint = await tiny.stageOne(config)
    const words = { texts: tiny.texts, visual: turnsOf(tiny.dialoguesOf(config, 2)) }
    const speaker = speakerOf(await openForTraining({ config, checkpoint: () => checkpoint, ...tiny.common() }, words))
    const wild: SpeakingOptions = { ...greedy, codes: { temperature: 5, topK: null, topP: null } }
    const requests = ['paint .', 'paint number 1 .', 'square'].map((question) => ({ question }))
    const events = await heard(speaker.paint(requests, wild))
    for (const at of requests.keys()) {
      const picture = pictureIn(events, at)
      expect(picture).toHaveLength(20)
      expect(Math.max(...picture)).toBeLessThan(8)
      expect(await speaker.decode(picture)).toHaveLength(32 * 32 * 3)
    }
    expect(speaker.ids).toHaveLength(8)
    await expect(speaker.decode(new Int32Array(20).fill(8))).rejects.toThrow('code 8 at place 0 of a picture')
    await expect(speaker.score({ question: 'paint .' }, new Int32Array(20).fill(8), 0)).rejects.toThrow(
      'code 8 is none',
    )
    await speaker.dispose()
  }, 60_000)
})

describe('a model that cannot paint', () => {
  it('says so, whether it knows text alone or reads features', async () => {
    const config = tinyStageTwoConfig('name')
    const begun = await tiny.stageOne(config)
    const textual = await tiny.speaker(config, begun)
    expect(textual.cannotRead).toContain('it knows text alone')
    await expect(heard(textual.paint([{ question: 'paint .' }], greedy))).rejects.toThrow(
      '"tiny" cannot paint: it knows text alone',
    )
    const picture = { pixels: tiny.pictures.pixels(0) }
    await expect(
      heard(textual.converse([{ question: '<image> what is this ?', pictures: [picture] }], greedy)),
    ).rejects.toThrow('"tiny" cannot be shown a picture')
    const events = await heard(textual.converse([{ question: 'what is number 0 ?' }], greedy))
    expect(events.at(-1)?.kind).toBe('end')
    await textual.dispose()

    const encoding = tinyStageTwoConfig('name', ({ multimodal }) => {
      Object.assign(multimodal, { paradigm: 'visual-encoder', input: 'features', steps: 1, evaluateEvery: 1 })
    })
    const reading = await tiny.speaker(encoding, (await tiny.stageTwo(encoding, begun)).file)
    expect(reading.cannotRead).toBeNull()
    await expect(heard(reading.paint([{ question: 'paint .' }], greedy))).rejects.toThrow(
      'as a visual encoder’s features',
    )
    const answered = await heard(
      reading.converse([{ question: '<image> what is this ?', pictures: [picture] }], greedy),
    )
    expect(answered.at(-1)?.kind).toBe('end')
    await reading.dispose()
  }, 60_000)
})
