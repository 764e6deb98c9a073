import type { AnswerFigure, BenchmarkName, QuestionResult } from '../../../src-shared/answer-results.ts'
import type { BenchmarkQuestion, GivenAnswer } from './benchmark.ts'
import { choiceIndex, OPTION_LETTERS, readChoice } from './choice-letter.ts'
import { circularHits, isFirstRotation, ROTATION } from './circular.ts'
import { groupsOf, meanFigures } from './figures.ts'
import { matchOption } from './option-matching.ts'
import { type AgreementRule, textVqaAgreement, vizwizAgreement, vqaV2Agreement } from './vqa-accuracy.ts'
import { countYesNo, readLabel, readYesNo, type YesNo, yesNoMetrics } from './yes-no.ts'

/** What the scoring makes of one answer. */
export interface Judgement {
  read: string | null
  /** 0 to 1 */
  score: number
  /** Groups that depend on the answer. */
  groups?: Readonly<Record<string, string>>
}

/** How a benchmark is scored. */
export interface Scoring {
  /** Whose scoring it is. */
  source: string
  /** What an answer goes through before it is compared, in words. */
  reading: string
  judge(question: BenchmarkQuestion, answer: GivenAnswer): Judgement
  /** Those of all questions first. */
  figures(rows: readonly QuestionResult[]): AnswerFigure[]
  /** Which of them tables print. */
  headline(figures: readonly AnswerFigure[]): AnswerFigure
}

/** The official scoring of each benchmark. What it remembers is shared by all answers of one evaluation. */
export const scorings: Readonly<Record<BenchmarkName, () => Scoring>> = {
  vqav2: () => ({
    source: 'VQA tools, state of 2021-03',
    reading: 'answers and people’s answers normalised by the VQA tools, unless people’s are all the same string',
    ...agreementScoring(vqaV2Agreement(), [QUESTION_TYPE, ANSWER_TYPE]),
  }),
  vizwiz: () => ({
    source: 'VizWiz API',
    reading: 'answers normalised by the VizWiz API, people’s answers as they are',
    ...agreementScoring(vizwizAgreement(), [ANSWER_TYPE]),
  }),
  textvqa: () => ({
    source: 'TextVQAAccuracyEvaluator of mmf and LLaVA',
    reading: 'answers and people’s answers through the EvalAI answer processor',
    ...agreementScoring(textVqaAgreement(), []),
  }),
  scienceqa: () => scienceQa,
  pope: () => pope,
  mmbench: () => mmbench,
  'mmbench-cn': () => mmbench,
}

/** What questions are grouped by. */
export const QUESTION_TYPE = 'question type'
export const ANSWER_TYPE = 'answer type'
export const SPLIT = 'split'
export const CATEGORIES = ['l2-category', 'category'] as const
export const SUBJECT = 'subject'
export const GRADE = 'grade'
/** Whether the model was shown a picture, as its prompt says. */
export const SHOWN = 'picture in the prompt'
/** Whether the question has a picture. */
export const PICTURED = 'picture of the question'
const WITH = 'with'
const WITHOUT = 'without'
export const withOrWithout = (has: boolean): string => (has ? WITH : WITHOUT)

const overall = (figures: readonly AnswerFigure[]): AnswerFigure => figures[0] as AnswerFigure

const agreementScoring = (agreement: AgreementRule, kinds: readonly string[]): Omit<Scoring, 'source' | 'reading'> => ({
  judge({ truth }, { text }) {
    const { read, accuracy } = agreement(text, truth)
    return { read, score: accuracy }
  },
  figures: (rows) => meanFigures('vqa-accuracy', rows, kinds),
  headline: overall,
})

/**
 * Which questions count as those with a picture is decided by the prompt, as LLaVA's scoring does; a question without an
 * answer has no prompt, and so is in neither group.
 */
