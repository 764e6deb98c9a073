import type { CodeLikelihoods, ModelAbilities } from '../../../src-shared/contract/multimodal.ts'
import type { CodeScores } from '../../multimodal/code-likelihood.ts'
import type { CodeNumbers } from './code-numbers.ts'
import { keepModel } from './kept-model.ts'
import { openRunModel, type RunModel } from './open-run-model.ts'
import { outsidePicture, readable } from './outside-picture.ts'
import type { AnswerOfModel, ModelHandlers } from './procedures.ts'
import { listPictures, pictureFile, pictureOf } from './run-pictures.ts'
import { checkDialogues, learnedTasks, showDialogues } from './shown-dialogues.ts'
import { asWritten, questionOf, say, unconditionalRequest } from './spoken-answers.ts'

/** Answers of the model of a run, which is opened when it is first asked and kept. */
export function modelHandlers(directory: string, cacheDir: string, threads: number): ModelHandlers {
  const { open, newest, inTurn, answering } = keepModel(directory, () => openRunModel(directory, cacheDir, threads))
  return answering({
    abilities: async () => abilitiesOf(await inTurn(newest)),
    dialogues: async (asked) => showDialogues(await open(), asked),
    checkDialogues: async (asked, { signal }) => checkDialogues(await open(), asked, signal),
    pictures: async (asked) => {
      const model = await open()
      return listPictures({ ...model, resolution: model.speaker.resolution }, asked)
    },
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
    encodeFile: async ({ file }) => {
      const { speaker, opened, numbers } = await open()
      const picture = await readable(() => outsidePicture(opened.config.data, file, speaker.resolution))
      const [read] = await speaker.encode([picture])
      return {
        codes: numbers.maps((read as { codes: Int32Array }).codes),
        file: pictureFile({ picture }, speaker.resolution),
      }
    },
    decode: async ({ codes }) => {
      const { speaker, numbers } = await open()
      return pictureFile({ picture: await speaker.decode(numbers.rows(codes)) }, speaker.resolution)
    },
    decompress: async ({ picture }, { signal }) => {
      const model = await open()
      return inTurn(() => decompressed(model, picture), signal)
    },
  })
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
    prior: null,
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
