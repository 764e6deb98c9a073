import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { InstructionPair } from '../../data/picture-set.ts'
import { floats } from '../../engine/runtimes/runtime.ts'
import { IMAGE } from '../../language/text-layout.ts'
import { type CodeScores, scoreCodes } from '../../multimodal/code-likelihood.ts'
import type { PlacedPicture } from '../../multimodal/dialogue.ts'
import {
  type AnswerEvent,
  type AnswerOptions,
  type AnswerRequest,
  answer,
  type GenerationRules,
  rowsOf,
} from '../../multimodal/generate.ts'
import { type PictureLayout, placeOfCode } from '../../multimodal/picture-layout.ts'
import type { Position } from '../../multimodal/positions.ts'
import {
  DialogueError,
  marker,
  pictureStart,
  promptOf,
  type Sequence,
  type TokenizedPicture,
} from '../../multimodal/sequence.ts'
import type { WordSources } from '../stage-one/language-side.ts'
import { batchSize, batchTensors } from './batches.ts'
import { DecoderShelf } from './decoder-shelf.ts'
import { type Decompression, type DecompressionOptions, decompress } from './decompress.ts'
import { type ModelOptions, type OpenedModel, openForGeneration } from './open-model.ts'
import { pictureDecoder } from './picture-decoder.ts'
import { pictureEncoder } from './picture-encoder.ts'
import { ProgramShelf } from './program-shelf.ts'
import { type BatchSize, compileLogits } from './programs.ts'

/** A model that was asked for something it cannot do; the message says why. */
export class SpeakerError extends Error {
  override name = 'SpeakerError'
}

/** A picture of a dialogue: pixels U8 [S, S, 3], or codes in token order, which is what an edited map is. */
export type ShownPicture = { pixels: Uint8Array } | { codes: Int32Array }

/** A question, with the dialogue that it stands in. */
export interface Question {
  before?: readonly InstructionPair[]
  question: string
  /** One for each IMAGE of all these texts, in their order. */
  pictures?: readonly ShownPicture[]
}

export interface AnswerableQuestion extends Question {
  /** A request that says nothing of the picture, for guidance. */
  unconditional?: string
  /** Names what its answer is drawn with, besides the seed; its place among the requests unless given. */
  stream?: number | string
}

export interface AnswerRequested extends AnswerableQuestion {
  /** Tokens of an answer of before that are kept, to go on from there. */
  begun?: readonly number[]
}

export interface PaintingRequest extends AnswerableQuestion {
  /** First codes of the picture, in token order, which are kept: paint on from there. */
  codes?: ArrayLike<number>
}

export type SpeakingOptions = Omit<AnswerOptions, 'until'>

/** A trained model of Stage II, or of Stage I for text alone, to be talked to. */
export interface Speaker {
  config: ExperimentConfig
  layout: PictureLayout
  /** Most positions of a dialogue. */
  context: number
  /** Rows of the codebook's table. */
  codes: number
  /** Token id of each code, where the codes are some of the vocabulary's rows; else null. */
  ids: Int32Array | null
  /** Text of each token of the language model, as people read it. */
  words: string[]
  /** Side of its pictures in pixels. */
  resolution: number
  /** Why it cannot be shown pictures, and why it cannot paint some, in a sentence; null if it can. */
  cannotRead: string | null
  cannotPaint: string | null
  /** Answers each in words, pictures or both, side by side. @throws SpeakerError, DialogueError, RangeError */
  converse(requests: readonly AnswerRequested[], options: SpeakingOptions): AsyncGenerator<AnswerEvent>
  /** Paints a picture for each request, side by side. @throws SpeakerError, DialogueError, RangeError */
  paint(requests: readonly PaintingRequest[], options: SpeakingOptions): AsyncGenerator<AnswerEvent>
  /** How likely a picture is as the answer. @param alternatives so many likeliest codes of each place */
  score(question: Question, codes: Int32Array, alternatives: number): Promise<CodeScores>
  /** A picture out of its own aggregated vectors, by given codes before each and by its own. */
  decompress(picture: ShownPicture, options: DecompressionOptions): Promise<Decompression>
  /** @param pictures U8 [S, S, 3] each */
  encode(pictures: readonly Uint8Array[]): Promise<TokenizedPicture[]>
  /** @param codes rows of the codebook's table, in token order @returns U8 [S, S, 3] */
  decode(codes: ArrayLike<number>): Promise<Uint8Array>
  dispose(): Promise<void>
}

