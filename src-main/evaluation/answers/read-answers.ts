import type { AnswerResult, AnswerWarning, BenchmarkName } from '../../../src-shared/answer-results.ts'
import type { Benchmark, GivenAnswer } from './benchmark.ts'
import { BenchmarkError } from './benchmark-error.ts'
import { EntryProblem, eachEntry, Fields, firstCharacter } from './entries.ts'
import { Offenders } from './offenders.ts'
import { tabRows } from './tab-table.ts'

export interface GivenAnswers {
  /** By the questions' ids. */
  answers: ReadonlyMap<string, GivenAnswer>
  /** What is done to answers of this form before they are scored. */
  preparation: AnswerResult['preparation']
  warnings: AnswerWarning[]
}

/** Where an answer's text stands: in official results, in LLaVA's lines, in tables of VLMEvalKit. */
const TEXTS = ['text', 'answer', 'prediction'] as const
type AnswerForm = (typeof TEXTS)[number]

/**
 * Reads a file of answers: the official JSON list ({ question_id, answer }, for VizWiz { image, answer }); LLaVA's JSON lines
 * ({ question_id, text, prompt }); or a tab-separated table with the columns index and prediction, as a workbook of
 * VLMEvalKit is saved as text.
 * @param unknown what is done about answers to questions that are not in the benchmark
 * @throws BenchmarkError if the file is of no such form, has an entry that is none, two answers to a question, or answers to
 * unknown questions that are to be refused
 */
export async function readAnswers(
  path: string,
  benchmark: Pick<Benchmark, 'name' | 'questions' | 'idReader'>,
  unknown: 'refuse' | 'ignore' = 'refuse',
): Promise<GivenAnswers> {
  const ids = new Set(benchmark.questions.map(({ id }) => id))
  const answers = new Map<string, GivenAnswer>()
  const strange = new Offenders()
  const twice = new Offenders()
  const forms = new Set<AnswerForm>()
  const idOf = benchmark.idReader()
  const add = (entry: Fields) => {
    const id = idOf(entry)
    const form = formOf(entry)
    forms.add(form)
    const answer = { text: entry.text(form), prompt: entry.has('prompt') ? entry.text('prompt') : null }
    if (!ids.has(id)) strange.add(id)
    else if (answers.has(id)) twice.add(id)
    else answers.set(id, answer)
  }
  await eachAnswer(path, add)
  if (twice.count > 0)
    throw new BenchmarkError(
      `"${path}" answers questions again that it has answered: ${twice}; leave one answer to each`,
    )
  if (strange.count > 0 && unknown === 'refuse')
    throw new BenchmarkError(
      `${strange.count} answers of "${path}" are to questions that the benchmark does not have: ${strange}; give the questions that were asked, or say that such answers are ignored`,
    )
  if (forms.size > 1)
    throw new BenchmarkError(
      `"${path}" mixes forms: answers stand in ${[...forms].map((form) => `"${form}"`).join(' and in ')}, and are prepared differently`,
    )
  return {
    answers,
    preparation: forms.has('text') ? preparationOf(benchmark.name) : 'none',
    warnings: strange.warnings('Answers to questions that the benchmark does not have are ignored.'),
  }
}

/** LLaVA hands in answers to these after the EvalAI processor. */
export const preparationOf = (name: BenchmarkName): AnswerResult['preparation'] =>
  name === 'vqav2' || name === 'vizwiz' ? 'evalai' : 'none'

function formOf(entry: Fields): AnswerForm {
  const form = TEXTS.find((name) => entry.has(name))
  if (form === undefined) throw new EntryProblem('has no answer in "text", "answer" or "prediction"')
  return form
}

async function eachAnswer(path: string, add: (entry: Fields) => void): Promise<void> {
  const first = await firstCharacter(path, 'answers')
  if (first === '') throw new BenchmarkError(`"${path}" is empty; a file of answers is wanted`)
  if (first === '[') return eachEntry(path, 'answers', 'list', add)
  if (first === '{') return eachEntry(path, 'answers', 'lines', add)
  return eachRow(path, add)
}

async function eachRow(path: string, add: (entry: Fields) => void): Promise<void> {
  let names: string[] | null = null
  let number = 0
  const bad = new Offenders()
  for await (const fields of tabRows(path, 'answers')) {
    const texts = fields.map(({ text }) => text)
    if (names === null) {
      names = checkedNames(texts, path)
      continue
    }
    number++
    try {
      if (texts.length !== names.length) throw new EntryProblem(`has ${texts.length} fields of ${names.length}`)
      const row = Object.fromEntries(names.map((name, at) => [name, texts[at]]))
      // The table repeats the question and its right answer; what the system said is the prediction.
      add(new Fields({ index: row.index, prediction: row.prediction }))
    } catch (error) {
      if (!(error instanceof EntryProblem)) throw error
      bad.add(`row ${number} ${error.message}`)
    }
  }
  if (bad.count > 0)
    throw new BenchmarkError(`${bad.count} of ${number} answers of "${path}" cannot be used: ${bad}; correct the file`)
  if (number === 0) throw new BenchmarkError(`"${path}" holds no answers below its names of columns`)
}

function checkedNames(names: string[], path: string): string[] {
  if (names.includes('index') && names.includes('prediction')) return names
  const isWorkbook = names[0]?.startsWith('PK')
  throw new BenchmarkError(
    isWorkbook
      ? `"${path}" is a workbook; save its sheet as tab-separated text`
      : `"${path}" is none of: a JSON list, JSON lines, a tab-separated table with the columns index and prediction`,
  )
}
