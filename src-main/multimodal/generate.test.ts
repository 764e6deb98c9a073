import { describe, expect, it } from 'vitest'
import { codeMapSides, rowsOfLayer, unflattenCodes } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { tinyConfig } from '../../test/fixtures/tiny-experiment.ts'
import { createRandom } from '../data/random.ts'
import type { Decoder } from '../language/decoder.ts'
import { GREEDY, type SamplingSettings } from '../language/sampling.ts'
import { type AnswerEvent, type AnswerOptions, type AnswerRequest, answer, type GenerationRules } from './generate.ts'
import { codeTokens, pictureLayout } from './picture-layout.ts'
import type { Position } from './positions.ts'

const CONTEXT = 80
const END = 3
const MARKER = [10, 11]
const WORDS = 40

/** Logits of what comes after the positions of one sequence. */
type Model = (positions: readonly Position[]) => Float32Array

/** A decoder that goes by a function, and not by weights. */
function decoderOf(model: Model, batch: number, vocabulary: number): Decoder<Position> {
  let sequences: Position[][] = []
  const logits = (): Float32Array => {
    const all = new Float32Array(batch * vocabulary)
    for (const [row, positions] of sequences.entries()) all.set(model(positions), row * vocabulary)
    return all
  }
  return {
    vocabulary,
    batch,
    context: CONTEXT,
    prompt: async (given) => {
      expect(given).toHaveLength(batch)
      sequences = given.map((positions) => [...positions])
      return logits()
    },
    next: async (items) => {
      for (const [row, item] of items.entries()) if (item) sequences[row]?.push(item)
      expect(Math.max(...sequences.map(({ length }) => length))).toBeLessThanOrEqual(CONTEXT)
      return logits()
    },
    lengths: () => sequences.map(({ length }) => length),
    dispose: async () => {},
  }
}

/** Says anything: drawn by what was said before alone. */
const babbling =
  (outputs: number): Model =>
  (positions) => {
    const random = createRandom(1, JSON.stringify(positions))
    return Float32Array.from({ length: outputs }, () => 3 * random.normal())
  }

/** Says these tokens, one after the other, whatever it hears. @param prompt positions of the prompt */
const reciting =
  (outputs: number, prompt: number, tokens: readonly number[]): Model =>
  (positions) => {
    const logits = new Float32Array(outputs)
    logits[tokens[positions.length - prompt] ?? END] = 30
    return logits
  }

function rulesOf(changes: (config: ExperimentConfig) => void, codes = WORDS, ids: Int32Array | null = null) {
  const config = tinyConfig((own) => {
    own.tokenizer.channels = [8, 8, 8, 8]
    changes(own)
  })
  const layout = pictureLayout(config)
  const tokens = codeTokens(config, layout, { vocabulary: WORDS, ids, codes })
  const rules: GenerationRules = {
    tokens,
    slots: layout.slots,
    marker: MARKER,
    closing: new Set([END]),
    vocabulary: WORDS,
    cells: layout.cells,
    text: { pad: 0, decode: (tokens) => tokens.map((token) => `w${token}`).join(' ') },
  }
  return { config, rules, outputs: tokens.outputs }
}

const say = (...tokens: number[]): Position[] => tokens.map((token) => ({ kind: 'text', token }))
const hot: SamplingSettings = { temperature: 5, topK: null, topP: null }
const options: AnswerOptions = { text: hot, codes: hot, guidance: 1, seed: 3, alternatives: 2, until: 'painted' }
const paint: AnswerRequest = { prompt: say(2, 5), begun: MARKER }

async function run(
  decoder: Decoder<Position>,
  requests: AnswerRequest[],
  rules: GenerationRules,
  changes: Partial<AnswerOptions> = {},
): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = []
  for await (const event of answer(decoder, requests, rules, { ...options, ...changes })) events.push(event)
  return events
}
const picturesOf = (events: AnswerEvent[]): number[][] =>
  events.flatMap((event) => (event.kind === 'picture-end' ? [[...event.codes]] : []))

