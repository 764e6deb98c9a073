import type { BenchmarkName } from '../../../src-shared/answer-results.ts'
import type { BenchmarkQuestion } from './benchmark.ts'

const SHORT = 'Answer the question using a single word or phrase.'
const LETTER = "Answer with the option's letter from the given choices directly."
const UNANSWERABLE = "When the provided information is insufficient, respond with 'Unanswerable'."
const LETTER_CN = '请直接回答选项字母。'

/** What LLaVA-1.5 says behind the question of each benchmark about how to answer. */
const suffixes: Readonly<Record<BenchmarkName, readonly string[]>> = {
  vqav2: [SHORT],
  vizwiz: [UNANSWERABLE, SHORT],
  textvqa: [SHORT],
  pope: [SHORT],
  scienceqa: [LETTER],
  mmbench: [LETTER],
  'mmbench-cn': [LETTER_CN],
}

/** What LLaVA-1.5 asks, without the place of the picture, which comes first on a line of its own. */
export function promptOf(name: BenchmarkName, { question, context, options }: BenchmarkQuestion): string {
  const choices = options.flatMap((text, at) => (text === '' ? [] : [`${String.fromCharCode(65 + at)}. ${text}`]))
  return [...aroundQuestion(name, question, context), ...choices, ...suffixes[name]].join('\n')
}

function aroundQuestion(name: BenchmarkName, question: string, context: string): string[] {
  if (context === '') return [question]
  if (name === 'scienceqa') return [`Context: ${context}`, question]
  // OCR tokens come behind the question, the hints of MMBench before it.
  return name === 'textvqa' ? [question, context] : [context, question]
}