/** Rows that go side by side at most. */
const MOST_ROWS = 16
/** Programs that score, by the length of what they score. */
const KEPT_SCORERS = 2

/**
 * @param options.words a small language model's words, or what they come from, as in Stage I
 * @param options.context most positions of a dialogue; multimodal.context, which the model was trained with, unless given
 * @throws what `openForGeneration` throws
 */
export async function openSpeaker(options: ModelOptions & { words: WordSources; context?: number }): Promise<Speaker> {
  return speakerOf(await openForGeneration(options, options.words), options.context)
}

/** @param opened which the speaker takes over */
export function speakerOf(opened: OpenedModel, context = opened.config.multimodal.context): Speaker {
  const { config, language, runtime, state, model, layout, rules, pad } = opened
  const { cannotRead, cannotPaint } = inability(opened)
  const generation: GenerationRules = {
    tokens: rules.tokens,
    slots: layout.slots,
    marker: cannotPaint === null ? marker(rules) : null,
    closing: new Set(language.layout.closing()),
    vocabulary: language.vocabulary,
    cells: layout.cells,
    text: language.layout,
  }
  const encoder = pictureEncoder(config, runtime, state, opened, 1)
  const decoder = pictureDecoder(config, runtime, state, layout, opened.codes)
  const decoders = new DecoderShelf(opened, context)
  const scorers = new ProgramShelf((size: BatchSize) => compileLogits(runtime, state, model, size), KEPT_SCORERS)

  function checkPaints(): void {
    if (cannotPaint !== null) throw new SpeakerError(cannotPaint)
  }

  /** Pictures whose codes are given are read by these; only what the encoder says of them is worked out anew. */
  async function tokenized(pictures: readonly ShownPicture[]): Promise<TokenizedPicture[]> {
    if (pictures.length > 0 && cannotRead !== null) throw new SpeakerError(cannotRead)
    const read: TokenizedPicture[] = []
    for (const shown of pictures) {
      const codes = 'codes' in shown ? shown.codes : null
      if (codes) checkCodes(codes)
      if (codes && rules.input !== 'features') read.push({ codes, features: new Float32Array(0) })
      else {
        const pixels = 'pixels' in shown ? shown.pixels : await decoder.decode(shown.codes)
        const [picture] = (await encoder.encode([pixels])) as [TokenizedPicture]
        read.push(codes ? { ...picture, codes } : picture)
      }
    }
    return read
  }

  function checkCodes(codes: ArrayLike<number>): void {
    const whole = layout.cells * layout.slots
    if (codes.length !== whole) throw new RangeError(`${codes.length} codes are no picture; one has ${whole}`)
    for (let at = 0; at < codes.length; at++)
      if (!rules.tokens.allowed(at % layout.slots).includes(rules.tokens.tokenOf(codes[at] as number)))
        throw new RangeError(`code ${codes[at]} is none that place ${at} of a picture can hold`)
  }

  async function promptFor({ before = [], question, pictures = [] }: Question): Promise<Position[]> {
    const places = [...before, { question, answer: '' }].flatMap((turn): PlacedPicture[] => [
      ...placesIn(turn.question, 'read'),
      ...placesIn(turn.answer, 'flattened'),
    ])
    if (places.length !== pictures.length)
      throw new DialogueError(`${places.length} times ${IMAGE} for ${pictures.length} pictures`)
    return promptOf({ before, question, places }, await tokenized(pictures), rules)
  }

  async function requestFor(question: AnswerableQuestion, begun: readonly number[]): Promise<AnswerRequest> {
    const { unconditional, stream } = question
    return {
      prompt: await promptFor(question),
      begun,
      ...(unconditional === undefined ? {} : { unconditional: await promptFor({ question: unconditional }) }),
      ...(stream === undefined ? {} : { stream }),
    }
  }

  async function* speak(requests: readonly AnswerRequest[], options: AnswerOptions): AsyncGenerator<AnswerEvent> {
    const most = MOST_ROWS / rowsOf(1, options.guidance)
    for (let begin = 0; begin < requests.length; begin += most) {
      const part = requests
        .slice(begin, begin + most)
        .map((request, at) => ({ ...request, stream: request.stream ?? begin + at }))
      const events = decoders.lend(rowsOf(part.length, options.guidance), (lent) =>
        answer(lent, part, generation, options),
      )
      for await (const event of events) yield { ...event, sequence: begin + event.sequence }
    }
  }

  async function* paint(requests: readonly PaintingRequest[], options: SpeakingOptions): AsyncGenerator<AnswerEvent> {
    checkPaints()
    const begun = ({ codes = [] }: PaintingRequest) => [
      ...pictureStart(rules),
      ...Array.from(codes, (code) => rules.tokens.tokenOf(code)),
    ]
    const asked: AnswerRequest[] = []
    for (const request of requests) asked.push(await requestFor(request, begun(request)))
    yield* speak(asked, { ...options, until: 'painted' })
  }

  /** Scores the codes of a sequence that are learned. */
  async function scoreSequence(sequence: Sequence, codes: Int32Array, alternatives: number): Promise<CodeScores> {
    const { length } = sequence.positions
    if (length > context)
      throw new RangeError(`a dialogue of ${length} positions does not fit the context of ${context}; shorten it`)
    const size = batchSize([sequence], 1, context)
    const program = await scorers.get(size)
    const logits = floats(await program.run(batchTensors([sequence], opened.shape, size, pad)), 'logits')
    const outputs = logits.length / size.rows
    return scoreCodes(logits.subarray(0, codes.length * outputs), codes, rules, alternatives)
  }

  return {
    config,
    layout,
    context,
    codes: opened.codes,
    ids: opened.ids,
    words: language.tokens,
    resolution: encoder.resolution,
    cannotRead,
    cannotPaint,
    async *converse(requests, options) {
      const asked: AnswerRequest[] = []
      for (const request of requests) asked.push(await requestFor(request, request.begun ?? []))
      yield* speak(asked, { ...options, until: 'closed' })
    },
    paint,
    async score(question, codes, alternatives) {
      checkPaints()
      checkCodes(codes)
      const before: Position[] = [
        ...(await promptFor(question)),
        ...pictureStart(rules).map((token): Position => ({ kind: 'text', token })),
      ]
      return scoreSequence(
        {
          positions: [
            ...before,
            ...Array.from(
              codes,
              (code, at): Position => ({ kind: 'code', code, ...placeOfCode(at, rules.layout.slots) }),
            ),
          ],
          tokens: Int32Array.from([
            ...before.map(() => -1),
            ...Array.from(codes, (code) => rules.tokens.tokenOf(code)),
          ]),
          learned: [...before.map(() => false), ...Array.from(codes, () => true)],
        },
        codes,
        alternatives,
      )
    },
    async decompress(picture, options) {
      checkPaints()
      const [read] = (await tokenized([picture])) as [TokenizedPicture]
      return decompress(read, options, {
        rules,
        score: scoreSequence,
        paint: (request, { sampling, seed }) =>
          speak([{ ...request, begun: pictureStart(rules) }], {
            text: sampling,
            codes: sampling,
            guidance: 1,
            seed,
            alternatives: 0,
            until: 'painted',
          }),
      })
    },
    encode: (pictures) => encoder.encode(pictures),
    decode: (codes) => decoder.decode(codes),
    async dispose() {
      for (const owned of [decoders, scorers, encoder, decoder]) await owned.dispose()
    },
  }
}

function inability({ config, seesPictures }: OpenedModel): Pick<Speaker, 'cannotRead' | 'cannotPaint'> {
  const textOnly = 'it knows text alone, since its run has not gone through Stage II'
  if (!seesPictures)
    return {
      cannotRead: `"${config.name}" cannot be shown a picture: ${textOnly}`,
      cannotPaint: `"${config.name}" cannot paint: ${textOnly}`,
    }
  return {
    cannotRead: null,
    cannotPaint:
      config.multimodal.paradigm === 'visual-encoder'
        ? `"${config.name}" cannot paint: it reads pictures as a visual encoder’s features, which are no tokens that could be written`
        : null,
  }
}

const placesIn = (text: string, form: PlacedPicture['form']): PlacedPicture[] =>
  text
    .split(IMAGE)
    .slice(1)
    .map(() => ({ picture: SHOWN, form }))

/** Pictures of a dialogue with a speaker are given beside it, and referred to by their order alone. */
const SHOWN: PlacedPicture['picture'] = { kind: 'file', path: '' }
