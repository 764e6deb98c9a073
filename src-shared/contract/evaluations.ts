import { eventIterator, type } from '@orpc/contract'
import {
  type CodebookEvaluationEvent,
  codebookEvaluationSchema,
  type MeasuredCodebook,
} from '../codebook-evaluation.ts'
import { id, procedure } from './procedure.ts'

export const evaluations = {
  /** What was last measured of a run's codebook; null if nothing was. */
  codebook: procedure.input(id).output(type<MeasuredCodebook | null>()),
  /** Measures it anew, in a process of its own; ends with the figures, which are kept. Whose reader goes stops it. */
  measureCodebook: procedure
    .input(id.extend({ asked: codebookEvaluationSchema }))
    .output(eventIterator(type<CodebookEvaluationEvent>())),
}
