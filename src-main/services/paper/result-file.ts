import { z } from 'zod'
import { type MetricCard, metricCardSchema } from '../../../src-shared/metric-card.ts'
import type { PaperColumn } from '../../../src-shared/paper/tables.ts'

export class ResultFileError extends Error {
  override name = 'ResultFileError'
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

const scoresSchema = z.record(z.string(), z.number())

export interface ResultFile {
  card: MetricCard
  /** Score of each question by its id, where the file has them. */
  scores: Record<string, number> | null
}

/**
 * Finds the figure of a column in a result file as `evaluate` writes it: a metric card by itself, or a JSON document with
 * cards in it, wherever they stand. `scores`, if the document has it, are those of single questions.
 * @param metric name of the metric, where the file has several
 * @throws ResultFileError
 */
export function readResultFile(text: string, column: PaperColumn, metric: string | null): ResultFile {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw new ResultFileError(
      `the file is not JSON: ${(cause as Error).message}`,
      'Choose the file that “evaluate --json” wrote.',
    )
  }
  const cards = cardsIn(document)
  if (cards.length === 0)
    throw new ResultFileError(
      'the file has no metric card',
      'A figure needs a card that says its metric, definition, reference, count and value; “evaluate --json” writes one.',
    )
  const fitting = cards.filter((card) => metric === null || card.metric === metric)
  const names = [...new Set(cards.map((card) => card.metric))]
  if (fitting.length === 0)
    throw new ResultFileError(`the file has no metric "${metric}"`, `It has ${names.join(', ')}.`)
  if (fitting.length > 1 && names.length > 1)
    throw new ResultFileError(
      `the file has ${fitting.length} metrics`,
      `Say which one belongs here: ${names.join(', ')}.`,
    )
  if (fitting.length > 1)
    throw new ResultFileError(
      `the file has ${fitting.length} figures of "${names[0]}"`,
      'Take the one that belongs here into a file of its own.',
    )
  const card = fitting[0] as MetricCard
  checkDirection(card, column)
  const scores = scoresSchema.safeParse((document as { scores?: unknown } | null)?.scores)
  return { card, scores: scores.success ? scores.data : null }
}

function checkDirection({ metric, higherIsBetter }: MetricCard, { key, better }: PaperColumn): void {
  if (higherIsBetter === null || better === undefined || higherIsBetter === (better === 'higher')) return
  throw new ResultFileError(
    `${metric} is better ${higherIsBetter ? 'the higher' : 'the lower'} it is, and the figures of ${key} the ${better} they are`,
    'Choose the column that it belongs to.',
  )
}

/** The figure on the column's scale. @throws ResultFileError for one that is not finite */
export function figureOfCard({ metric, value, unit }: MetricCard, column: PaperColumn): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ResultFileError(
      `${metric} is ${value}, which is no figure for a table`,
      'Look at the warnings of its card.',
    )
  return column.percent && unit === 'share' ? value * 100 : value
}

/** Everything in a document that is a metric card, outer ones first. */
function cardsIn(value: unknown): MetricCard[] {
  if (value === null || typeof value !== 'object') return []
  const card = metricCardSchema.safeParse(value)
  return card.success ? [card.data] : Object.values(value).flatMap(cardsIn)
}
