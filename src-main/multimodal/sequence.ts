import type { MultimodalConfig } from '../../src-shared/multimodal.ts'
import { IMAGE, PICTURE, type TextLayout } from '../language/text-layout.ts'
import { type PlacedPicture, placeholders, type VisualDialogue } from './dialogue.ts'
import type { CellRange, CodeTokens, PictureLayout } from './picture-layout.ts'
import type { Position } from './positions.ts'

/** A picture as Stage I's tokenizer gives it. */
export interface TokenizedPicture {
  /** Rows of the codebook's table in token order, [cells · S]. */
  codes: Int32Array
  /** What the encoder gave, [cells, F]; empty where no model reads it. */
  features: Float32Array
}

/** A dialogue as the model of Stage II reads it, position by position. */
export interface Sequence {
  positions: Position[]
  /** The token that each position is, which the position before it predicts; −1 where it is none: a vector that is read. */
  tokens: Int32Array
  /** Of each position, whether the model is to learn it (Eq. 6). */
  learned: boolean[]
}

/** How pictures become positions. */
export interface SequenceRules {
  layout: PictureLayout
  tokens: CodeTokens
  text: TextLayout
  /** What pictures that are asked about are read as. */
  input: MultimodalConfig['input']
  /** Vectors of features that a picture is read as, where they are not those of its cells; null or absent: one a cell. */
  patches?: number | null
}

/** A dialogue that does not fit its pictures; the message says how. */
export class DialogueError extends Error {
  override name = 'DialogueError'
}

/**
 * @param pictures what each of the dialogue's pictures is, in their order
 * @throws DialogueError for more or fewer pictures than places; ChatTemplateError
 */
export function sequenceOf(
  dialogue: Pick<VisualDialogue, 'turns' | 'pictures'>,
  pictures: readonly TokenizedPicture[],
  rules: SequenceRules,
): Sequence {
  const { ids, learned } = rules.text.layOut(dialogue.turns)
  checkPlaces(ids, dialogue)
  return expand({ ids, learned, answers: inAnswers(dialogue.turns) }, dialogue.pictures, pictures, rules)
}

/** The positions up to where an answer begins. @param before turns that came before the question */
export function promptOf(
  { before, question, places }: { before: VisualDialogue['turns']; question: string; places: readonly PlacedPicture[] },
  pictures: readonly TokenizedPicture[],
  rules: SequenceRules,
): Position[] {
  const ids = rules.text.prompt(before, question)
  const turns = [...before, { question, answer: '' }]
  checkPlaces(ids, { turns, pictures: places })
  const laidOut = { ids, learned: ids.map(() => false), answers: inAnswers(turns) }
  return expand(laidOut, places, pictures, rules).positions
}

/** Of each picture of a dialogue, in order, whether it stands in an answer. */
const inAnswers = (turns: VisualDialogue['turns']): boolean[] =>
  turns.flatMap(({ question, answer }) => [
    ...new Array<boolean>(placesIn(question)).fill(false),
    ...new Array<boolean>(placesIn(answer)).fill(true),
  ])

const placesIn = (text: string): number => text.split(IMAGE).length - 1

function checkPlaces(ids: readonly number[], { turns, pictures }: Pick<VisualDialogue, 'turns' | 'pictures'>): void {
  const places = ids.filter((id) => id === PICTURE).length
  if (places === pictures.length) return
  const written = placeholders(turns)
  throw new DialogueError(
    written === pictures.length
      ? `the chat template keeps ${places} of ${written} ${IMAGE} of the dialogue`
      : `${written} times ${IMAGE} for ${pictures.length} pictures`,
  )
}

/** What goes before a picture that the model paints, so that it can begin one: the text of IMAGE as the tokenizer writes it. */
export const marker = ({ text }: Pick<SequenceRules, 'text'>): number[] => text.encode(IMAGE)

/** What an answer that is a picture begins with: what the layout puts before it, if anything ("ASSISTANT: "), and the marker. */
export function pictureStart(rules: Pick<SequenceRules, 'text'>): number[] {
  const question = IMAGE
  const { ids } = rules.text.layOut([{ question, answer: IMAGE }])
  const prompt = rules.text.prompt([], question)
  return [...ids.slice(prompt.length, ids.lastIndexOf(PICTURE)), ...marker(rules)]
}

const formOf = ({ form }: PlacedPicture, input: MultimodalConfig['input']): MultimodalConfig['input'] =>
  form === 'read' ? input : form

const cellsOf = ({ cells }: PlacedPicture, layout: PictureLayout): CellRange => cells ?? { from: 0, to: layout.cells }

interface LaidOut {
  ids: readonly number[]
  learned: readonly boolean[]
  /** Of each picture, whether it stands in an answer. */
  answers: readonly boolean[]
}

function expand(
  { ids, learned, answers }: LaidOut,
  places: readonly PlacedPicture[],
  pictures: readonly TokenizedPicture[],
  rules: SequenceRules,
): Sequence {
  const sequence: { positions: Position[]; tokens: number[]; learned: boolean[] } = {
    positions: [],
    tokens: [],
    learned: [],
  }
  const add = (position: Position, token: number, learn: boolean) => {
    sequence.positions.push(position)
    sequence.tokens.push(token)
    sequence.learned.push(learn)
  }
  let picture = 0
  for (const [at, id] of ids.entries()) {
    const learn = learned[at] as boolean
    if (id !== PICTURE) {
      add({ kind: 'text', token: id }, id, learn)
      continue
    }
    const placed = places[picture] as PlacedPicture
    const shown = pictures[picture] as TokenizedPicture
    addPicture(placed, shown, { learn, answer: answers[picture] as boolean }, rules, add)
    picture++
  }
  return { ...sequence, tokens: Int32Array.from(sequence.tokens) }
}

function addPicture(
  placed: PlacedPicture,
  { codes, features }: TokenizedPicture,
  { learn, answer }: { learn: boolean; answer: boolean },
  rules: SequenceRules,
  add: (position: Position, token: number, learn: boolean) => void,
): void {
  const { layout, tokens } = rules
  const { slots, cells } = layout
  const { from, to } = cellsOf(placed, layout)
  const form = formOf(placed, rules.input)
  if (answer && form !== 'flattened') throw new DialogueError(`an answer shows a picture as ${form}, which is no token`)
  if (answer) for (const token of marker(rules)) add({ kind: 'text', token }, token, learn)
  if (form === 'features') {
    const patches = rules.patches ?? cells
    const width = features.length / patches
    for (let at = rules.patches ? 0 : from; at < (rules.patches ?? to); at++)
      add({ kind: 'features', features: features.subarray(at * width, (at + 1) * width), cell: at }, -1, false)
    return
  }
  for (let cell = from; cell < to; cell++) {
    const own = codes.subarray(cell * slots, (cell + 1) * slots)
    if (form === 'flattened')
      for (const [slot, code] of own.entries()) add({ kind: 'code', code, cell, slot }, tokens.tokenOf(code), learn)
    else add({ kind: 'cell', codes: own, cell }, -1, false)
  }
}

/** Why a sequence teaches nothing, or null. @param context most positions */
export function problemOf({ positions, learned }: Sequence, context: number): string | null {
  if (!learned.includes(true)) return 'has no answer token to learn'
  if (positions.length <= context) return null
  return learned.slice(0, context).includes(true)
    ? `is longer than the context of ${context} positions`
    : `has no answer token within the context of ${context} positions`
}
