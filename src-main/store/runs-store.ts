import { and, asc, eq, inArray, isNotNull, max, sql } from 'drizzle-orm'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { RunSummary } from '../../src-shared/contract/runs.ts'
import type { RunEvent, RunState } from '../../src-shared/events.ts'
import type { ProvenanceCards } from '../../src-shared/provenance.ts'
import { totalSteps } from '../../src-shared/total-steps.ts'
import type { Database } from './database.ts'
import { type AblationRow, ablations, events, latestMetrics, metricNames, type RunRow, runs, tags } from './tables.ts'

/** What is known of a run before it starts. */
export interface NewRun {
  id: string
  config: ExperimentConfig
  createdAt: number
  parentId: string | null
  /** The ablation's id, and the arm that the run is a cell of. */
  cell: { ablationId: string; armIndex: number; armLabel: string; armSettings: Record<string, unknown> } | null
}

export interface RunsStore {
  /** All or none, with the ablation they belong to. */
  insert(newRuns: readonly NewRun[], state: RunState, ablation?: AblationRow): void
  row(id: string): RunRow | undefined
  ids(): string[]
  /** Ids of the runs in a state; queued ones in the order of the queue. */
  inState(state: RunState): string[]
  ofAblation(ablationId: string): RunRow[]
  /** Puts a run at the end of the queue. */
  queue(id: string): void
  setState(id: string, state: RunState, reason: string): void
  annotate(id: string, changes: { tags?: string[] | undefined; note?: string | undefined }): void
  remove(id: string): void
  /** Newest first; of all runs, or of those asked for. */
  summaries(ids?: readonly string[]): RunSummary[]
  metricNames(id: string): string[]
  /** Events of some kinds, oldest first, the newest `limit` of them. */
  events<K extends RunEvent['kind']>(id: string, kinds: readonly K[], limit: number): Extract<RunEvent, { kind: K }>[]
  /** Where the run's numbers come from: of each metric the card that was said last, over all stages and attempts. */
  provenance(id: string): ProvenanceCards
}

const ALL = 1_000_000

/** Of a run that is in Stage I: seconds of a step of what follows, in steps of Stage I. */
export type LaterWeight = (run: Pick<RunRow, 'id' | 'config'>) => number

/** @param laterWeight what the time that is left counts later steps by */
export function createRunsStore(database: Database, laterWeight: LaterWeight = () => 1): RunsStore {
  const { orm } = database
  const row = (id: string) => orm.select().from(runs).where(eq(runs.id, id)).get()
  const placeBehind = () =>
    (orm
      .select({ place: max(runs.queuePlace) })
      .from(runs)
      .get()?.place ?? 0) + 1

  function eventsOf<K extends RunEvent['kind']>(id: string, kinds: readonly K[], limit: number) {
    const found = orm
      .select({ body: events.body })
      .from(events)
      .innerJoin(runs, eq(runs.key, events.runKey))
      .where(and(eq(runs.id, id), inArray(events.kind, [...kinds])))
      .orderBy(sql`${events.seq} DESC`)
      .limit(limit)
      .all()
    return found.reverse().map(({ body }) => body as Extract<RunEvent, { kind: K }>)
  }

  return {
    insert(newRuns, state, ablation) {
      orm.transaction((transaction) => {
        if (ablation) transaction.insert(ablations).values(ablation).onConflictDoNothing().run()
        let place = placeBehind()
        for (const run of newRuns)
          transaction
            .insert(runs)
            .values({ ...rowOfNew(run), state, queuePlace: state === 'queued' ? place++ : null })
            .run()
      })
    },
    row,
    ids: () =>
      orm
        .select({ id: runs.id })
        .from(runs)
        .all()
        .map((found) => found.id),
    inState: (state) =>
      orm
        .select({ id: runs.id })
        .from(runs)
        .where(eq(runs.state, state))
        .orderBy(asc(runs.queuePlace), asc(runs.key))
        .all()
        .map((found) => found.id),
    ofAblation: (ablationId) =>
      orm.select().from(runs).where(eq(runs.ablationId, ablationId)).orderBy(asc(runs.armIndex), asc(runs.seed)).all(),
    queue(id) {
      orm.update(runs).set({ state: 'queued', reason: '', queuePlace: placeBehind() }).where(eq(runs.id, id)).run()
    },
    setState(id, state, reason) {
      orm.update(runs).set({ state, reason, queuePlace: null }).where(eq(runs.id, id)).run()
    },
    annotate(id, changes) {
      orm.transaction((transaction) => {
        const found = row(id)
        if (!found) return
        if (changes.note !== undefined)
          transaction.update(runs).set({ note: changes.note }).where(eq(runs.id, id)).run()
        if (changes.tags === undefined) return
        transaction.delete(tags).where(eq(tags.runKey, found.key)).run()
        for (const tag of new Set(changes.tags)) transaction.insert(tags).values({ runKey: found.key, tag }).run()
      })
    },
    remove(id) {
      orm.delete(runs).where(eq(runs.id, id)).run()
    },
    summaries: (ids) => summaries(database, laterWeight, ids),
    metricNames: (id) =>
      orm
        .select({ name: metricNames.name })
        .from(latestMetrics)
        .innerJoin(metricNames, eq(metricNames.id, latestMetrics.nameId))
        .innerJoin(runs, eq(runs.key, latestMetrics.runKey))
        .where(eq(runs.id, id))
        .orderBy(asc(metricNames.name))
        .all()
        .map((found) => found.name),
    events: eventsOf,
    provenance: (id) =>
      Object.assign({}, ...eventsOf(id, ['provenance'], ALL).map(({ cards }) => cards)) as ProvenanceCards,
  }
}

