import { reasonOf } from '../../data/source.ts'
import type { Benchmark, BenchmarkQuestion } from '../../evaluation/answers/benchmark.ts'
import { imageBytes } from '../../evaluation/answers/images.ts'
import { promptOf } from '../../evaluation/answers/prompts.ts'
import { ChatTemplateError } from '../../language/chat-layout.ts'
import { IMAGE } from '../../language/text-layout.ts'
import { DialogueError } from '../../multimodal/sequence.ts'
import type { Question, SpeakingOptions } from '../../training/stage-two/speaker.ts'
import { ModelError } from './model-error.ts'
import type { RunModel } from './open-run-model.ts'
import { outsidePicture } from './outside-picture.ts'
import { asWritten } from './spoken-answers.ts'

export interface BenchmarkAsking {
  /** Folder of the pictures that are files. */
  folder: string
  /** Ids of questions that are answered already. */
  answered: ReadonlySet<string>
  /** Most tokens of an answer. */
  newTokens: number
  /** Questions that are answered side by side. */
  sideBySide: number
  signal?: AbortSignal
}

export type BenchmarkAnswer = { question: BenchmarkQuestion } & (
  | {
      /** What was asked, as LLaVA's files of answers record it. */
      prompt: string
      text: string
    }
  /** Why it could not be asked. */
  | { problem: string }
)

/**
 * Asks a model the questions of a benchmark that are not answered yet, with LLaVA-1.5's prompts, and takes the likeliest
 * words. A question whose picture cannot be read, or that does not fit the context, is told as a problem.
 * @throws ModelError for a model that cannot be shown pictures; what `signal` is aborted with
 */
export async function* answerBenchmark(
  model: Pick<RunModel, 'speaker' | 'opened'>,
  { name, questions }: Pick<Benchmark, 'name' | 'questions'>,
  { folder, answered, newTokens, sideBySide, signal }: BenchmarkAsking,
): AsyncGenerator<BenchmarkAnswer> {
  if (model.speaker.cannotRead !== null)
    throw new ModelError('bad-request', model.speaker.cannotRead, 'Choose a run whose Stage II has been trained.')
  const open = questions.filter(({ id }) => !answered.has(id))
  const greedy = { temperature: 0, topK: null, topP: null }
  const options: SpeakingOptions = {
    text: greedy,
    codes: greedy,
    guidance: 1,
    seed: 0,
    alternatives: 0,
    newTokens,
    ...(signal ? { signal } : {}),
  }
  for (let begin = 0; begin < open.length; begin += sideBySide) {
    signal?.throwIfAborted()
    const part = open.slice(begin, begin + sideBySide)
    const asked = await Promise.all(part.map((question) => askedOf(model, question, promptOf(name, question), folder)))
    const texts = await textsOf(
      model,
      asked.flatMap((each) => ('asking' in each ? [each.asking] : [])),
      options,
    )
    let at = 0
    for (const [place, each] of asked.entries()) {
      const question = part[place] as BenchmarkQuestion
      const text = 'asking' in each ? (texts[at++] as string | Error) : new Error(each.problem)
      if (text instanceof Error) yield { question, problem: text.message }
      else yield { question, prompt: recordedPrompt(name, question), text: asMeant(model, question, text) }
    }
  }
}

/**
 * A model over the words of its own texts knows small letters alone, and letters of options are capitals: one that is all of
 * its answer is written as it was before the texts were made plain.
 */
function asMeant(
  { opened: { config } }: Pick<RunModel, 'opened'>,
  { options }: BenchmarkQuestion,
  text: string,
): string {
  const isLetter = config.language.model === 'words' && options.length > 0 && /^\s*[a-z]\s*$/.test(text)
  return isLetter ? text.trim().toUpperCase() : text
}

/** LLaVA's scoring of ScienceQA looks for the picture's place; that of TextVQA wants the lines without it. */
function recordedPrompt(name: Benchmark['name'], question: BenchmarkQuestion): string {
  const prompt = promptOf(name, question)
  return name === 'scienceqa' && question.image !== null ? `${IMAGE}\n${prompt}` : prompt
}

async function askedOf(
  model: Pick<RunModel, 'speaker' | 'opened'>,
  { image }: BenchmarkQuestion,
  prompt: string,
  folder: string,
): Promise<{ asking: Question } | { problem: string }> {
  if (image === null) return { asking: asWritten(model, { question: prompt }) }
  try {
    const bytes = await imageBytes(image, folder)
    const pixels = await outsidePicture(model.opened.config.data, bytes, model.speaker.resolution)
    return { asking: asWritten(model, { question: `${IMAGE}\n${prompt}`, pictures: [{ pixels }] }) }
  } catch (error) {
    return { problem: `its picture cannot be read: ${reasonOf(error)}` }
  }
}

/** An answer to each, or why there is none. One that does not fit takes none of the others with it. */
async function textsOf(
  model: Pick<RunModel, 'speaker'>,
  asked: readonly Question[],
  options: SpeakingOptions,
): Promise<(string | Error)[]> {
  if (asked.length === 0) return []
  try {
    const texts = asked.map(() => '')
    for await (const event of model.speaker.converse(asked, options)) {
      if (event.kind === 'text') texts[event.sequence] += event.text
      else if (event.kind === 'picture-end') texts[event.sequence] += IMAGE
    }
    return texts
  } catch (error) {
    if (!isAboutOne(error)) throw error
    if (asked.length === 1) return [error]
    const each: (string | Error)[] = []
    for (const question of asked) each.push(...(await textsOf(model, [question], options)))
    return each
  }
}

const isAboutOne = (error: unknown): error is Error =>
  error instanceof DialogueError || error instanceof ChatTemplateError || error instanceof RangeError
