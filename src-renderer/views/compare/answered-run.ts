import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'

/** A run with what it said at its last evaluation. */
export interface AnsweredRunDetail {
  run: RunDetail
  answers: readonly HeldOutAnswer[]
}
