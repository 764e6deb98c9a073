import type { BenchmarkName, UnansweredRule } from '../../../src-shared/answer-results.ts'
import { type AskedEvaluation, askedEvaluationSchema } from '../../../src-shared/kept-evaluations.ts'
import type { ResizingName } from '../../../src-shared/resizings.ts'

/** What the form of answers holds; '' for what is left empty. */
export interface AnswersForm {
  benchmark: BenchmarkName
  /** Paths, one a line. */
  questions: string
  annotations: string
  questionSplit: string
  ocr: string
  images: string
  by: 'file' | 'run'
  answers: string
  unknown: 'refuse' | 'ignore'
  run: string
  limit: number | string
  unanswered: UnansweredRule | 'own'
}

export const emptyAnswers: AnswersForm = {
  ...{ benchmark: 'pope', questions: '', annotations: '', questionSplit: '', ocr: '', images: '' },
  ...{ by: 'file', answers: '', unknown: 'refuse', run: '', limit: 0, unanswered: 'own' },
}

/** What the form of pictures holds. */
export interface PicturesForm {
  images: string
  against: 'folder' | 'statistics' | 'run' | 'nothing'
  reference: string
  run: string
  split: 'training' | 'held-out'
  role: 'samples' | 'reconstructions'
  extractorName: string
  extractorPath: string
  resize: ResizingName | 'own'
  side: number | string
  lpips: string
  clipText: string
  clipTokenizer: string
  captions: string
}

export const emptyPictures: PicturesForm = {
  ...{ images: '', against: 'folder', reference: '', run: '', split: 'held-out', role: 'samples' },
  ...{ extractorName: 'inception', extractorPath: '', resize: 'own', side: 0, lpips: '' },
  ...{ clipText: '', clipTokenizer: '', captions: '' },
}

/** What each benchmark needs beside its questions, and how its files are called. */
export const BENCHMARK_FILES: Readonly<
  Record<
    BenchmarkName,
    { questions: string; annotations: string | null; ocr?: true; split?: true; folder: boolean; several?: true }
  >
> = {
  vqav2: {
    questions: 'v2_OpenEnded_mscoco_val2014_questions.json',
    annotations: 'v2_mscoco_val2014_annotations.json',
    folder: true,
  },
  vizwiz: { questions: 'val.json', annotations: null, folder: true },
  textvqa: { questions: 'TextVQA_0.5.1_val.json', annotations: null, ocr: true, folder: true },
  scienceqa: { questions: 'problems.json', annotations: 'pid_splits.json', split: true, folder: true },
  pope: {
    questions: 'coco_pope_random.json, … (one a line, or their folder)',
    annotations: null,
    folder: true,
    several: true,
  },
  mmbench: { questions: 'mmbench_dev_en.tsv', annotations: null, folder: false },
  'mmbench-cn': { questions: 'mmbench_dev_cn.tsv', annotations: null, folder: false },
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** null while something that is needed is missing. */
export function askedAnswers(form: AnswersForm): AskedEvaluation | null {
  const { benchmark, by, unanswered } = form
  const files = BENCHMARK_FILES[benchmark]
  const annotations = files.annotations === null ? [] : lines(form.annotations)
  return parsed({
    kind: 'answers',
    benchmark,
    questions: lines(form.questions),
    annotations,
    questionSplit: files.split ? form.questionSplit.trim() : '',
    ocr: files.ocr ? form.ocr.trim() : '',
    images: files.folder ? form.images.trim() : '',
    by:
      by === 'file'
        ? { kind: 'file', path: form.answers.trim(), unknown: form.unknown }
        : { kind: 'run', run: form.run, limit: form.limit },
    unanswered: unanswered === 'own' ? null : unanswered,
  })
}

/** null while something that is needed is missing. */
export function askedPictures(form: PicturesForm): AskedEvaluation | null {
  const { against, extractorPath, clipText, clipTokenizer } = form
  const own = extractorPath.trim() !== ''
  const isClip = clipText.trim() !== '' || clipTokenizer.trim() !== ''
  return parsed({
    kind: 'pictures',
    images: form.images.trim(),
    reference:
      against === 'nothing'
        ? null
        : against === 'run'
          ? { kind: 'run', run: form.run, split: form.split }
          : { kind: against, path: form.reference.trim() },
    role: form.role,
    extractor: own ? { name: form.extractorName.trim(), path: extractorPath.trim() } : null,
    resize: own && form.resize !== 'own' ? form.resize : '',
    side: form.side,
    lpips: form.role === 'reconstructions' ? form.lpips.trim() : '',
    clip: isClip ? { text: clipText.trim(), tokenizer: clipTokenizer.trim(), captions: form.captions.trim() } : null,
  })
}

function parsed(asked: unknown): AskedEvaluation | null {
  const result = askedEvaluationSchema.safeParse(asked)
  return result.success ? result.data : null
}
