import { eventIterator, type } from '@orpc/contract'
import { z } from 'zod'
import { type MultimodalConfig, type TaskName, taskNames } from '../multimodal.ts'
import { id, procedure } from './procedure.ts'

/** What the model of a run's newest checkpoint can do. */
export interface ModelAbilities {
  /** Step of the checkpoint. */
  step: number
  paradigm: MultimodalConfig['paradigm']
  input: MultimodalConfig['input']
  /** Why it cannot read pictures, or cannot paint them, in a sentence; null if it can. */
  cannotRead: string | null
  cannotPaint: string | null
  /** Side of the pictures in pixels, and of their code maps, coarse first. */
  resolution: number
  sides: number[]
  /** Tokens of text and picture together. */
  context: number
  /** Tasks that it learned. */
  tasks: TaskName[]
  /** A request that says nothing of the picture, which guidance compares with. */
  unconditionalRequest: string
  /**
   * Null: a language model, which is asked in words. Else a prior, which is asked for a picture of a class: the question is
   * the class's name, or '' for a picture of none.
   */
  prior: {
    classes: string[]
    /** Whether it was taught without classes as well, which guidance compares with. */
    guides: boolean
  } | null
}

/** One position of a sequence, for the label-mask viewer. */
export interface ShownPosition {
  kind: 'text' | 'code' | 'cell' | 'features'
  /** Token id: of a text, or of a code; −1 for a vector that is no token. */
  token: number
  /** As people read it. */
  text: string
  /** Whether the model learns it. */
  learned: boolean
  /** Layer of a code; −1 for others. */
  layer: number
  /** Cell of the coarsest map; −1 for text. */
  cell: number
}

export interface ShownDialogue {
  task: TaskName
  source: string
  turns: { question: string; answer: string }[]
  positions: ShownPosition[]
  /** Its pictures in order, by their places in the file that comes along; one that stands in it twice has one place. */
  pictures: number[]
  /** Why nothing, or not all of it, is learned; null if all is well. */
  problem: string | null
}

/** What a check of all dialogues found, by task and side. */
export interface DialogueCheck {
  task: TaskName
  side: 'training' | 'heldOut'
  looked: number
  count: number
  /** Dialogues with a problem: how many, and the first of each kind. */
  problems: { problem: string; count: number; first: string[] }[]
}

/** A picture of a prompt: one of the run's pictures by its index, or codes of each layer, which may have been edited. */
export const askedPictureSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('picture'), picture: z.int().min(0) }),
  z.object({
    kind: z.literal('codes'),
    codes: z
      .array(z.array(z.int().min(0)).max(65_536))
      .min(1)
      .max(16),
  }),
])
export type AskedPicture = z.infer<typeof askedPictureSchema>

const text = z.string().max(8000)

/** A conversation up to its last question. */
export const promptSchema = z.object({
  before: z.array(z.object({ question: text, answer: text })).max(32),
  question: text,
  /** One for each <image> of the texts, in their order. */
  pictures: z.array(askedPictureSchema).max(32),
})
export type Prompt = z.infer<typeof promptSchema>

const samplingSchema = z.object({
  /** 0: always the likeliest. */
  temperature: z.number().min(0).max(10),
  topK: z.int().min(1).nullable(),
  topP: z.number().gt(0).max(1).nullable(),
})

export const speechSettingsSchema = z.object({
  text: samplingSchema,
  codes: samplingSchema,
  /** Scale of classifier-free guidance on codes; 1: none. */
  guidance: z.number().min(0).max(30),
  seed: z.int().min(0),
  /** Most new tokens of an answer's text. */
  newTokens: z.int().min(1).max(2048),
})
export type SpeechSettings = z.infer<typeof speechSettingsSchema>

/** What comes while a model answers, of several answers side by side. */
export type SpeechEvent =
  | { kind: 'text'; answer: number; text: string }
  /** A picture begins. */
  | { kind: 'picture'; answer: number }
  /** One of its codes, in token order: its token id, and the likeliest ones at its place with their probabilities. */
  | {
      kind: 'code'
      answer: number
      /** Place in the token order of the picture. */
      at: number
      code: number
      probability: number
      alternatives: { code: number; probability: number }[]
    }
  /** A picture is whole: codes of each layer, row by row. */
  | { kind: 'painted'; answer: number; codes: number[][] }
  /** closed: it ended its answer. full: newTokens or the context were used up. */
  | { kind: 'end'; answer: number; reason: 'closed' | 'full'; seconds: number }