describe('painting', () => {
  const ids = Int32Array.from({ length: 12 }, (_, at) => 3 * at + 2)
  const cases: [string, (config: ExperimentConfig) => void, number, Int32Array | null][] = [
    ['all rows of the vocabulary', () => {}, WORDS, null],
    ['some rows of the vocabulary', () => {}, ids.length, ids],
    ['rq', ({ tokenizer }) => Object.assign(tokenizer, { kind: 'rq', layers: 3 }), WORDS, null],
    ['vq', ({ tokenizer }) => Object.assign(tokenizer, { kind: 'vq', layers: 1 }), WORDS, null],
    [
      'codes of their own, a codebook for each layer',
      ({ codebook, multimodal }) => {
        Object.assign(codebook, { paradigm: 'independent', size: 9, shared: false, interval: 1 })
        multimodal.paradigm = 'visual-tokenizer'
      },
      18,
      null,
    ],
  ]
  it.each(cases)(
    'gives whole maps of codes that their layers have, however wild: %s',
    async (_, change, codes, own) => {
      const { config, rules, outputs } = rulesOf(change, codes, own)
      const events = await run(decoderOf(babbling(outputs), 2, outputs), [paint, { ...paint, prompt: say(9) }], rules)
      const pictures = picturesOf(events)
      expect(pictures).toHaveLength(2)
      const sides = codeMapSides(config)
      for (const picture of pictures) {
        expect(picture).toHaveLength(rules.cells * rules.slots)
        for (const [layer, map] of unflattenCodes(picture, sides).entries()) {
          const { first, end } = rowsOfLayer(config, layer, codes)
          for (const code of map) expect(code >= first && code < end).toBe(true)
        }
      }
      expect(pictures[0]).not.toEqual(pictures[1])
    },
  )

  const { rules, outputs } = rulesOf(() => {})
  const decoder = (batch: number) => decoderOf(babbling(outputs), batch, outputs)

  it('gives the same picture for the same seed, whatever else is in the batch, and another for another', async () => {
    const [alone] = picturesOf(await run(decoder(1), [paint], rules))
    const beside = picturesOf(await run(decoder(4), [paint, { prompt: say(4, 4, 4), begun: MARKER }], rules))
    expect(beside[0]).toEqual(alone)
    expect(picturesOf(await run(decoder(1), [paint], rules, { seed: 4 }))[0]).not.toEqual(alone)
    expect(picturesOf(await run(decoder(1), [{ ...paint, stream: 'second' }], rules))[0]).not.toEqual(alone)
  })

  it('draws each place anew', async () => {
    const even = decoderOf(() => new Float32Array(outputs), 1, outputs)
    const [picture] = picturesOf(await run(even, [paint], rules)) as [number[]]
    expect(new Set(picture).size).toBeGreaterThan(8)
  })

  it('tells each code with its place, its probability and the likeliest others', async () => {
    const events = await run(decoder(1), [paint], rules, { codes: GREEDY })
    const codes = events.flatMap((event) => (event.kind === 'code' ? [event] : []))
    expect(codes.map(({ at, cell, slot }) => [at, cell, slot])).toEqual(
      codes.map((_, at) => [at, Math.floor(at / rules.slots), at % rules.slots]),
    )
    for (const { code, probability, alternatives } of codes) {
      expect(alternatives).toHaveLength(2)
      expect(alternatives[0]).toEqual({ code, probability })
      expect(probability).toBeGreaterThanOrEqual(alternatives[1]?.probability as number)
      expect(probability).toBeLessThan(1)
    }
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'painted' })
  })

  it('goes on from given codes as it did before, and otherwise after one is replaced', async () => {
    const [whole] = picturesOf(await run(decoder(1), [paint], rules)) as [number[]]
    const from = (codes: number[]) =>
      run(decoder(1), [{ ...paint, begun: [...MARKER, ...codes.map(rules.tokens.tokenOf)] }], rules)
    const events = await from(whole.slice(0, 7))
    expect(events[0]).toEqual({ sequence: 0, kind: 'picture', codes: Int32Array.from(whole.slice(0, 7)) })
    expect(picturesOf(events)).toEqual([whole])
    const replaced = [...whole.slice(0, 7), ((whole[7] as number) + 1) % WORDS]
    const [changed] = picturesOf(await from(replaced)) as [number[]]
    expect(changed.slice(0, 8)).toEqual(replaced)
    expect(changed.slice(8)).not.toEqual(whole.slice(8))
  })

  it('is guided away from the unconditional prompt; a scale of 1 changes nothing, one of 0 follows it alone', async () => {
    const guided = { ...paint, unconditional: say(2) }
    const [alone] = picturesOf(await run(decoder(1), [paint], rules))
    const [other] = picturesOf(await run(decoder(1), [{ ...paint, prompt: say(2) }], rules))
    expect(picturesOf(await run(decoder(1), [guided], rules, { guidance: 1 }))[0]).toEqual(alone)
    expect(picturesOf(await run(decoder(2), [guided], rules, { guidance: 0 }))[0]).toEqual(other)
    expect([alone, other]).not.toContainEqual(picturesOf(await run(decoder(2), [guided], rules, { guidance: 3 }))[0])
    await expect(run(decoder(2), [paint], rules, { guidance: 3 })).rejects.toThrow('has no unconditional one')
  })
})

