import { z } from 'zod'
import {
  type AskedOfModel,
  askedOfModel,
  type CodeLikelihoods,
  type Decompression,
  type DialogueCheck,
  type ModelAbilities,
  type ShownDialogue,
  type SpeechEvent,
} from '../../../src-shared/contract/multimodal.ts'
import { multimodalSchema, taskNames } from '../../../src-shared/multimodal.ts'

/**
 * What the process of a model can be asked: the window's requests (contract/multimodal.ts), with files as bytes. Requests
 * are checked by the process, answers by the app.
 */

/** A safetensors file. */
const file = z.instanceof(Uint8Array) as z.ZodType<Uint8Array<ArrayBuffer>>
const { paradigm, input } = multimodalSchema.shape
const count = z.int().min(0)
const task = z.enum(taskNames)
const numbers = z.array(z.number())
const codes = z.array(z.array(count))

const abilities: z.ZodType<ModelAbilities> = z.object({
  step: count,
  paradigm: paradigm.unwrap(),
  input: input.unwrap(),
  cannotRead: z.string().nullable(),
  cannotPaint: z.string().nullable(),
  resolution: count,
  sides: numbers,
  context: count,
  tasks: z.array(task),
  unconditionalRequest: z.string(),
  prior: z.object({ classes: z.array(z.string()), guides: z.boolean() }).nullable(),
})

const shownDialogue: z.ZodType<ShownDialogue> = z.object({
  task,
  source: z.string(),
  turns: z.array(z.object({ question: z.string(), answer: z.string() })),
  positions: z.array(
    z.object({
      kind: z.enum(['text', 'code', 'cell', 'features']),
      token: z.int(),
      text: z.string(),
      learned: z.boolean(),
      layer: z.int(),
      cell: z.int(),
    }),
  ),
  pictures: z.array(count),
  problem: z.string().nullable(),
})

const found = { count, first: z.array(z.string()) }
const dialogueCheck: z.ZodType<DialogueCheck> = z.object({
  task,
  side: z.enum(['training', 'heldOut']),
  looked: count,
  count,
  problems: z.array(z.object({ problem: z.string(), ...found })),
})

const weighed = { code: z.int(), probability: z.number() }
const speechEvent: z.ZodType<SpeechEvent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), answer: count, text: z.string() }),
  z.object({ kind: z.literal('picture'), answer: count }),
  z.object({
    kind: z.literal('code'),
    answer: count,
    at: count,
    ...weighed,
    alternatives: z.array(z.object(weighed)),
  }),
  z.object({ kind: z.literal('painted'), answer: count, codes }),
  z.object({ kind: z.literal('end'), answer: count, reason: z.enum(['closed', 'full']), seconds: z.number() }),
])

const likelihoods: z.ZodType<CodeLikelihoods> = z.object({ nll: numbers, probability: numbers, best: numbers })

/** As the window gets it, with its file as bytes. */
export type DecompressionBytes = Omit<Decompression, 'file'> & { file: Uint8Array<ArrayBuffer> }
const decompression: z.ZodType<DecompressionBytes> = z.object({
  truth: codes,
  teacherForced: codes,
  freeRunning: codes,
  likelihoods,
  teacherForcedRight: numbers,
  freeRunningRight: numbers,
  file,
})

/** What a procedure answers at its end; `say` gives SpeechEvents before it, as they come. */
export const answersOfModel = {
  abilities,
  dialogues: z.object({ total: count, dialogues: z.array(shownDialogue), codes: z.array(codes), file }),
  checkDialogues: z.object({
    checks: z.array(dialogueCheck),
    skipped: z.array(z.object({ reason: z.string(), ...found })),
  }),
  pictures: z.object({
    total: count,
    pictures: z.array(z.object({ picture: count, caption: z.string(), label: z.string() })),
    file,
  }),
  say: z.null(),
  score: likelihoods,
  encode: z.object({ codes }),
  /** Its codes, and safetensors U8 `picture` [S, S, 3]: what the model sees of it. */
  encodeFile: z.object({ codes, file }),
  decode: file,
  decompress: decompression,
} satisfies Record<keyof AskedOfModel, z.ZodType>

/** What comes before the end of an answer; nothing but for these. */
export const partsOfAnswers = { say: speechEvent }

export type ModelProcedure = keyof AskedOfModel
export type AnswerOfModel<Name extends ModelProcedure> = z.infer<(typeof answersOfModel)[Name]>

/** What runs in the process: a function for each procedure. */
export type ModelHandlers = {
  [Name in ModelProcedure]: (
    asked: AskedOfModel[Name],
    how: { signal: AbortSignal; part: (value: SpeechEvent) => void },
  ) => Promise<AnswerOfModel<Name>>
}

export const isModelProcedure = (name: string): name is ModelProcedure => Object.hasOwn(askedOfModel, name)
