import type { Benchmark, BenchmarkQuestion } from '../benchmark.ts'
import { eachEntry } from '../entries.ts'
import { ANSWER_TYPE } from '../scoring.ts'
import { Collected, question, sharing } from './collected.ts'
import { type OfficialPaths, onlyPath } from './official-paths.ts'
import { humanAnswers } from './vqav2.ts'

/**
 * VizWiz: "val.json". It asks one question about each picture, so the picture's name is the question's id. LLaVA numbers
 * them instead; its file of questions tells which number is which picture.
 * @throws BenchmarkError
 */
export async function readVizWiz(paths: OfficialPaths): Promise<Benchmark> {
  const isPlain = paths.annotations.length === 0
  const path = onlyPath(isPlain ? paths.questions : paths.annotations, 'VizWiz', 'its file val.json (--annotations)')
  const share = sharing()
  const questions = new Collected<BenchmarkQuestion>(path, 'questions')
  await eachEntry(path, 'questions', 'list', (entry) => {
    const image = entry.text('image')
    const fields = {
      id: image,
      key: { question_id: image, image },
      question: entry.text('question'),
      image: { kind: 'file', names: [image] },
      truth: humanAnswers(entry).map(share),
      groups: { [ANSWER_TYPE]: share(entry.text('answer_type')) },
    } as const
    questions.add(image, question(fields))
  })
  const files = [path]
  let numbered: ReadonlyMap<string, string> = new Map()
  if (!isPlain && paths.questions.length > 0) {
    const llava = onlyPath(paths.questions, 'VizWiz', 'LLaVA’s file of questions (--questions)')
    const listed = new Collected<string>(llava, 'questions')
    await eachEntry(llava, 'questions', 'lines', (entry) =>
      listed.add(String(entry.key('question_id')), entry.text('image')),
    )
    numbered = listed.checked()
    files.push(llava)
  }
  return {
    name: 'vizwiz',
    questions: [...questions.checked().values()],
    files,
    warnings: [],
    unanswered: 'refuse',
    idReader: () => (entry) => {
      if (entry.has('image')) return entry.text('image')
      const key = String(entry.key('question_id'))
      return numbered.get(key) ?? key
    },
  }
}
