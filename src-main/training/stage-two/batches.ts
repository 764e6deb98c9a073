import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TaskName } from '../../../src-shared/multimodal.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import { IGNORED_LABEL } from '../../engine/operations/softmax-cross-entropy.ts'
import { type HostTensor, int32 } from '../../engine/runtimes/runtime.ts'
import type { VisualDialogue, VisualDialogueSet } from '../../multimodal/dialogue.ts'
import { type DialogueProblem, learnable } from '../../multimodal/dialogue-problem.ts'
import { type PositionShape, positionTensors } from '../../multimodal/positions.ts'
import type { Sequence } from '../../multimodal/sequence.ts'
import type { BatchSize } from './programs.ts'

/** A dialogue with its sequence. */
export interface LaidOutDialogue {
  dialogue: VisualDialogue
  sequence: Sequence
}

/** Places that an endless set is drawn from. */
const ENDLESS = 2 ** 31

/** Draws of one dialogue before it is given up: of a task whose dialogues nearly all have problems nothing can be learned. */
const MOST_REDRAWN = 1000

/**
 * Lengths are rounded up to multiples of this, and there is room to learn from all positions, from half, a quarter or an
 * eighth: so few programs serve all. One of SmolLM2 takes some seconds to make, as long as two steps.
 */
const LENGTH_STEP = 32
const SMALLEST_PART = 8

/**
 * The dialogues that Stage II learns from, in the order in which it does: tasks by their weights, dialogues of a task at
 * random, sequences of like length together within windows of `lengthGrouping` batches. What a step gets is a function of
 * the seed and its number alone, so that a resumed run goes on with the same.
 */
export class DialogueDraw {
  readonly #config: ExperimentConfig
  readonly #sets: ReadonlyMap<TaskName, VisualDialogueSet>
  readonly #layOut: (dialogue: VisualDialogue) => Promise<Sequence>
  readonly #problem: (dialogue: VisualDialogue, problem: DialogueProblem) => void
  readonly #tasks: { task: TaskName; below: number }[]
  #window: { number: number; batches: LaidOutDialogue[][] } | null = null

  /**
   * @param sets of the tasks that are learned
   * @param onProblem told of each dialogue that is drawn and cannot be learned from; another is drawn instead
   */
  constructor(
    config: ExperimentConfig,
    sets: ReadonlyMap<TaskName, VisualDialogueSet>,
    layOut: (dialogue: VisualDialogue) => Promise<Sequence>,
    onProblem: (dialogue: VisualDialogue, problem: DialogueProblem) => void,
  ) {
    this.#config = config
    this.#sets = sets
    this.#layOut = layOut
    this.#problem = onProblem
    let sum = 0
    this.#tasks = [...sets].map(([task, { count }]) => {
      sum += count > 0 ? config.multimodal.tasks[task] : 0
      return { task, below: sum }
    })
    if (sum === 0)
      throw new Error('no task of Stage II has dialogues and a weight above 0; set one of multimodal.tasks')
  }

  /** The dialogues of a batch (from 0). */
  async batch(number: number): Promise<LaidOutDialogue[]> {
    const { lengthGrouping } = this.#config.multimodal
    const window = Math.floor(number / lengthGrouping)
    if (this.#window?.number !== window) this.#window = { number: window, batches: await this.#draw(window) }
    return this.#window.batches[number % lengthGrouping] as LaidOutDialogue[]
  }

  async #draw(window: number): Promise<LaidOutDialogue[][]> {
    const { lengthGrouping, batchSize: size } = this.#config.multimodal
    const first = window * lengthGrouping * size
    const drawn: LaidOutDialogue[] = []
    for (let at = 0; at < lengthGrouping * size; at++) drawn.push(await this.#one(first + at))
    drawn.sort((a, b) => orderOf(a.sequence) - orderOf(b.sequence))
    const batches = Array.from({ length: lengthGrouping }, (_, batch) => drawn.slice(batch * size, (batch + 1) * size))
    // Shuffled, since losses of short sequences would otherwise always come first, and what one task teaches would be
    // forgotten over a stretch of another.
    return shuffle(batches, createRandom(this.#config.seed, 'window', window))
  }

  async #one(number: number): Promise<LaidOutDialogue> {
    const random = createRandom(this.#config.seed, 'dialogue', number)
    let last = ''
    for (let tried = 0; tried < MOST_REDRAWN; tried++) {
      const chosen = random.uniform() * (this.#tasks.at(-1)?.below as number)
      const { task } = this.#tasks.find(({ below }) => chosen < below) as { task: TaskName }
      const set = this.#sets.get(task) as VisualDialogueSet
      const [dialogue] = (await set.read([random.int(set.endless ? ENDLESS : set.count)])) as [VisualDialogue]
      const found = await learnable(() => this.#layOut(dialogue), this.#config.multimodal.context)
      if ('sequence' in found) return { dialogue, sequence: found.sequence }
      last = `${task}, ${dialogue.source} ${found.problem}${found.detail}`
      this.#problem(dialogue, found)
    }
    throw new Error(
      `${MOST_REDRAWN} dialogues in a row cannot be learned from; the last (${last}); raise multimodal.context (${this.#config.multimodal.context}), or take the task out`,
    )
  }
}

/**
 * Where a sequence stands among those of a window: by its length, and those that are mostly answer apart. The loss is a mean
 * over tokens, and the codes of one picture would outweigh the words of all answers beside it.
 */
function orderOf(sequence: Sequence): number {
  const { length } = sequence.positions
  return learnedPlaces(sequence).length * MOSTLY > length ? length + LONGEST : length
}

/** One position in so many, and more: a sequence is mostly answer. */
const MOSTLY = 4
const LONGEST = 1e9

/** Size that a batch of sequences is compiled for. */
export function batchSize(sequences: readonly Sequence[], batch: number, context: number): BatchSize {
  const longest = Math.max(...sequences.map(({ positions }) => positions.length))
  const length = Math.min(context, Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP)
  const learned = sequences.reduce((sum, sequence) => sum + learnedPlaces(sequence).length, 0)
  const all = batch * length
  let rows = all
  while (rows % 2 === 0 && rows / 2 >= learned && rows / 2 >= all / SMALLEST_PART) rows /= 2
  return { batch, length, rows }
}

/** Positions that a position before them predicts, and that are learned. */
const learnedPlaces = ({ learned }: Sequence): number[] => learned.flatMap((learn, at) => (learn && at > 0 ? [at] : []))

/** The tensors of a batch: the sequences, and what the positions before the learned ones are to predict. */
export function batchTensors(
  sequences: readonly Sequence[],
  shape: PositionShape,
  size: BatchSize,
  pad: number,
): Record<string, HostTensor> {
  const rows = new Int32Array(size.rows)
  const labels = new Int32Array(size.rows).fill(IGNORED_LABEL)
  let count = 0
  for (const [row, sequence] of sequences.entries())
    for (const at of learnedPlaces(sequence)) {
      rows[count] = row * size.length + at - 1
      labels[count++] = sequence.tokens[at] as number
    }
  return {
    ...positionTensors(
      sequences.map(({ positions }) => positions),
      shape,
      size,
      pad,
    ),
    rows: int32(rows, [size.rows]),
    labels: int32(labels, [size.rows]),
  }
}

/** Lengths of the answers of a sequence: of the stretches that are learned. */
export function answerLengths(sequence: Sequence): number[] {
  const lengths: number[] = []
  let before = -1
  for (const at of learnedPlaces(sequence)) {
    if (lengths.length > 0 && at === before + 1) lengths.push((lengths.pop() as number) + 1)
    else lengths.push(1)
    before = at
  }
  return lengths
}
