import { z } from 'zod'

/**
 * The paper's tables as data: the figures as printed, and for each row and column what of the workbench stands beside
 * it. One JSON file each in resources/paper.
 */

/** A condition on a run's config. `path` is a setting, or one of the facts of config-facts.ts. */
const conditionSchema = z.strictObject({
  path: z.string().min(1),
  in: z.array(z.unknown()).min(1).optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
})
export type Condition = z.infer<typeof conditionSchema>

/** The sizes at which a row can be trained: on this machine in minutes, in hours, and as the paper did. */
export const runSizes = ['minutes', 'hours', 'paper'] as const
export type RunSize = (typeof runSizes)[number]

/** A preset's baseline with settings changed. */
const experimentSchema = z.strictObject({
  /** A preset's id; left out in a row where the table's is meant. */
  preset: z.string().optional(),
  /** Path → value, on top of the table's. */
  set: z.record(z.string(), z.unknown()),
})
const experimentsSchema = z.strictObject({
  minutes: experimentSchema,
  hours: experimentSchema,
  paper: experimentSchema,
})

/** What a run is measured by in a column. */
const measureSchema = z.strictObject({
  /** Metrics of a run; the first that it has. */
  metrics: z.array(z.string()).min(1),
  label: z.string().min(1),
  /** What a value is multiplied by to stand beside the paper's: 100 for shares that the paper prints in percent. */
  scale: z.number().positive(),
  decimals: z.int().min(0).max(6),
  /** Whether it is the paper's own measure, computed alike. */
  same: z.boolean(),
  /** How it differs from the paper's measure, or what it is where the paper has none. */
  differs: z.string().min(1),
})
export type Measure = z.infer<typeof measureSchema>
export const measuresSchema = z.record(z.string(), measureSchema)
export type Measures = z.infer<typeof measuresSchema>

/** Columns of facts, such as a size: told from the config. */
export const columnFacts = [
  'parameters',
  'visual-parameters',
  'language-model',
  'abilities',
  'instruction-samples',
  'resolution',
  'layers-tokens',
  'codes',
] as const
export type ColumnFact = (typeof columnFacts)[number]

const columnSchema = z.strictObject({
  key: z.string().min(1),
  /** Direction in the paper; left out where neither is better. */
  better: z.enum(['higher', 'lower']).optional(),
  /** Figures are percentages: shares are multiplied by 100 before they stand here. */
  percent: z.literal(true).optional(),
  /** Data set that the paper measures on. */
  data: z.string().optional(),
  /** Name of a measure; without one no run fills the column, imported results do. */
  measure: z.string().optional(),
  fact: z.enum(columnFacts).optional(),
  /** Only runs on such pictures count: kinds of source, and a word of its path. */
  on: z.strictObject({ kinds: z.array(z.string()).min(1), word: z.string().optional() }).optional(),
  /** True for a column that the workbench adds. */
  own: z.literal(true).optional(),
})
export type PaperColumn = z.infer<typeof columnSchema>

const rowSchema = z
  .strictObject({
    name: z.string().min(1),
    /** As printed, one a column of the paper; null: a dash, or nothing. */
    values: z.array(z.string().nullable()),
    /** Why the workbench does not train it. */
    outside: z.string().optional(),
    /** Conditions that a run of this row fulfils. */
    match: z.array(conditionSchema).min(1).optional(),
    /** What differs from the paper's row. */
    differs: z.string().optional(),
    runs: experimentsSchema.optional(),
  })
  .refine(({ outside, match, runs }) => (outside === undefined ? match && runs : !match && !runs), {
    message: 'a row has either "outside", or "match" and "runs"',
  })
export type PaperRow = z.infer<typeof rowSchema>

export const paperTableSchema = z
  .strictObject({
    id: z.int().min(1),
    title: z.string().min(1),
    /** What the table is about. */
    sentence: z.string().min(1),
    rowKey: z.string().min(1),
    note: z.string().optional(),
    columns: z.array(columnSchema).min(1),
    /** Settings that tell its rows apart; in all others the runs of one table are alike. */
    varies: z.array(z.string()).min(1),
    /** Conditions that the runs of every row fulfil. */
    where: z.array(conditionSchema),
    /** Index of the row that the others are compared with. */
    baseline: z.int().min(0),
    runs: experimentsSchema,
    rows: z.array(rowSchema).min(1),
  })
  .superRefine((table, context) => {
    const printed = table.columns.filter(({ own }) => !own).length
    for (const [index, { name, values }] of table.rows.entries())
      if (values.length !== printed)
        context.addIssue({
          code: 'custom',
          path: ['rows', index, 'values'],
          message: `row "${name}" has ${values.length} values for ${printed} columns`,
        })
    if (table.columns.findIndex(({ own }) => own) !== -1 && table.columns.slice(printed).some(({ own }) => !own))
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        message: 'columns of the workbench stand after the paper’s',
      })
    if (!table.rows[table.baseline])
      context.addIssue({ code: 'custom', path: ['baseline'], message: `there is no row ${table.baseline}` })
  })
export type PaperTable = z.infer<typeof paperTableSchema>

/** A printed figure as a number, such as 31 of "≈31"; null where it is none ("2.8B", "1:64"). */
export function printedNumber(text: string | null | undefined): number | null {
  const match = /^≈?\s*(-?\d+(?:\.\d+)?)$/.exec(text ?? '')
  return match ? Number(match[1]) : null
}

/** What the paper prints in a cell; null for a dash, and in columns of the workbench. */
export const printed = (row: PaperRow, column: number): string | null => row.values[column] ?? null
