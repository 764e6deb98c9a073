import type { AnswerWarning, BenchmarkName, UnansweredRule } from '../../../src-shared/answer-results.ts'
import type { Fields } from './entries.ts'

/** Where a question's picture is. */
export type QuestionImage =
  /** A file of the pictures' folder, which has one of these names. */
  | { kind: 'file'; names: readonly string[] }
  /** base64 in a file. */
  | { kind: 'embedded'; path: string; offset: number; length: number; row: string }

export interface BenchmarkQuestion {
  /** Unique in the benchmark. */
  id: string
  /** What names it in a file of answers. */
  key: Readonly<Record<string, string | number>>
  question: string
  /** What is read before it; '' for most. */
  context: string
  /** Texts of A, B, C and so on; none where the answer is free. */
  options: readonly string[]
  /** Human answers; the right letter; or yes or no. */
  truth: readonly string[]
  image: QuestionImage | null
  /** What figures group it by. */
  groups: Readonly<Record<string, string>>
}

/** A benchmark as it was read from its official files. */
export interface Benchmark {
  name: BenchmarkName
  questions: readonly BenchmarkQuestion[]
  /** What it was read from. */
  files: readonly string[]
  warnings: readonly AnswerWarning[]
  /** What its own scoring does about questions without an answer. */
  unanswered: UnansweredRule
  /**
   * Begins the reading of a file of answers: what is returned gives the id of the question that an entry is about, or what
   * the entry calls it if there is none, and throws EntryProblem if it does not say.
   */
  idReader(): (entry: Fields) => string
}

/** An answer by a system. */
export interface GivenAnswer {
  text: string
  /** What was asked, if the file says so. */
  prompt: string | null
}
