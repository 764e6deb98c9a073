import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'
import { type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import { floats, ints } from '../../engine/runtimes/runtime.ts'
import type { Position } from '../../multimodal/positions.ts'
import type { Sequence } from '../../multimodal/sequence.ts'
import { answerLengths, batchSize, batchTensors } from './batches.ts'
import type { HeldOutDialogue, StageTwoRun } from './run.ts'

/** Tasks whose answers are words. */
const ANSWERED: readonly TaskName[] = taskNames.filter((task) => task !== 'paint' && task !== 'decompression')

/** What a model says to one dialogue's answers. */
export interface Judgement {
  /** Negative log-likelihood of each answer token, in nats. */
  nll: Float32Array
  /** Of each answer token, whether it was the likeliest one. */
  right: boolean[]
  /** Of each answer, the likeliest tokens, and whether all of them were right. */
  answers: { tokens: number[]; right: boolean }[]
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
        const tokens = [...best.subarray(at - length, at)]
        return { tokens, right: tokens.every((token, place) => token === labels[at - length + place]) }
      })
      judgements.push({
        nll: nll.slice(begin, at),
        right: Array.from({ length: at - begin }, (_, place) => best[begin + place] === labels[begin + place]),
        answers,
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
export async function evaluateTasks(
  run: StageTwoRun,
  last: boolean,
): Promise<{ metrics: Record<string, number>; answers: HeldOutAnswer[] }> {
  const metrics: Record<string, number> = {}
  const answers: HeldOutAnswer[] = []
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
    const unseen = await judge(run, sequences.map(blinded))
    const given = dialogues.flatMap((dialogue, at) =>
      answersOf(run, dialogue, seen[at] as Judgement, unseen[at] as Judgement),
    )
    answers.push(...given)
    metrics[`task.${task}.right`] = share(given.map(({ right }) => right))
    metrics[`task.${task}.blind`] = share(given.map(({ blind }) => blind))
    metrics[`task.${task}.majority`] = majority(given.map(({ answer }) => answer))
  }
  return { metrics, answers }
}

const answersOf = (
  { rules, language }: Pick<StageTwoRun, 'rules' | 'language'>,
  { task, place, turns }: HeldOutDialogue,
  seen: Judgement,
  unseen: Judgement,
): HeldOutAnswer[] =>
  turns.map(({ question, answer }, turn) => {
    const { tokens, right } = seen.answers[turn] as Judgement['answers'][number]
    // Codes that have rows of their own lie behind the vocabulary, and are no words.
    const said = rules.text.decode(tokens.filter((token) => token < language.vocabulary)).trim()
    return { task, place, turn, question, answer, said, right, blind: unseen.answers[turn]?.right ?? false }
  })

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
function majority(answers: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  return Math.max(...counts.values()) / answers.length
}
