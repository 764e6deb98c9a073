import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersFileName, type HeldOutAnswer, heldOutAnswersSchema } from '../../src-shared/held-out-answers.ts'
import { stepsIn } from './checkpoints.ts'
import { runFiles } from './run-directory.ts'

/** Steps at which a run was asked held-out questions, rising. @param directory of the run */
export const answerStepsIn = (directory: string): number[] => stepsIn(runFiles(directory).answers, 'json')

/** What it said there. @throws Error naming the file, if it cannot be read */
export function readAnswers(directory: string, step: number): HeldOutAnswer[] {
  const path = join(runFiles(directory).answers, answersFileName(step))
  try {
    return heldOutAnswersSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** What it said last; null if it was asked nothing. @throws Error naming the file, if it cannot be read */
export function lastAnswers(directory: string): HeldOutAnswer[] | null {
  const last = answerStepsIn(directory).at(-1)
  return last === undefined ? null : readAnswers(directory, last)
}
