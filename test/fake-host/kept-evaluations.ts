import { setTimeout } from 'node:timers/promises'
import { implement } from '@orpc/server'
import { contract } from '../../src-shared/contract/index.ts'
import {
  askedEvaluationSchema,
  type KeptEvaluation,
  type ListedQuestion,
  type QuestionFilter,
  questionFilters,
  questionKind,
} from '../../src-shared/kept-evaluations.ts'
import type { MetricCard } from '../../src-shared/metric-card.ts'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import { chance } from './curves.ts'
import { runOf } from './runs.ts'
import { captionOf, colourWords, drawPicture } from './samples.ts'
import { encodeToy } from './toy-tokenizer.ts'

/** Answers and pictures that were scored, with made-up figures. */
const os = implement(contract).evaluations
const RUN = 'reads-and-paints-0026'
const COUNT = 900

const card = (metric: string, value: number, unit: string, more: Partial<MetricCard> = {}): MetricCard => ({
  ...{ metric, value, unit, higherIsBetter: true, definition: `How ${metric} is worked out.`, source: 'Its authors.' },
  ...{ extractor: null, resize: '', reference: 'coco_pope_random.json, sha256 4b1f…', count: COUNT, seed: null },
  ...{ interval: null, bias: null, warnings: [] },
  ...more,
})

const questions = Array.from({ length: COUNT }, (_, place): ListedQuestion => {
  const word = colourWords[Math.floor(chance(`word ${place}`) * 4)] as string
  const truth = captionOf(place).includes(word) ? 'yes' : 'no'
  const right = chance(`right ${place}`) < 0.82
  const answer = place % 97 === 96 ? null : right ? truth : truth === 'yes' ? 'no' : 'yes'
  const split = ['random', 'popular', 'adversarial'][place % 3] as string
  return {
    ...{ place, id: `${split}/${place + 1}`, question: `Is there a ${word} thing in the picture?`, options: [] },
    ...{ answer: answer && `${answer.charAt(0).toUpperCase()}${answer.slice(1)}.`, read: answer, truth: [truth] },
    ...{
      score: answer !== truth ? 0 : place % 31 === 7 ? 0.6 : 1,
      image: `COCO_val2014_${String(place).padStart(6, '0')}.jpg`,
      groups: { split },
    },
  }
})
const isOf = (which: QuestionFilter) => (question: ListedQuestion) =>
  which === 'all' || questionKind(question) === which

const asked = askedEvaluationSchema.parse({
  ...{ kind: 'answers', benchmark: 'pope', questions: ['/data/pope'], images: '/data/val2014' },
  by: { kind: 'run', run: RUN },
  unanswered: 'wrong',
})
const figure = (metric: 'f1' | 'accuracy' | 'yes-ratio', group: string, percent: number) => ({
  ...{
    metric,
    by: group === '' ? 'mean of splits' : 'split',
    group,
    percent,
    questions: group === '' ? COUNT : COUNT / 3,
  },
})
const splits = ['random', 'popular', 'adversarial']
const figures = [
  figure('f1', '', 78.41),
  ...(['f1', 'accuracy', 'yes-ratio'] as const).flatMap((metric) =>
    splits.map((split, at) => figure(metric, split, 81.2 - 2.7 * at - (metric === 'yes-ratio' ? 30 : 0))),
  ),
]
const kept = new Map<string, KeptEvaluation>(
  [
    {
      ...{ id: 'pope', createdAt: Date.now() - 3.6e6, asked, answered: 891 },
      result: {
        kind: 'answers' as const,
        finishedAt: Date.now(),
        result: {
          ...{ benchmark: 'pope' as const, system: `${RUN}, step 1260`, questions: COUNT, answered: 891 },
          ...{
            preparation: 'none' as const,
            unanswered: 'wrong' as const,
            headline: figures[0] as (typeof figures)[0],
          },
          figures,
          warnings: [{ message: 'Questions could not be asked.', count: 9, first: ['random/97', 'popular/194'] }],
          card: card('POPE F1 (mean of splits)', 78.41, '%'),
        },
      },
    },
    {
      ...{ id: 'pictures', createdAt: Date.now() - 9e7, answered: null },
      asked: askedEvaluationSchema.parse({
        ...{
          kind: 'pictures',
          images: '/data/samples',
          role: 'samples',
          reference: { kind: 'folder', path: '/data/originals' },
        },
      }),
      result: {
        kind: 'pictures' as const,
        finishedAt: Date.now(),
        cards: [
          card('FD-MobileNetV2', 41.7, '', {
            ...{
              higherIsBetter: false,
              count: 5000,
              interval: { low: 39.9, high: 43.4, method: 'jackknife of ten parts' },
            },
            bias: 'about 2.1 too high',
          }),
          card('KID-MobileNetV2', 0.0312, '', { higherIsBetter: false, count: 5000 }),
          card('precision', 0.61, 'share', { count: 5000, warnings: ['Fewer pictures than published figures take.'] }),
          card('recall', 0.38, 'share', { count: 5000 }),
        ],
        unreadable: { count: 2, first: ['0172.png: truncated', '2210.png: its content is bmp'] },
      },
    },
    {
      ...{
        id: 'stopped',
        createdAt: Date.now() - 2e8,
        asked: { ...asked, benchmark: 'vqav2' as const },
        answered: 412,
      },
      result: null,
    },
  ].map((one) => [one.id, { ...one, isBeingScored: false }]),
)

function found(id: string, errors: { NOT_FOUND: (options: { message: string; data: { hint: string } }) => Error }) {
  const one = kept.get(id)
  if (!one) throw errors.NOT_FOUND({ message: `there is no evaluation ${id}`, data: { hint: 'Reload the list.' } })
  return one
}

export const keptEvaluations = {
  list: os.list.handler(() => ({ evaluations: [...kept.values()], unreadable: [] })),
  get: os.get.handler(({ input, errors }) => found(input.id, errors)),
  create: os.create.handler(({ input }) => {
    const id = `new-${kept.size}`
    kept.set(id, { id, createdAt: Date.now(), asked: input.asked, result: null, answered: null, isBeingScored: false })
    return { id }
  }),
  score: os.score.handler(async function* ({ input, errors }) {
    const one = found(input.id, errors)
    for (let done = one.answered ?? 0; done <= COUNT; done += 30) {
      yield { kind: 'progress' as const, share: done / COUNT, words: `${done} of ${COUNT} questions answered` }
      await setTimeout(400)
    }
    kept.set(one.id, { ...one, result: kept.get('pope')?.result ?? null })
  }),
  remove: os.remove.handler(({ input }) => {
    kept.delete(input.id)
    return null
  }),
  questions: os.questions.handler(({ input: { which, from, count } }) => ({
    counts: Object.fromEntries(
      questionFilters.map((filter) => [filter, questions.filter(isOf(filter)).length]),
    ) as Record<QuestionFilter, number>,
    questions: questions.filter(isOf(which)).slice(from, from + count),
  })),
  document: os.document.handler(() => new Blob(['{}'])),
  picture: os.picture.handler(({ input: { place, run }, errors }) => {
    const config = run === null ? null : runOf(run, errors).config
    const side = config?.data.resolution ?? 256
    const data = drawPicture(place, side)
    const tensors = { picture: { dtype: 'U8' as const, shape: [side, side, 3], data } }
    return {
      codes: config ? encodeToy(data, config) : [],
      file: new Blob([encodeSafetensors(tensors) as Uint8Array<ArrayBuffer>]),
    }
  }),
}
