import { z } from 'zod'

/**
 * A measured number with everything that it depends on. A number without its extractor, reference set, crop, count and
 * definition is not a number: evaluations hand out cards, never figures alone.
 */
export const metricCardSchema = z.object({
  /** Its name, which tells the extractor where one is named after it: "FID", "FD-MobileNetV2", "PSNR". */
  metric: z.string().min(1),
  /** Infinity and NaN do not survive JSON: they are written as the words. */
  value: z.union([z.number(), z.enum(['Infinity', '-Infinity'])]),
  /** '' where it has none. */
  unit: z.string(),
  /** null where neither is better. */
  higherIsBetter: z.boolean().nullable(),
  /** The formula and its conventions, in words. */
  definition: z.string().min(1),
  /** Where the definition is from: a publication, a tool. */
  source: z.string().min(1),
  /** The network whose outputs are measured; null where none is. */
  extractor: z.object({ name: z.string().min(1), sha256: z.string(), file: z.string() }).nullable(),
  /** Crop, resizing and range of values before the measure. */
  resize: z.string(),
  /** What is compared with, with its sha256 where it has one. */
  reference: z.string(),
  /** Number of items that are measured: pictures, pairs, questions. */
  count: z.number().int().min(0),
  /** Of what is drawn at random; null where nothing is. */
  seed: z.number().int().nullable(),
  interval: z.object({ low: z.number(), high: z.number(), method: z.string().min(1) }).nullable(),
  /** How large the error of a small sample is, in words; null where the measure has none that is known. */
  bias: z.string().nullable(),
  /** What makes the figure doubtful or not comparable. */
  warnings: z.array(z.string()),
})
export type MetricCard = z.infer<typeof metricCardSchema>

/** A value as a card holds it. @throws RangeError for NaN, which is no figure */
export function cardValue(value: number): MetricCard['value'] {
  if (Number.isNaN(value)) throw new RangeError('a metric that is not a number has no card')
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value === Number.NEGATIVE_INFINITY ? '-Infinity' : value
}

/** The lines of a card for people: what, and its value; only lines that say something. */
export function metricCardLines(card: MetricCard): [name: string, value: string][] {
  const lines: [string, string | null][] = [
    ['Definition', card.definition],
    ['Source', card.source],
    ['Extractor', card.extractor && `${card.extractor.name}, ${card.extractor.file}, sha256 ${card.extractor.sha256}`],
    ['Crop and size', card.resize],
    ['Reference', card.reference],
    ['Count', String(card.count)],
    ['Seed', card.seed === null ? null : String(card.seed)],
    ['Interval', card.interval && `${card.interval.low} to ${card.interval.high} (${card.interval.method})`],
    ['Small sample', card.bias],
    ...card.warnings.map((warning): [string, string] => ['Warning', warning]),
  ]
  return lines.filter((line): line is [string, string] => line[1] !== null && line[1] !== '')
}
