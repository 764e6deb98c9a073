import type { Benchmark, BenchmarkQuestion, QuestionImage } from '../benchmark.ts'
import { BenchmarkError } from '../benchmark-error.ts'
import { Offenders } from '../offenders.ts'
import { CATEGORIES, SPLIT } from '../scoring.ts'
import { cellText, type TabField, tabRows } from '../tab-table.ts'
import { Collected, question } from './collected.ts'
import { type OfficialPaths, onlyPath } from './official-paths.ts'

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const COLUMNS = ['index', 'question', 'A', 'answer'] as const
/** What is longer than this is a picture; else it is the index of the row that holds it. */
const LONGEST_INDEX = 64

/**
 * MMBench or MMBench-CN: its tab-separated table, whose pictures stay in it.
 * @throws BenchmarkError
 */
export async function readMmbench(name: 'mmbench' | 'mmbench-cn', paths: OfficialPaths): Promise<Benchmark> {
  const path = onlyPath([...paths.questions, ...paths.annotations], 'MMBench', 'its table (--questions)')
  const questions = new Collected<BenchmarkQuestion>(path, 'rows')
  const bad = new Offenders()
  /** Questions whose picture is in the row of another, by their ids. */
  const elsewhere = new Map<string, string>()
  let columns: ReadonlyMap<string, number> | null = null
  let number = 0
  for await (const fields of tabRows(path, 'questions')) {
    if (columns === null) {
      columns = columnsOf(fields, path)
      continue
    }
    number++
    const row = new TableRow(columns, fields)
    const problem = row.problem()
    if (problem !== null) {
      bad.add(`row ${number} ${problem}`)
      continue
    }
    const read = rowQuestion(row, path)
    if (row.reference !== null) elsewhere.set(read.id, row.reference)
    questions.add(read.id, read)
  }
  if (bad.count > 0)
    throw new BenchmarkError(`${bad.count} of ${number} rows of "${path}" cannot be used: ${bad}; correct the table`)
  if (number === 0) throw new BenchmarkError(`"${path}" holds no questions; give MMBench’s own table`)
  const byId = questions.checked()
  const lost = new Offenders()
  const all = Array.from(byId.values(), (read) => {
    const other = elsewhere.get(read.id)
    if (other === undefined) return read
    const image = byId.get(other)?.image
    if (!image) lost.add(`${read.id} (that of ${other})`)
    return { ...read, image: image ?? null }
  })
  if (lost.count > 0) throw new BenchmarkError(`"${path}" lacks the pictures of ${lost.count} rows: ${lost}`)
  return {
    name,
    questions: all,
    files: [path],
    warnings: [],
    unanswered: 'refuse',
    idReader: () => (entry) => String(entry.key(entry.has('index') ? 'index' : 'question_id')),
  }
}

function columnsOf(fields: readonly TabField[], path: string): ReadonlyMap<string, number> {
  const columns = new Map(fields.map(({ text }, at) => [text, at]))
  const missing = COLUMNS.filter((name) => !columns.has(name))
  if (missing.length > 0)
    throw new BenchmarkError(`"${path}" has no column ${missing.join(', ')}; give MMBench’s own tab-separated table`)
  return columns
}

/** A row of the table by the names of its columns. */
class TableRow {
  readonly #columns: ReadonlyMap<string, number>
  readonly #fields: readonly TabField[]

  constructor(columns: ReadonlyMap<string, number>, fields: readonly TabField[]) {
    this.#columns = columns
    this.#fields = fields
  }
  field(name: string): TabField | undefined {
    return this.#fields[this.#columns.get(name) ?? -1]
  }
  text(name: string): string {
    return cellText(this.field(name)?.text ?? '')
  }
  /** The index of the row that holds this one's picture; null if it is here, or there is none. */
  get reference(): string | null {
    const { text, length } = this.field('image') ?? { text: '', length: 0 }
    return length > 0 && length <= LONGEST_INDEX && /^\d+$/.test(text) ? text : null
  }
  get options(): string[] {
    const last = LETTERS.findLastIndex((letter) => this.text(letter) !== '')
    return LETTERS.slice(0, last + 1).map((letter) => this.text(letter))
  }
  /** Why it is no question; null if it is one. */
  problem(): string | null {
    if (this.#fields.length !== this.#columns.size)
      return `has ${this.#fields.length} fields, and the table has ${this.#columns.size} columns`
    if (!/^\d+$/.test(this.text('index')))
      return `has the index "${this.text('index').slice(0, 40)}", which is no number`
    const answer = this.text('answer')
    if (answer === '') return 'has no answer: those of the test split are not public'
    return this.options[LETTERS.indexOf(answer)]
      ? null
      : `has the answer "${answer.slice(0, 40)}", which is no option of it`
  }
}

function rowQuestion(row: TableRow, path: string): BenchmarkQuestion {
  const index = Number(row.text('index'))
  const field = row.field('image')
  const image: QuestionImage | null =
    field && field.offset >= 0 && field.length > 0 && row.reference === null
      ? { kind: 'embedded', path, offset: field.offset, length: field.length, row: `row ${index}` }
      : null
  const groups = [...CATEGORIES, SPLIT].flatMap((name) => (row.text(name) === '' ? [] : [[name, row.text(name)]]))
  return question({
    id: String(index),
    key: { question_id: index },
    question: row.text('question'),
    context: row.text('hint'),
    options: row.options,
    truth: [row.text('answer')],
    image,
    groups: Object.fromEntries(groups),
  })
}
