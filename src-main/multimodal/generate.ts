import type { Decoder } from '../language/decoder.ts'
import {
  checkSampling,
  drawToken,
  guide,
  type SamplingSettings,
  tokenDistribution,
  tokenRandom,
} from '../language/sampling.ts'
import type { TextLayout } from '../language/text-layout.ts'
import { TextStream } from '../language/text-stream.ts'
import { type AnswerPart, type AnswerRules, AnswerState } from './answer-state.ts'
import { type CodeChance, codeDistribution, likeliestCodes, probabilityOf } from './code-likelihood.ts'
import { type CellRange, placeOfCode } from './picture-layout.ts'
import type { Position } from './positions.ts'

/** Rules of a model's answers, and what is the same for all of them. */
export interface GenerationRules extends AnswerRules {
  /** Tokens of the text; those behind it are codes alone. */
  vocabulary: number
  /** Cells of a whole picture. */
  cells: number
  text: Pick<TextLayout, 'decode' | 'pad'>
}

/** A prompt to be answered. */
export interface AnswerRequest {
  /** Positions up to where the answer begins (`promptOf`). */
  prompt: readonly Position[]
  /** The same of a prompt that says nothing of the picture: what guidance compares with. */
  unconditional?: readonly Position[]
  /** Tokens that the answer begins with: the marker makes it a picture; codes behind it are kept, and the rest is painted. */
  begun?: readonly number[]
  /** Cells of a picture of this answer, where it is a part of one; all unless given. */
  cells?: CellRange
  /** Names what its tokens are drawn with, besides the seed; its place among the requests unless given. */
  stream?: number | string
}

export interface AnswerOptions {
  text: SamplingSettings
  codes: SamplingSettings
  /** s of u + s (c − u) for codes; 1: none, and no unconditional prompt is read. */
  guidance: number
  seed: number
  /** Likeliest codes that are told with each code. */
  alternatives: number
  /** Most new tokens of an answer's text, beside its pictures; as many as the context has room for unless given. */
  newTokens?: number
  /** closed: the model ends its answer. painted: it ends with its first whole picture. */
  until: 'closed' | 'painted'
  signal?: AbortSignal
}

/** What happens to one answer. Words and codes come as they are drawn. */
export type AnswerEvent = { sequence: number } & (
  | { kind: 'text'; token: number; text: string }
  /** A picture begins; `codes` are those that were given. */
  | { kind: 'picture'; codes: Int32Array }
  | ({ kind: 'code'; at: number; cell: number; slot: number; alternatives: CodeChance[] } & CodeChance)
  | { kind: 'picture-end'; codes: Int32Array }
  /** closed by the model, painted as asked, or full: there was no room for more. `tokens` are all of the answer. */
  | { kind: 'end'; reason: 'closed' | 'painted' | 'full'; tokens: number[] }
)

/** Rows that so many answers take side by side: a guided one goes with its condition and without. */
export const rowsOf = (answers: number, guidance: number): number => (guidance === 1 ? answers : 2 * answers)

/**
 * Answers prompts side by side, token by token, in words, in pictures or in both. A picture is always whole and each of its
 * codes one that its place can hold. The same seed gives the same answer, whatever else is in the batch, and goes on the same
 * way from tokens that it gave before.
 * @param decoder of at least the rows of `rowsOf`
 * @throws RangeError for settings out of range, and for prompts that do not fit; what `signal` is aborted with
 */
export async function* answer(
  decoder: Decoder<Position>,
  requests: readonly AnswerRequest[],
  rules: GenerationRules,
  options: AnswerOptions,
): AsyncGenerator<AnswerEvent> {
  const { guidance, signal } = options
  check(decoder, requests, rules, options)
  const guided = guidance !== 1
  const count = requests.length
  const live = requests.map((request, sequence) => new Answering(request, sequence, rules, options, decoder.context))
  for (const one of live) yield* one.begin()
  const conditional = live.map(({ read }) => read)
  const unconditional = guided
    ? requests.map((request, at) => [...(request.unconditional ?? []), ...begunOf(live, at)])
    : []
  const filling = Array.from({ length: decoder.batch - rowsOf(count, guidance) }, (): Position[] => [
    { kind: 'text', token: rules.text.pad },
  ])
  signal?.throwIfAborted()
  let logits = await decoder.prompt([...conditional, ...unconditional, ...filling])
  for (;;) {
    const row = (at: number) => logits.subarray(at * decoder.vocabulary, (at + 1) * decoder.vocabulary)
    const next = new Array<Position | null>(decoder.batch).fill(null)
    for (const [sequence, one] of live.entries()) {
      if (one.ended) continue
      const painting = one.state.codes !== null
      const own = row(sequence)
      const { position, events } = one.draw(guided && painting ? guide(own, row(count + sequence), guidance) : own)
      yield* events
      if (one.ended) continue
      next[sequence] = position
      if (guided) next[count + sequence] = position
    }
    if (live.every(({ ended }) => ended)) return
    signal?.throwIfAborted()
    logits = await decoder.next(next)
  }
}

const begunOf = (live: readonly Answering[], at: number): readonly Position[] => (live[at] as Answering).begun

/** One answer as it comes. */
class Answering {
  readonly state: AnswerState
  /** Positions of what the answer begins with. */
  readonly begun: Position[] = []
  /** Positions that are read at once: the prompt, and what the answer begins with. */
  readonly read: Position[]
  ended = false
  readonly #sequence: number
  readonly #rules: GenerationRules
  readonly #options: AnswerOptions
  readonly #stream: number | string
  readonly #tokens: number[] = []
  /** Tokens that there is still room for, and those of text that may still come. */
  #room: number
  #textLeft: number
  #words: TextStream