describe('an answer', () => {
  const { rules, outputs } = rulesOf(({ multimodal, codebook }) => {
    Object.assign(codebook, { paradigm: 'independent', size: WORDS })
    multimodal.paradigm = 'visual-tokenizer'
  })
  const recite = (tokens: number[], changes: Partial<AnswerOptions> = {}, own: Partial<GenerationRules> = {}) =>
    run(
      decoderOf(reciting(outputs, 2, tokens), 1, outputs),
      [{ prompt: say(2, 5) }],
      { ...rules, ...own },
      { text: GREEDY, codes: GREEDY, until: 'closed', ...changes },
    )
  const codes = Array.from({ length: rules.cells * rules.slots }, (_, at) => (7 * at) % WORDS)
  const picture = codes.map(rules.tokens.tokenOf)
  const kinds = (events: AnswerEvent[]) => events.map(({ kind }) => kind).filter((kind) => kind !== 'code')
  const textOf = (events: AnswerEvent[]) => events.map((event) => (event.kind === 'text' ? event.text : '')).join('')

  it('goes from words into a picture at the marker, and out of it again', async () => {
    const tokens = [7, 10, 8, ...MARKER, ...picture, 9, ...MARKER, ...picture, END]
    const events = await recite(tokens)
    expect(textOf(events)).toBe('w7 w10 w8w9')
    expect(kinds(events)).toEqual([
      ...['text', 'text', 'text', 'picture', 'picture-end'],
      ...['text', 'picture', 'picture-end', 'end'],
    ])
    expect(picturesOf(events)).toEqual([codes, codes])
    expect(events.at(-1)).toEqual({ sequence: 0, kind: 'end', reason: 'closed', tokens })
  })

  it('begins no picture that there is no room for, and keeps words that only looked like one', async () => {
    const many = new Array<number>(CONTEXT - 2 - MARKER.length - picture.length + 1).fill(7)
    const full = await recite([...many, ...MARKER, ...picture])
    expect(kinds(full)).toEqual([...many.map(() => 'text'), 'end'])
    expect(full.at(-1)).toMatchObject({ reason: 'full', tokens: [...many, ...MARKER] })
    expect(picturesOf(await recite([...many.slice(1), ...MARKER, ...picture]))).toEqual([codes])
    expect(textOf(await recite([7, 10], { newTokens: 2 }))).toBe('w7 w10')
    expect(textOf(await recite([7, 10, END]))).toBe('w7 w10')
  })

  it('ends after so many tokens of text, and never within a picture', async () => {
    const events = await recite([7, ...MARKER, ...picture, 8, 9, 9], { newTokens: 4 })
    expect(kinds(events)).toEqual(['text', 'picture', 'picture-end', 'text', 'end'])
    expect(kinds(await recite([7, ...MARKER, ...picture, 8], { newTokens: 3 }))).toEqual([
      ...['text', 'picture', 'picture-end', 'end'],
    ])
  })

  it('paints nothing if the model paints no pictures', async () => {
    const events = await recite([7, ...MARKER, 8, END], {}, { marker: null })
    expect(textOf(events)).toBe('w7 w10 w11 w8')
    await expect(recite([], { until: 'painted' }, { marker: null })).rejects.toThrow('paints no pictures')
  })

  it('never writes a code among its words', async () => {
    const events = await run(decoderOf(babbling(outputs), 1, outputs), [{ prompt: say(2) }], rules, {
      until: 'closed',
    })
    for (const event of events) if (event.kind === 'text') expect(event.token).toBeLessThan(WORDS)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const events: AnswerEvent[] = []
    const going = async () => {
      const requests = [{ prompt: say(2, 5) }]
      const decoder = decoderOf(reciting(outputs, 2, [7, 8, 9]), 1, outputs)
      for await (const event of answer(decoder, requests, rules, {
        ...options,
        until: 'closed',
        signal: stop.signal,
      })) {
        events.push(event)
        stop.abort()
      }
    }
    await expect(going()).rejects.toThrow('abort')
    expect(events).toHaveLength(1)
  })

  it('refuses what does not fit, and codes that no picture can begin with', async () => {
    const one = (request: AnswerRequest, changes: Partial<AnswerOptions> = {}) =>
      run(decoderOf(babbling(outputs), 1, outputs), [request], rules, changes)
    await expect(one({ prompt: say(...new Array<number>(70).fill(5)), begun: MARKER })).rejects.toThrow(
      `a prompt of 72 positions and ${rules.cells * rules.slots} new ones do not fit the context of ${CONTEXT}`,
    )
    await expect(one({ prompt: say(2), begun: [...MARKER, 5] })).rejects.toThrow('token 5 is no code')
    await expect(one(paint, { guidance: -1 })).rejects.toThrow('guidance -1')
    await expect(one(paint, { codes: { ...hot, topP: 0 } })).rejects.toThrow('top-p 0')
  })
})
