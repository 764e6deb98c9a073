import { z } from 'zod'
import { modelErrorCodes } from './model-error.ts'

/** What the app sends to a process that runs a model. Both ends check what they receive. */
export const requestMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), id: z.int(), name: z.string(), input: z.unknown() }),
  /** Nobody waits for that request any more. */
  z.strictObject({ kind: z.literal('cancel'), id: z.int() }),
])
export type RequestMessage = z.infer<typeof requestMessageSchema>

/** What it answers: any number of parts, then an end or an error. */
export const answerMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('part'), id: z.int(), value: z.unknown() }),
  z.strictObject({ kind: z.literal('end'), id: z.int(), value: z.unknown() }),
  z.strictObject({
    kind: z.literal('error'),
    id: z.int(),
    /** null: nobody expected it. */
    code: z.enum(modelErrorCodes).nullable(),
    message: z.string(),
    hint: z.string(),
  }),
])
export type AnswerMessage = z.infer<typeof answerMessageSchema>
