import type { CodeLikelihoods, ModelAbilities } from '../../../src-shared/contract/multimodal.ts'
import { DataError } from '../../data/source.ts'
import { ChatTemplateError } from '../../language/chat-layout.ts'
import type { CodeScores } from '../../multimodal/code-likelihood.ts'
import { DialogueError } from '../../multimodal/sequence.ts'
import { SpeakerError } from '../../training/stage-two/speaker.ts'
import type { CodeNumbers } from './code-numbers.ts'
import { ModelError } from './model-error.ts'
import { newestStep, openRunModel, type RunModel } from './open-run-model.ts'
import type { AnswerOfModel, ModelHandlers } from './procedures.ts'
import { listPictures, pictureFile, pictureOf } from './run-pictures.ts'
import { checkDialogues, learnedTasks, showDialogues } from './shown-dialogues.ts'
import { asWritten, questionOf, say, unconditionalRequest } from './spoken-answers.ts'

/** Answers of the model of a run, which is opened when it is first asked and kept. */
export function modelHandlers(directory: string, cacheDir: string, threads: number): ModelHandlers {
  let opening: Promise<RunModel> | null = null
  /** Step of the newest checkpoint when it was opened; the model is of an older one if that cannot be read. */
  let lookedAt: number | null = null
  /** Requests under way. */
  let under = 0
  const open = (): Promise<RunModel> => {
    if (opening === null) {
      lookedAt = newestStep(directory)
      opening = openRunModel(directory, cacheDir, threads).catch((error: unknown) => {
        // What was missing may be there the next time.
        opening = null
        throw error
      })
    }
    return opening
  }
  /** A run that trains on writes newer checkpoints; they are looked for where the model is asked what it can do. */
  const newest = async (): Promise<RunModel> => {
    const model = await open()
    const isInUse = under > 1
    if (isInUse || newestStep(directory) === lookedAt) return model
    opening = null
    await model.close()
    return open()
  }
  const inTurn = turns()
  const handlers: ModelHandlers = {
    abilities: async () => abilitiesOf(await inTurn(newest)),
    dialogues: async (asked) => showDialogues(await open(), asked),
    checkDialogues: async (asked, { signal }) => checkDialogues(await open(), asked, signal),
    pictures: async (asked) => listPictures(await open(), asked),
    say: async ({ prompt, ...manner }, how) => {
      const model = await open()
      const question = await questionOf(model, prompt)
      await inTurn(() => say(model, question, manner, how), how.signal)
      return null
    },
    score: async ({ prompt, codes }, { signal }) => {
      const model = await open()
      const { speaker, numbers } = model
      const question = asWritten(model, await questionOf(model, prompt))
      return inTurn(async () => likelihoodsOf(await speaker.score(question, numbers.rows(codes), 0), numbers), signal)
    },
    encode: async ({ picture }) => {
      const model = await open()
      return { codes: model.numbers.maps(await codesOf(model, picture)) }
    },
    decode: async ({ codes }) => {
      const { speaker, numbers } = await open()
      return pictureFile({ picture: await speaker.decode(numbers.rows(codes)) }, speaker.resolution)
    },
    decompress: async ({ picture }, { signal }) => {
      const model = await open()
      return inTurn(() => decompressed(model, picture), signal)
    },
  }
  const answered =
    (handler: Handler): Handler =>
    async (asked, how) => {
      under++
      try {
        return await handler(asked, how)
      } catch (error) {
        throw explained(error)
      } finally {
        under--
      }
    }
  const each = Object.entries(handlers as unknown as Record<string, Handler>)
  return Object.fromEntries(each.map(([name, handler]) => [name, answered(handler)])) as unknown as ModelHandlers
}

type Handler = (asked: unknown, how: unknown) => Promise<unknown>

/** What the model is asked goes one after the other; pictures and their codes do not wait for it. */
function turns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(use: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const turn = last.then(() => {
      signal?.throwIfAborted()
      return use()
    })
    last = turn.catch(() => {})
    return turn
  }
}

/** What people can do something about, in their words; all else as it is. */
function explained(error: unknown): unknown {
  if (error instanceof SpeakerError)
    return new ModelError('conflict', error.message, 'Ask it something that it can answer, or choose another run.')
  if (error instanceof DialogueError || error instanceof ChatTemplateError || error instanceof RangeError)
    return new ModelError('bad-request', error.message, 'Change the prompt and ask again.', { cause: error })
  if (error instanceof DataError)
    return new ModelError('unreadable', error.message, 'Put the file back where the config of the run says.')
  return error
}

function abilitiesOf(model: RunModel): ModelAbilities {
  const { step, speaker, opened } = model
  const { cannotRead, cannotPaint, resolution, layout, context } = speaker
  return {
    step,
    paradigm: opened.config.multimodal.paradigm,
    input: opened.rules.input,
    cannotRead,
    cannotPaint,
    resolution,
    sides: [...layout.sides],
    context,
    tasks: learnedTasks(model),
    unconditionalRequest: unconditionalRequest(model),
  }
}

async function codesOf(model: RunModel, picture: number): Promise<Int32Array> {
  const [read] = await model.speaker.encode([await pictureOf(model, picture)])
  return (read as { codes: Int32Array }).codes
}

const likelihoodsOf = ({ nll, probability, best }: CodeScores, { shown }: CodeNumbers): CodeLikelihoods => ({
  nll: [...nll],
  probability: [...probability],
  best: Array.from(best, shown),
})

async function decompressed(model: RunModel, picture: number): Promise<AnswerOfModel<'decompress'>> {
  const { speaker, numbers, opened } = model
  const input = await pictureOf(model, picture)
  const { segments } = opened.config.multimodal
  const { codes, forced, free, freeRight } = await speaker.decompress({ pixels: input }, { segments, alternatives: 0 })
  return {
    truth: numbers.maps(codes),
    teacherForced: numbers.maps(forced.best),
    freeRunning: numbers.maps(free),
    likelihoods: likelihoodsOf(forced, numbers),
    teacherForcedRight: forced.layers.map(({ right }) => right),
    freeRunningRight: freeRight,
    file: pictureFile(
      {
        input,
        truth: await speaker.decode(codes),
        teacherForced: await speaker.decode(forced.best),
        freeRunning: await speaker.decode(free),
      },
      speaker.resolution,
    ),
  }
}