const scienceQa: Scoring = {
  source: 'eval_science_qa of LLaVA',
  reading: '“A”, “A. …” or “The answer is A.” is read as A, all else as no answer',
  judge({ options, truth, image }, { text, prompt }) {
    const read = readChoice(text)
    const isRight = OPTION_LETTERS[choiceIndex(read, options.length)] === truth[0]
    const shown = prompt === null ? image !== null : prompt.includes('<image>')
    return { read, score: isRight ? 1 : 0, groups: { [SHOWN]: withOrWithout(shown) } }
  },
  figures: (rows) => meanFigures('accuracy', rows, [SHOWN, PICTURED, SUBJECT, GRADE]),
  headline: (figures) => figures.find(({ by, group }) => by === SHOWN && group === WITH) ?? overall(figures),
}

/** Splits whose mean is printed. */
const POPE_SPLITS = ['random', 'popular', 'adversarial'] as const
/** Of the figures that are means over splits. */
export const MEAN_OF_SPLITS = 'mean of splits'
const YES_NO_METRICS = ['accuracy', 'precision', 'recall', 'f1', 'yes-ratio'] as const

const pope: Scoring = {
  source: 'eval_pope of LLaVA; 0 where it would divide by zero',
  reading: '“No”, “no” or “not” as a word of the first sentence is read as no, all else as yes',
  judge({ truth }, { text }) {
    const read = readYesNo(text)
    return { read, score: read === readLabel(truth[0] as string) ? 1 : 0 }
  },
  figures(rows) {
    const splits = groupsOf(rows, SPLIT).map(([split, some]) => yesNoFigures(split, some))
    const printed = POPE_SPLITS.flatMap((name) => splits.filter(([figure]) => figure?.group === name))
    const means = printed.length < 2 ? [] : YES_NO_METRICS.map((_, at) => meanOf(printed.map((split) => split[at])))
    return [...means, ...splits.flat()]
  },
  headline: (figures) => figures.find(({ metric }) => metric === 'f1') ?? overall(figures),
}

function yesNoFigures(split: string, rows: readonly QuestionResult[]): AnswerFigure[] {
  const { accuracy, precision, recall, f1, yesRatio } = yesNoMetrics(
    countYesNo(
      rows.map(({ read, truth }) => {
        const label = readLabel(truth[0] as string)
        // A question that is to count as wrong although it has no answer.
        const wrong: YesNo = label === 'yes' ? 'no' : 'yes'
        return { read: read === null ? wrong : (read as YesNo), label }
      }),
    ),
  )
  const shares = [accuracy, precision, recall, f1, yesRatio]
  return YES_NO_METRICS.map((metric, at) => ({
    metric,
    by: SPLIT,
    group: split,
    percent: 100 * (shares[at] as number),
    questions: rows.length,
  }))
}

/** A plain mean over splits. */
function meanOf(figures: readonly (AnswerFigure | undefined)[]): AnswerFigure {
  const all = figures as readonly AnswerFigure[]
  return {
    metric: overall(all).metric,
    by: MEAN_OF_SPLITS,
    group: all.map(({ group }) => group).join(', '),
    percent: all.reduce((sum, { percent }) => sum + percent, 0) / all.length,
    questions: all.reduce((sum, { questions }) => sum + questions, 0),
  }
}

const mmbench: Scoring = {
  source: 'VLMEvalKit with exact matching, state of 2026-06; no judging model',
  reading: 'a lone letter, then “answer is A”, then the one option whose text is said',
  judge({ options, truth }, { text }) {
    const read = matchOption(text, lettered(options))
    return { read, score: read === truth[0] ? 1 : 0 }
  },
  figures(rows) {
    const indexed = rows.map((row) => ({ ...row, index: Number(row.id), isRight: row.score === 1 }))
    const hits = circularHits(indexed)
    const questions = indexed.filter(({ index }) => index < ROTATION)
    const circular = questions.map((row) => ({ ...row, score: hits.get(row.index) ? 1 : 0 }))
    const kinds = [...CATEGORIES, SPLIT]
    return [
      ...meanFigures('circular-accuracy', circular, kinds),
      ...meanFigures('vanilla-accuracy-first', indexed.filter(isFirstRotation), kinds),
      ...meanFigures('vanilla-accuracy-all', indexed, kinds),
    ]
  },
  headline: overall,
}

/** Options by their letters; a letter that a question does not use has an empty text. */
export const lettered = (options: readonly string[]): Record<string, string> =>
  Object.fromEntries(options.flatMap((text, at) => (text === '' ? [] : [[String.fromCharCode(65 + at), text]])))
