import { GREEDY, type SamplingSettings } from '../../language/sampling.ts'
import { IMAGE } from '../../language/text-layout.ts'
import { agreementByLayer, type CodeScores } from '../../multimodal/code-likelihood.ts'
import type { PlacedPicture } from '../../multimodal/dialogue.ts'
import type { AnswerEvent, AnswerRequest } from '../../multimodal/generate.ts'
import {
  promptOf,
  type Sequence,
  type SequenceRules,
  sequenceOf,
  type TokenizedPicture,
} from '../../multimodal/sequence.ts'

export interface DecompressionOptions {
  /** Turns that the picture is cut into (Eq. 5). */
  segments: number
  /** What each turn asks, with IMAGE for the segment's aggregated vectors; IMAGE alone unless given. */
  question?: string
  /** How codes are drawn that the model goes on by itself; the likeliest unless given. */
  sampling?: SamplingSettings
  seed?: number
  /** Likeliest codes of each place. */
  alternatives: number
}

/** One picture out of its aggregated vectors, in two ways; codes in token order. */
export interface Decompression {
  codes: Int32Array
  /** Each code predicted from the right ones before it. */
  forced: CodeScores
  /** All codes predicted from those that the model gave before. */
  free: Int32Array
  /** Share of them that are right, by layer. */
  freeRight: number[]
}

/** What decompression is done with. */
export interface DecompressionParts {
  rules: SequenceRules
  /** Scores the codes of a sequence that are learned. */
  score(sequence: Sequence, codes: Int32Array, alternatives: number): Promise<CodeScores>
  /** Answers with a picture of some cells. */
  paint(request: AnswerRequest, how: { sampling: SamplingSettings; seed: number }): AsyncGenerator<AnswerEvent>
}

/**
 * In-context decompression (Eq. 4 and 5): aggregated vectors in, flattened codes out, a segment a turn.
 * @throws RangeError for more segments than cells, and for a picture that does not fit the context
 */
export async function decompress(
  picture: TokenizedPicture,
  { segments, question = IMAGE, sampling = GREEDY, seed = 0, alternatives }: DecompressionOptions,
  { rules, score, paint }: DecompressionParts,
): Promise<Decompression> {
  const { layout } = rules
  const { cells, slots } = layout
  if (!(Number.isInteger(segments) && segments >= 1 && segments <= cells))
    throw new RangeError(`${segments} segments of a picture of ${cells} cells; give a whole number from 1 to ${cells}`)
  const border = (segment: number) => Math.floor((segment * cells) / segments)
  const parts = Array.from({ length: segments }, (_, segment) => ({ from: border(segment), to: border(segment + 1) }))
  const turns = parts.map(() => ({ question, answer: IMAGE }))
  const places = parts.flatMap((part) => [placed('aggregated', part), placed('flattened', part)])
  const sequence = sequenceOf(
    { turns, pictures: places },
    places.map(() => picture),
    rules,
  )
  const learned = sequence.learned.map((learn, at) => learn && sequence.positions[at]?.kind === 'code')
  const forced = await score({ ...sequence, learned }, picture.codes, alternatives)

  const free = new Int32Array(cells * slots)
  const own: TokenizedPicture = { ...picture, codes: free }
  for (const [segment, { from, to }] of parts.entries()) {
    const seen = places.slice(0, 2 * segment + 1)
    const prompt = promptOf(
      { before: turns.slice(0, segment), question, places: seen },
      seen.map(({ form }) => (form === 'flattened' ? own : picture)),
      rules,
    )
    const events = paint({ prompt, cells: { from, to }, stream: segment }, { sampling, seed })
    for await (const event of events) if (event.kind === 'picture-end') free.set(event.codes, from * slots)
  }
  return { codes: picture.codes, forced, free, freeRight: agreementByLayer(free, picture.codes, layout) }
}

const placed = (form: PlacedPicture['form'], cells: { from: number; to: number }): PlacedPicture => ({
  picture: { kind: 'file', path: '' },
  form,
  cells,
})