const rowOfNew = ({ id, config, createdAt, parentId, cell }: NewRun) => ({
  id,
  name: config.name,
  config,
  paradigm: config.codebook.paradigm,
  tokenizer: config.tokenizer.kind,
  seed: config.seed,
  steps: totalSteps(config),
  createdAt,
  parentId,
  ...cell,
})

function summaries({ orm }: Database, laterWeight: LaterWeight, ids?: readonly string[]): RunSummary[] {
  const rows = orm
    .select()
    .from(runs)
    .where(ids ? inArray(runs.id, [...ids]) : undefined)
    .orderBy(sql`${runs.createdAt} DESC, ${runs.key} DESC`)
    .all()
  const keys = ids ? rows.map((found) => found.key) : undefined
  const tagsOf = groupBy(
    orm
      .select()
      .from(tags)
      .where(keys ? inArray(tags.runKey, keys) : undefined)
      .orderBy(asc(tags.tag))
      .all(),
  )
  const latestOf = groupBy(
    orm
      .select({ runKey: latestMetrics.runKey, name: metricNames.name, value: latestMetrics.value })
      .from(latestMetrics)
      .innerJoin(metricNames, eq(metricNames.id, latestMetrics.nameId))
      .where(keys ? inArray(latestMetrics.runKey, keys) : undefined)
      .all(),
  )
  // An alarm that a resumed run raises again at the same step is one alarm.
  const alarm = sql`${events.body} ->> 'step', ${events.body} ->> 'name'`
  const alarmsOf = groupBy(
    orm
      .select({ runKey: events.runKey })
      .from(events)
      .where(and(eq(events.kind, 'alarm'), keys ? inArray(events.runKey, keys) : undefined))
      .groupBy(events.runKey, alarm)
      .all(),
  )
  const queue = orm
    .select({ key: runs.key })
    .from(runs)
    .where(and(eq(runs.state, 'queued'), isNotNull(runs.queuePlace)))
    .orderBy(asc(runs.queuePlace))
    .all()
    .map((found) => found.key)
  return rows.map((found) =>
    summaryOf(found, laterWeight, {
      tags: (tagsOf.get(found.key) ?? []).map(({ tag }) => tag),
      latest: Object.fromEntries((latestOf.get(found.key) ?? []).map(({ name, value }) => [name, value])),
      alarms: alarmsOf.get(found.key)?.length ?? 0,
      queuePosition: queue.includes(found.key) ? queue.indexOf(found.key) + 1 : null,
    }),
  )
}

function summaryOf(
  row: RunRow,
  laterWeight: LaterWeight,
  others: Pick<RunSummary, 'tags' | 'latest' | 'alarms' | 'queuePosition'>,
): RunSummary {
  const runs = row.state === 'running'
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    reason: row.reason,
    paradigm: row.paradigm,
    tokenizer: row.tokenizer,
    seed: row.seed,
    ablationId: row.ablationId,
    armLabel: row.armLabel,
    parentId: row.parentId,
    note: row.note,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: runs ? null : row.endedAt,
    step: row.step,
    steps: row.steps,
    secondsLeft: runs ? secondsLeft(row, laterWeight) : null,
    // Of Stage I: while a later one runs it says nothing.
    imagesPerSecond: runs && row.step > row.config.training.steps ? null : (others.latest['speed.images'] ?? null),
    // Keys are given once and never again.
    colour: row.key - 1,
    ...others,
  }
}

/** From the pace of the stage that it is in; null while that has none. */
function secondsLeft(row: RunRow, laterWeight: LaterWeight): number | null {
  const pace = secondsPerStep(row)
  if (pace === null) return null
  const first = row.config.training.steps
  if (row.step > first || row.steps === first) return pace * Math.max(0, row.steps - row.step)
  return pace * (first - row.step + laterWeight(row) * (row.steps - first))
}

/**
 * Mean seconds of a step over the latest attempt in the stage that the run is in, everything between the steps included; null
 * before two steps.
 */
export function secondsPerStep(row: Pick<RunRow, 'paceStep' | 'paceTime' | 'lastStep' | 'lastTime'>): number | null {
  const { paceStep, paceTime, lastStep, lastTime } = row
  if (paceStep === null || paceTime === null || lastStep === null || lastTime === null) return null
  return lastStep > paceStep ? (lastTime - paceTime) / 1000 / (lastStep - paceStep) : null
}

function groupBy<T extends { runKey: number }>(rows: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of rows) groups.set(row.runKey, [...(groups.get(row.runKey) ?? []), row])
  return groups
}
