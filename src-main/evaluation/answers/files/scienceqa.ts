import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Benchmark, BenchmarkQuestion } from '../benchmark.ts'
import { BenchmarkError } from '../benchmark-error.ts'
import { OPTION_LETTERS } from '../choice-letter.ts'
import { EntryProblem, Fields } from '../entries.ts'
import { Offenders } from '../offenders.ts'
import { GRADE, PICTURED, SUBJECT, withOrWithout } from '../scoring.ts'
import { question } from './collected.ts'
import { needed, type OfficialPaths } from './official-paths.ts'

const PROBLEMS = 'problems.json'
const SPLITS = 'pid_splits.json'
/** ScienceQA's problems have 30 MB. */
const LARGEST = 512 << 20

/**
 * ScienceQA: "problems.json" and "pid_splits.json", or the folder of both.
 * @throws BenchmarkError
 */
export async function readScienceQa(paths: OfficialPaths): Promise<Benchmark> {
  const named = [...paths.questions, ...paths.annotations].flatMap((path) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ? [join(path, PROBLEMS), join(path, SPLITS)] : [path],
  )
  const splitsPath = named.find((path) => basename(path) === SPLITS)
  const problemsPath = named.find((path) => path !== splitsPath)
  if (splitsPath === undefined || problemsPath === undefined)
    throw needed('ScienceQA', `${PROBLEMS} (--questions) and ${SPLITS} (--annotations)`)
  const splits = await readObject(splitsPath)
  const split = paths.split || 'test'
  const ids = splits[split]
  if (!Array.isArray(ids))
    throw new BenchmarkError(`"${splitsPath}" has no split "${split}"; it has ${Object.keys(splits).join(', ')}`)
  const problems = await readObject(problemsPath)
  const questions: BenchmarkQuestion[] = []
  const bad = new Offenders()
  const seen = new Set<string>()
  for (const id of ids.map(String)) {
    const problem = problems[id]
    try {
      if (seen.has(id)) throw new EntryProblem('is twice in its split')
      seen.add(id)
      if (problem === null || typeof problem !== 'object') throw new EntryProblem('is not among the problems')
      questions.push(problemQuestion(id, split, new Fields(problem as Record<string, unknown>)))
    } catch (error) {
      if (!(error instanceof EntryProblem)) throw error
      bad.add(`${id} ${error.message}`)
    }
  }
  if (bad.count > 0)
    throw new BenchmarkError(`${bad.count} questions of "${problemsPath}" cannot be used: ${bad}; correct the file`)
  return {
    name: 'scienceqa',
    questions,
    files: [problemsPath, splitsPath],
    warnings: [],
    unanswered: 'wrong',
    idReader: () => (entry) => String(entry.key('question_id')),
  }
}

function problemQuestion(id: string, split: string, problem: Fields): BenchmarkQuestion {
  const options = problem.list('choices').map(String)
  if (options.length > OPTION_LETTERS.length)
    throw new EntryProblem(`has ${options.length} choices, and ${OPTION_LETTERS.length} have letters`)
  const answer = options[Number(problem.key('answer'))] === undefined ? -1 : Number(problem.key('answer'))
  if (answer < 0) throw new EntryProblem(`has the answer ${problem.key('answer')} of ${options.length} choices`)
  const image = problem.textOr('image', '')
  return question({
    id,
    key: { question_id: id },
    question: problem.text('question'),
    context: problem.textOr('hint', ''),
    options,
    truth: [OPTION_LETTERS[answer] as string],
    image: image === '' ? null : { kind: 'file', names: [`${id}/${image}`, `${split}/${id}/${image}`] },
    groups: {
      [PICTURED]: withOrWithout(image !== ''),
      ...(problem.has('subject') ? { [SUBJECT]: problem.text('subject') } : {}),
      ...(problem.has('grade') ? { [GRADE]: problem.text('grade') } : {}),
    },
  })
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  if (!existsSync(path)) throw new BenchmarkError(`there is no file "${path}"; ScienceQA is read from it`)
  const { size } = statSync(path)
  if (size > LARGEST) throw new BenchmarkError(`"${path}" has ${size >> 20} MiB: it is no file of ScienceQA`)
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new BenchmarkError(`"${path}" is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new BenchmarkError(`"${path}" is no JSON object; give ScienceQA’s own file`)
  return value as Record<string, unknown>
}