  constructor(
    { prompt, begun = [], cells, stream }: AnswerRequest,
    sequence: number,
    rules: GenerationRules,
    options: AnswerOptions,
    context: number,
  ) {
    this.#sequence = sequence
    this.#rules = rules
    this.#options = options
    this.#stream = stream ?? sequence
    this.#words = new TextStream(rules.text)
    this.state = new AnswerState(rules, cells ?? { from: 0, to: rules.cells })
    for (const token of begun) {
      const { position, parts } = this.state.take(token)
      this.begun.push(position)
      this.#tokens.push(token)
      // They are known, but the text goes on behind them.
      for (const part of parts) this.#events(part)
    }
    this.read = [...prompt, ...this.begun]
    this.#room = context - this.read.length
    this.#textLeft = options.newTokens ?? context
    if (this.#room <= 0 || this.#room < this.state.missing)
      throw new RangeError(
        `a prompt of ${this.read.length} positions and ${Math.max(1, this.state.missing)} new ones do not fit the context of ${context}`,
      )
  }

  *begin(): Generator<AnswerEvent> {
    const { codes } = this.state
    if (codes) yield { sequence: this.#sequence, kind: 'picture', codes: Int32Array.from(codes) }
  }

  /** @param logits [outputs], guided within a picture */
  draw(logits: Float32Array): { position: Position; events: AnswerEvent[] } {
    const { seed, text, codes, alternatives, until } = this.#options
    const random = tokenRandom(seed, this.#stream, this.#tokens.length)
    const allowed = this.state.allowed()
    // Codes with tokens of their own stand behind the words, which alone make up text.
    const token = allowed
      ? drawToken(tokenDistribution(logits, codes, allowed), random)
      : drawToken(tokenDistribution(logits.subarray(0, this.#rules.vocabulary), text), random)
    const { position, parts } = this.state.take(token)
    this.#tokens.push(token)
    this.#room--
    if (!allowed) this.#textLeft--
    const events: AnswerEvent[] = []
    let reason: 'closed' | 'painted' | 'full' | null = null
    for (const part of parts) {
      if (part.kind === 'closed') reason = 'closed'
      else if (part.kind === 'picture' && this.#room < this.state.picture) reason = 'full'
      else if (part.kind === 'code') {
        const distribution = codeDistribution(logits, allowed as Int32Array)
        const probability = probabilityOf(distribution, token)
        const others = likeliestCodes(distribution, alternatives, this.#rules.tokens)
        events.push(this.#codeEvent(part, probability, others))
      } else events.push(...this.#events(part))
      if (part.kind === 'picture-end' && until === 'painted') reason = 'painted'
    }
    if (reason === null && (this.#room === 0 || (this.#textLeft === 0 && !this.state.codes))) {
      events.push(...this.state.held().flatMap((part) => this.#events(part)))
      reason = 'full'
    }
    if (reason !== null) events.push(...this.#end(reason))
    return { position, events }
  }

  #events(part: AnswerPart): AnswerEvent[] {
    const sequence = this.#sequence
    switch (part.kind) {
      case 'word':
        return [{ sequence, kind: 'text', token: part.token, text: this.#words.push(part.token) }]
      case 'picture':
        return [{ sequence, kind: 'picture', codes: new Int32Array(0) }]
      case 'picture-end':
        this.#words = new TextStream(this.#rules.text)
        return [{ sequence, ...part }]
      default:
        return []
    }
  }

  #codeEvent({ code, at }: { code: number; at: number }, probability: number, alternatives: CodeChance[]): AnswerEvent {
    const place = placeOfCode(at, this.#rules.slots)
    return { sequence: this.#sequence, kind: 'code', at, ...place, code, probability, alternatives }
  }

  #end(reason: 'closed' | 'painted' | 'full'): AnswerEvent[] {
    this.ended = true
    return [{ sequence: this.#sequence, kind: 'end', reason, tokens: [...this.#tokens] }]
  }
}

function check(
  { batch }: Decoder<Position>,
  requests: readonly AnswerRequest[],
  { marker }: GenerationRules,
  { text, codes, guidance, alternatives, newTokens, until }: AnswerOptions,
): void {
  checkSampling(text)
  checkSampling(codes)
  if (!(guidance >= 0 && guidance < Number.POSITIVE_INFINITY))
    throw new RangeError(`guidance ${guidance}: give a number from 0 (no condition) over 1 (the condition) upwards`)
  if (!(Number.isInteger(alternatives) && alternatives >= 0))
    throw new RangeError(`${alternatives} alternatives of a code: give a whole number from 0`)
  if (newTokens !== undefined && !(Number.isInteger(newTokens) && newTokens > 0))
    throw new RangeError(`${newTokens} new tokens: give a whole number from 1`)
  if (until === 'painted' && marker === null) throw new RangeError('this model paints no pictures')
  const rows = rowsOf(requests.length, guidance)
  if (requests.length === 0 || rows > batch)
    throw new RangeError(`${requests.length} prompts take ${rows} rows, but the decoder has ${batch}`)
  const lacking = guidance === 1 ? -1 : requests.findIndex(({ unconditional }) => !unconditional?.length)
  if (lacking >= 0)
    throw new RangeError(`prompt ${lacking} has no unconditional one to be guided by; give one, or a guidance of 1`)
}