/** How likely a model finds given codes, in token order. */
export interface CodeLikelihoods {
  /** Nats. */
  nll: number[]
  probability: number[]
  /** The likeliest code at each place. */
  best: number[]
}

/** Decompression of one picture. */
export interface Decompression {
  /** Codes of each layer: what the tokenizer gives, and what the model writes from the aggregated vectors alone. */
  truth: number[][]
  /** The likeliest codes, each given the true ones before it; and each given the model's own. */
  teacherForced: number[][]
  freeRunning: number[][]
  likelihoods: CodeLikelihoods
  /** Share of right codes, layer by layer. */
  teacherForcedRight: number[]
  freeRunningRight: number[]
  /** safetensors U8 [S, S, 3]: `input`, `truth`, `teacherForced`, `freeRunning`. */
  file: Blob
}

const side = z.enum(['training', 'heldOut'])
const codes = z
  .array(z.array(z.int().min(0)).max(65_536))
  .min(1)
  .max(16)

/** What is asked of a run's model, beside which run: checked where the window is answered, and where the model runs. */
export const askedOfModel = {
  abilities: z.object({}),
  dialogues: z.object({ task: z.enum(taskNames), side, from: z.int().min(0), count: z.int().min(1).max(50) }),
  checkDialogues: z.object({ most: z.int().min(1).max(100_000) }),
  pictures: z.object({
    side,
    from: z.int().min(0),
    count: z.int().min(1).max(100),
    search: z.string().max(100),
  }),
  say: z.object({
    prompt: promptSchema,
    settings: speechSettingsSchema,
    /** Answers side by side, each with its own random numbers. */
    answers: z.int().min(1).max(16),
    /** The answer is a picture: of these first codes, in token order, and what the model adds. */
    paint: z.object({ first: z.array(z.int().min(0)).max(65_536) }).nullable(),
  }),
  score: z.object({ prompt: promptSchema, codes }),
  encode: z.object({ picture: z.int().min(0) }),
  /** A picture file of anyone’s; asked by the app alone. */
  encodeFile: z.object({ file: z.instanceof(Uint8Array) }),
  decode: z.object({ codes }),
  decompress: z.object({ picture: z.int().min(0) }),
}
export type AskedOfModel = { [Name in keyof typeof askedOfModel]: z.infer<(typeof askedOfModel)[Name]> }

export const multimodal = {
  abilities: procedure.input(id).output(type<ModelAbilities>()),
  /** Dialogues as the model reads them, and safetensors U8 `pictures` [N, S, S, 3]. */
  dialogues: procedure
    .input(id.extend(askedOfModel.dialogues.shape))
    .output(type<{ total: number; dialogues: ShownDialogue[]; codes: number[][][]; file: Blob }>()),
  /** Looks through at most `most` dialogues of each task for ones that teach nothing. */
  checkDialogues: procedure
    .input(id.extend(askedOfModel.checkDialogues.shape))
    .output(type<{ checks: DialogueCheck[]; skipped: { reason: string; count: number; first: string[] }[] }>()),
  /** Pictures of the run: captions, and safetensors U8 `pictures` [N, S, S, 3]. */
  pictures: procedure
    .input(id.extend(askedOfModel.pictures.shape))
    .output(type<{ total: number; pictures: { picture: number; caption: string; label: string }[]; file: Blob }>()),
  /** Answers to a prompt; ends early when the reader goes. */
  say: procedure.input(id.extend(askedOfModel.say.shape)).output(eventIterator(type<SpeechEvent>())),
  /** How likely the model finds given codes as the answer to a prompt. */
  score: procedure.input(id.extend(askedOfModel.score.shape)).output(type<CodeLikelihoods>()),
  /** Codes of each layer of a picture. */
  encode: procedure.input(id.extend(askedOfModel.encode.shape)).output(type<{ codes: number[][] }>()),
  /** The picture of codes: safetensors U8 `picture` [S, S, 3]. */
  decode: procedure.input(id.extend(askedOfModel.decode.shape)).output(type<Blob>()),
  decompress: procedure.input(id.extend(askedOfModel.decompress.shape)).output(type<Decompression>()),
}
