import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { RunEvent } from '../../src-shared/events.ts'
import { metricDefinition } from '../../src-shared/metrics.ts'
import { cardOf, type ProvenanceCards } from '../../src-shared/provenance.ts'

/** All metrics of a run by step; of a step that was trained twice, since the run went back to a checkpoint, the later. */
export interface MetricTable {
  names: string[]
  /** Ascending by step. */
  rows: {
    step: number /** since the run's first event, pauses included */
    seconds: number
    values: Record<string, number>
  }[]
}

export function metricTable(events: readonly RunEvent[]): MetricTable {
  const first = events[0]?.time ?? 0
  const rows = new Map<number, MetricTable['rows'][number]>()
  const names = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'metrics') continue
    const { step, time, values } = event
    rows.set(step, { step, seconds: (time - first) / 1000, values: { ...rows.get(step)?.values, ...values } })
    for (const name of Object.keys(values)) names.add(name)
  }
  return { names: [...names].sort(), rows: [...rows.values()].sort((a, b) => a.step - b.step) }
}

/** One line per step, one column per metric; empty where a metric was not recorded. */
export function metricsCsv({ names, rows }: MetricTable): string {
  const lines = rows.map(({ step, seconds, values }) =>
    [step, seconds, ...names.map((name) => values[name] ?? '')].join(','),
  )
  return `${[['step', 'seconds', ...names].join(','), ...lines].join('\n')}\n`
}

/** The card of each metric: definition, and where its numbers come from; one line per metric. */
export function provenanceCsv({ names }: MetricTable, cards: ProvenanceCards): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const lines = names.map((name) => {
    const { unit = '', definition = '' } = metricDefinition(name) ?? {}
    const card = cardOf(cards, name)
    return [
      name,
      ...[unit, definition].map(quoted),
      ...(card ? CARD_FIELDS.map((field) => quoted(String(card[field]))) : CARD_FIELDS.map(() => '')),
    ].join(',')
  })
  return `${[['metric', 'metricUnit', 'definition', ...CARD_FIELDS].join(','), ...lines].join('\n')}\n`
}

const CARD_FIELDS = [
  'extractor',
  'extractorHash',
  'referenceSet',
  'referenceHash',
  'transform',
  'count',
  'unit',
  'software',
] as const

/** The newest cards that a run recorded. */
export const provenanceIn = (events: readonly RunEvent[]): ProvenanceCards =>
  events.findLast((event) => event.kind === 'provenance')?.cards ?? {}

/** One series per metric, each with its unit and definition, and the config they belong to. */
export function metricsDocument({ names, rows }: MetricTable, config: ExperimentConfig, cards: ProvenanceCards = {}) {
  const metrics = Object.fromEntries(
    names.map((name) => {
      const recorded = rows.filter(({ values }) => values[name] !== undefined)
      const { unit = '', definition = '' } = metricDefinition(name) ?? {}
      return [
        name,
        {
          unit,
          definition,
          provenance: cardOf(cards, name) ?? null,
          step: recorded.map(({ step }) => step),
          seconds: recorded.map(({ seconds }) => seconds),
          value: recorded.map(({ values }) => values[name]),
        },
      ]
    }),
  )
  return { config, metrics }
}
