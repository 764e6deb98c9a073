import { type BenchmarkName, holdsPictures, type UnansweredRule } from '../../../src-shared/answer-results.ts'
import {
  type AskedAnswers,
  type AskedEvaluation,
  type AskedPictures,
  askedEvaluationSchema,
} from '../../../src-shared/kept-evaluations.ts'
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
    {
      questions: string
      annotations: string | null
      ocr?: true
      split?: true
      several?: true
      isOptional?: true
    }
  >
> = {
  vqav2: {
    questions: 'v2_OpenEnded_mscoco_val2014_questions.json',
    annotations: 'v2_mscoco_val2014_annotations.json',
  },
  vizwiz: {
    questions: 'val.json',
    annotations: 'val.json, where the questions are LLaVA’s',
    isOptional: true,
  },
  textvqa: { questions: 'TextVQA_0.5.1_val.json', annotations: null, ocr: true },
  scienceqa: { questions: 'problems.json', annotations: 'pid_splits.json', split: true },
  pope: {
    questions: 'coco_pope_random.json, … (one a line, or their folder)',
    annotations: 'coco_pope_random.json, …, where the questions are llava_pope_test.jsonl',
    isOptional: true,
    several: true,
  },
  mmbench: { questions: 'mmbench_dev_en.tsv', annotations: null },
  'mmbench-cn': { questions: 'mmbench_dev_cn.tsv', annotations: null },
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** What a form asks for; or what is missing in it, as a sentence ends. */
export type FromForm = { asked: AskedEvaluation; missing: null } | { asked: null; missing: string }

export function askedAnswers(form: AnswersForm): FromForm {
  const { benchmark, by, unanswered } = form
  const files = BENCHMARK_FILES[benchmark]
  const annotations = files.annotations === null ? [] : lines(form.annotations)
  if (annotations.length === 0 && files.annotations !== null && !files.isOptional)
    return { asked: null, missing: 'the official annotations' }
  return parsed({
    kind: 'answers',
    benchmark,
    questions: lines(form.questions),
    annotations,
    questionSplit: files.split ? form.questionSplit.trim() : '',
    ocr: files.ocr ? form.ocr.trim() : '',
    images: holdsPictures(benchmark) ? '' : form.images.trim(),
    by:
      by === 'file'
        ? { kind: 'file', path: form.answers.trim(), unknown: form.unknown }
        : { kind: 'run', run: form.run, limit: form.limit },
    unanswered: unanswered === 'own' ? null : unanswered,
  })
}

export function askedPictures(form: PicturesForm): FromForm {
  const { against, extractorPath, clipText, clipTokenizer } = form
  const own = extractorPath.trim() !== ''
  const isClip = clipText.trim() !== '' || clipTokenizer.trim() !== ''
  if (isClip && !(own && form.extractorName.trim() === 'clip'))
    return { asked: null, missing: 'CLIP’s side of the pictures: an extractor of the name clip' }
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

/** What people call the settings that a form may leave empty, or wrong. */
const NAMES: Readonly<Record<string, string>> = {
  questions: 'the official questions',
  images: 'the folder of the pictures',
  'by.path': 'the file of answers',
  'by.run': 'the run that answers',
  'by.limit': 'a whole number of questions',
  'reference.path': 'what the pictures are compared with',
  'reference.run': 'the run whose pictures they are compared with',
  'extractor.name': 'the name of the extractor',
  side: 'a whole number of pixels',
  'clip.text': 'CLIP’s text side',
  'clip.tokenizer': 'CLIP’s tokenizer',
}

function parsed(asked: unknown): FromForm {
  const result = askedEvaluationSchema.safeParse(asked)
  if (result.success) return { asked: result.data, missing: null }
  const path = result.error.issues[0]?.path.join('.') ?? ''
  return { asked: null, missing: NAMES[path] ?? path }
}

/** The form that asks for the same, to be changed. */
export function answersFormOf({ by, unanswered, ...asked }: AskedAnswers): AnswersForm {
  return {
    ...emptyAnswers,
    ...{ benchmark: asked.benchmark, questionSplit: asked.questionSplit, ocr: asked.ocr, images: asked.images },
    questions: asked.questions.join('\n'),
    annotations: asked.annotations.join('\n'),
    unanswered: unanswered ?? 'own',
    ...(by.kind === 'file'
      ? { by: 'file', answers: by.path, unknown: by.unknown }
      : { by: 'run', run: by.run, limit: by.limit }),
  }
}

export function picturesFormOf({
  images,
  reference,
  role,
  extractor,
  resize,
  side,
  lpips,
  clip,
}: AskedPictures): PicturesForm {
  return {
    ...emptyPictures,
    ...{ images, role, side, lpips, resize: resize === '' ? 'own' : resize },
    ...(extractor ? { extractorName: extractor.name, extractorPath: extractor.path } : {}),
    ...(clip ? { clipText: clip.text, clipTokenizer: clip.tokenizer, captions: clip.captions } : {}),
    against: reference?.kind ?? 'nothing',
    ...(reference?.kind === 'run'
      ? { run: reference.run, split: reference.split }
      : reference
        ? { reference: reference.path }
        : {}),
  }
}
