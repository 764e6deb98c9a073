import { z } from 'zod'
import { taskNames } from './multimodal.ts'

/** What a model said to one question of a held-out dialogue; an answers file (answers/step-<8 digits>.json) is a list of these. */
export const heldOutAnswerSchema = z.strictObject({
  task: z.enum(taskNames),
  /** Place of the dialogue in the held-out side of its task, and of the question in the dialogue, both from 0. */
  place: z.int().min(0),
  turn: z.int().min(0),
  question: z.string(),
  /** The right one. */
  answer: z.string(),
  /** The likeliest tokens, each given the right ones before it: up to the first wrong one what greedy decoding writes. */
  said: z.string(),
  right: z.boolean(),
  /** Whether the same was right without a look at the picture. */
  blind: z.boolean(),
})
export type HeldOutAnswer = z.infer<typeof heldOutAnswerSchema>
export const heldOutAnswersSchema = z.array(heldOutAnswerSchema)

export const answersFileName = (step: number): string => `step-${String(step).padStart(8, '0')}.json`
