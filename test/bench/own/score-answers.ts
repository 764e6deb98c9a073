import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createRandom } from '../../../src-main/data/random.ts'
import { evaluateAnswers } from '../../../src-main/evaluation/answers/evaluate-answers.ts'
import { openBenchmark } from '../../../src-main/evaluation/answers/open-benchmark.ts'
import { readAnswers } from '../../../src-main/evaluation/answers/read-answers.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { ScoreAnswersShape } from '../shapes.ts'

/** Scores answers to questions of VQAv2's form. People's answers are few words over and over, as they are; systems' a little longer. */

const { answers: count, from } = givenOptions<ScoreAnswersShape>()
const folder = mkdtempSync(join(tmpdir(), 'workbench-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const paths = {
  questions: join(folder, 'v2_OpenEnded_mscoco_val2014_questions.json'),
  annotations: join(folder, 'v2_mscoco_val2014_annotations.json'),
  answers: join(folder, 'answers.json'),
}
const random = createRandom(0, 'score-answers')
const WORDS = [
  'yes',
  'no',
  'two',
  'the dog',
  "don't know",
  'red',
  'A bench',
  'on table',
  '1,000',
  'St. John',
  'black/white',
]

/** One of ten thousand answers of one or two words, common ones more often. */
const said = (): string => {
  const word = WORDS[random.int(WORDS.length)] as string
  return random.uniform() < 0.7 ? word : `${word} ${random.int(1_000)}`
}

async function writeList(path: string, before: string, entry: (id: number) => object, after: string): Promise<void> {
  function* pieces() {
    yield before
    for (let id = 0; id < count; id++) yield `${id === 0 ? '' : ', '}${JSON.stringify(entry(id))}`
    yield after
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path))
}

await writeList(
  paths.questions,
  '{"info": {}, "data_subtype": "val2014", "questions": [',
  (id) => ({ image_id: id, question: `What is number ${id} beside the table?`, question_id: id }),
  ']}',
)
await writeList(
  paths.annotations,
  '{"info": {}, "annotations": [',
  (id) => {
    const answers = Array.from({ length: 10 }, (_, at) => ({
      answer: random.uniform() < 0.5 ? (WORDS[id % WORDS.length] as string) : said(),
      answer_confidence: 'yes',
      answer_id: at + 1,
    }))
    const [question_type, answer_type] = [`type ${id % 65}`, ['yes/no', 'number', 'other'][id % 3]]
    return { question_type, multiple_choice_answer: 'x', answers, image_id: id, answer_type, question_id: id }
  },
  ']}',
)
await writeList(
  paths.answers,
  '[',
  (id) => ({ question_id: id, answer: `${said()}${random.uniform() < 0.5 ? '.' : ''}` }),
  ']',
)

const read = async () => {
  const benchmark = await openBenchmark('vqav2', { questions: [paths.questions], annotations: [paths.annotations] })
  return { benchmark, given: await readAnswers(paths.answers, benchmark) }
}
const known = from === 'memory' ? await read() : null

await serve({ ready: `Node ${process.version}` }, async () => {
  const { ms, result } = await timed(async () => {
    const { benchmark, given } = known ?? (await read())
    return (await evaluateAnswers(benchmark, given, { system: 'bench' })).result
  })
  return { ms, value: result.headline.percent }
})
