import { type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import { floats, ints } from '../../engine/runtimes/runtime.ts'
import type { VisualDialogue } from '../../multimodal/dialogue.ts'
import type { Position } from '../../multimodal/positions.ts'
import type { Sequence } from '../../multimodal/sequence.ts'
import { answerLengths, batchSize, batchTensors } from './batches.ts'
import type { StageTwoRun } from './run.ts'

/** Tasks whose answers are words. */
const ANSWERED: readonly TaskName[] = taskNames.filter((task) => task !== 'paint' && task !== 'decompression')

/** What a model says to one dialogue's answers. */
export interface Judgement {
  /** Negative log-likelihood of each answer token, in nats. */
  nll: Float32Array
  /** Of each answer token, whether it was the likeliest one. */
  right: boolean[]
  /** Of each answer, whether all of its tokens were. */
  answers: boolean[]
}

/** Judges dialogues, a batch at a time. */
export async function judge(
  run: Pick<StageTwoRun, 'config' | 'pad' | 'judges' | 'shape'>,
  sequences: readonly Sequence[],
): Promise<Judgement[]> {
  const { config, pad } = run
  const { batchSize: batch, context } = config.multimodal
  const judgements: Judgement[] = []
  for (let begin = 0; begin < sequences.length; begin += batch) {
    const part = sequences.slice(begin, begin + batch)
    const size = batchSize(part, batch, context)
    const program = await run.judges.get(size)
    const tensors = batchTensors(part, run.shape, size, pad)
    const out = await program.run(tensors)
    const [nll, best, labels] = [floats(out, 'nll'), ints(out, 'best'), tensors.labels?.data as Int32Array]
    let at = 0
    for (const lengths of part.map(answerLengths)) {
      const begin = at
      const answers = lengths.map((length) => {
        at += length
        return Array.from({ length }, (_, place) => best[at - length + place] === labels[at - length + place])
      })
      judgements.push({
        nll: nll.slice(begin, at),
        right: answers.flat(),
        answers: answers.map((tokens) => tokens.every(Boolean)),
      })
    }
  }
  return judgements
}

/**
 * Loss and share of right answers of each task on held-out dialogues. An answer is right if every token of it is the
 * likeliest one: then greedy decoding writes it exactly so. Beside them, of tasks that are answered in words, what comes of
 * it without a look at the picture, and what of always giving the commonest answer.
 * @param last whether training ends here: then of all held-out dialogues that are evaluated
 */
export async function evaluateTasks(run: StageTwoRun, last: boolean): Promise<Record<string, number>> {
  const metrics: Record<string, number> = {}
  for (const [task, all] of run.heldOut) {
    const dialogues = all.slice(0, last ? undefined : run.config.multimodal.evaluateDialogues)
    const sequences: Sequence[] = []
    for (const dialogue of dialogues) sequences.push(await run.layOut(dialogue))
    const seen = await judge(run, sequences)
    metrics[`task.${task}.loss`] = meanLoss(seen)
    if (!ANSWERED.includes(task)) {
      metrics[`task.${task}.codes`] = share(seen.flatMap(({ right }) => right))
      continue
    }
    metrics[`task.${task}.right`] = share(seen.flatMap(({ answers }) => answers))
    metrics[`task.${task}.blind`] = share((await judge(run, sequences.map(blinded))).flatMap(({ answers }) => answers))
    metrics[`task.${task}.majority`] = majority(dialogues)
  }
  return metrics
}

const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length

/** Mean over all answer tokens of all dialogues. */
function meanLoss(judgements: readonly Judgement[]): number {
  let [sum, count] = [0, 0]
  for (const { nll } of judgements)
    for (const each of nll) {
      sum += each
      count++
    }
  return sum / count
}

/** The same sequence with nothing where a picture is read. */
export const blinded = (sequence: Sequence): Sequence => ({
  ...sequence,
  positions: sequence.positions.map((position, at) => (sequence.learned[at] ? position : emptied(position))),
})

const emptied = (position: Position): Position => (position.kind === 'text' ? position : { kind: 'nothing' })

/** Share of the answers that the commonest of them would get. */
function majority(dialogues: readonly VisualDialogue[]): number {
  const counts = new Map<string, number>()
  const answers = dialogues.flatMap(({ turns }) => turns.map(({ answer }) => answer))
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  return Math.max(...counts.values()) / answers.length
}
