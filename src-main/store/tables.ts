import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { Factor } from '../../src-shared/contract/ablations.ts'
import type { RunEvent, RunState } from '../../src-shared/events.ts'
import type { MetricCard } from '../../src-shared/metric-card.ts'

/** The tables as drizzle sees them; migrations.ts makes them. Times are Unix ms. */
export const runs = sqliteTable('runs', {
  key: integer('key').primaryKey({ autoIncrement: true }),
  id: text('id').notNull().unique(),
  name: text('name').notNull(),
  state: text('state').$type<RunState>().notNull(),
  reason: text('reason').notNull().default(''),
  config: text('config', { mode: 'json' }).$type<ExperimentConfig>().notNull(),
  paradigm: text('paradigm').notNull(),
  tokenizer: text('tokenizer').notNull(),
  seed: integer('seed').notNull(),
  steps: integer('steps').notNull(),
  step: integer('step').notNull().default(0),
  ablationId: text('ablation_id'),
  armIndex: integer('arm_index'),
  armLabel: text('arm_label'),
  armSettings: text('arm_settings', { mode: 'json' }).$type<Record<string, unknown>>(),
  parentId: text('parent_id'),
  note: text('note').notNull().default(''),
  createdAt: integer('created_at').notNull(),
  startedAt: integer('started_at'),
  endedAt: integer('ended_at'),
  queuePlace: integer('queue_place'),
  attempts: integer('attempts').notNull().default(0),
  /** First and last recorded step of the latest attempt in the stage that it is in, and when: the pace of that stage. */
  paceStep: integer('pace_step'),
  paceTime: integer('pace_time'),
  lastStep: integer('last_step'),
  lastTime: integer('last_time'),
  /** Mean seconds of a step of Stage I, of the attempt that went on from it to a later stage. */
  firstPace: real('first_pace'),
  /** Time of the first event. */
  firstTime: integer('first_time'),
  /** How far events.ndjson has been taken in. */
  ingestedBytes: integer('ingested_bytes').notNull().default(0),
  ingestedSeq: integer('ingested_seq').notNull().default(0),
})
export type RunRow = typeof runs.$inferSelect

const runKey = () =>
  integer('run_key')
    .notNull()
    .references(() => runs.key, { onDelete: 'cascade' })

export const tags = sqliteTable('tags', { runKey: runKey(), tag: text('tag').notNull() }, (table) => [
  primaryKey({ columns: [table.runKey, table.tag] }),
])

export const metricNames = sqliteTable('metric_names', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
})

export const latestMetrics = sqliteTable(
  'latest_metrics',
  {
    runKey: runKey(),
    nameId: integer('name_id').notNull(),
    step: integer('step').notNull(),
    value: real('value').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runKey, table.nameId] })],
)

export const events = sqliteTable(
  'events',
  {
    runKey: runKey(),
    seq: integer('seq').notNull(),
    kind: text('kind').$type<RunEvent['kind']>().notNull(),
    body: text('body', { mode: 'json' }).$type<RunEvent>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runKey, table.seq] })],
)

export const ablations = sqliteTable('ablations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: integer('created_at').notNull(),
  baseline: text('baseline', { mode: 'json' }).$type<ExperimentConfig>().notNull(),
  factors: text('factors', { mode: 'json' }).$type<Factor[]>().notNull(),
  seeds: text('seeds', { mode: 'json' }).$type<number[]>().notNull(),
})
export type AblationRow = typeof ablations.$inferSelect

export const settings = sqliteTable('settings', {
  key: text('key').primaryKey(),
  value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
})

/** Figures of cells of the paper's tables that come from files. */
export const importedResults = sqliteTable('imported_results', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** Whose answers or pictures were measured, in the words of who imported it. */
  source: text('source').notNull(),
  table: integer('paper_table').notNull(),
  row: integer('row_index').notNull(),
  column: text('column_key').notNull(),
  /** On the column's scale. */
  value: real('value').notNull(),
  card: text('card', { mode: 'json' }).$type<MetricCard>().notNull(),
  /** Score of each question by its id, where the file has them. */
  scores: text('scores', { mode: 'json' }).$type<Record<string, number>>(),
  importedAt: integer('imported_at').notNull(),
})
export type ImportedRow = typeof importedResults.$inferSelect
