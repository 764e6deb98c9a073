import { basename } from 'node:path'
import type { Benchmark, BenchmarkQuestion } from '../benchmark.ts'
import { BenchmarkError } from '../benchmark-error.ts'
import { EntryProblem, eachEntry, type Fields } from '../entries.ts'
import { Offenders } from '../offenders.ts'
import { ANSWER_TYPE, QUESTION_TYPE } from '../scoring.ts'
import { Collected, question, sharing } from './collected.ts'
import { type OfficialPaths, onlyPath } from './official-paths.ts'

interface Annotation {
  truth: readonly string[]
  groups: Readonly<Record<string, string>>
}

/** Names of COCO's pictures, by the part of it that they are of. */
const COCO_PARTS = ['val2014', 'train2014', 'test2015'] as const

/**
 * VQAv2: "v2_OpenEnded_mscoco_…_questions.json" and "v2_mscoco_…_annotations.json".
 * @throws BenchmarkError
 */
export async function readVqaV2(paths: OfficialPaths): Promise<Benchmark> {
  const questionsPath = onlyPath(paths.questions, 'VQAv2', 'its file of questions (--questions)')
  const annotationsPath = onlyPath(paths.annotations, 'VQAv2', 'its file of annotations (--annotations)')
  const share = sharing()
  const annotations = new Collected<Annotation>(annotationsPath, 'annotations')
  await eachEntry(annotationsPath, 'annotations', { list: 'annotations' }, (entry) =>
    annotations.add(String(entry.key('question_id')), {
      truth: humanAnswers(entry).map(share),
      groups: {
        [QUESTION_TYPE]: share(entry.text('question_type')),
        [ANSWER_TYPE]: share(entry.text('answer_type')),
      },
    }),
  )
  const annotated = annotations.checked()
  const questions = new Collected<BenchmarkQuestion>(questionsPath, 'questions')
  const without = new Offenders()
  const part = COCO_PARTS.find((name) => basename(questionsPath).includes(name.slice(0, 4)))
  await eachEntry(questionsPath, 'questions', { list: 'questions' }, (entry) => {
    const key = entry.key('question_id')
    const annotation = annotated.get(String(key))
    if (!annotation) return without.add(String(key))
    const image = { kind: 'file', names: cocoNames(entry.key('image_id'), part) } as const
    questions.add(
      String(key),
      question({ id: String(key), key: { question_id: key }, question: entry.text('question'), image, ...annotation }),
    )
  })
  if (without.count > 0)
    throw new BenchmarkError(
      `${without.count} questions of "${questionsPath}" have no annotation in "${annotationsPath}": ${without}; give the two files of one split`,
    )
  const asked = questions.checked()
  const unasked = new Offenders()
  for (const id of annotated.keys()) if (!asked.has(id)) unasked.add(id)
  return {
    name: 'vqav2',
    questions: [...asked.values()],
    files: [questionsPath, annotationsPath],
    warnings: unasked.warnings('Annotations without a question are left out.'),
    unanswered: 'refuse',
    idReader: () => (entry) => String(entry.key('question_id')),
  }
}

/** What people answered, of records with an "answer" each. @throws EntryProblem if there are none */
export function humanAnswers(entry: Fields): string[] {
  const answers = entry.list('answers').map((record) => (record as { answer?: unknown } | null)?.answer)
  if (answers.length === 0) throw new EntryProblem('has no answers')
  if (!answers.every((answer) => typeof answer === 'string'))
    throw new EntryProblem('has an answer without a text in "answer"')
  return answers
}

function cocoNames(id: string | number, part: (typeof COCO_PARTS)[number] | undefined): string[] {
  const number = String(id).padStart(12, '0')
  const parts = part ? [part] : COCO_PARTS
  return [...parts.map((name) => `COCO_${name}_${number}.jpg`), `${number}.jpg`]
}
