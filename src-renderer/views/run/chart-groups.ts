import { type MetricDefinition, metricDefinition } from '../../../src-shared/metrics.ts'

/** A chart of the run view: one metric, or one metric of every layer. */
export interface ChartOfMetrics {
  /** The metric that gives unit, definition and number format. */
  metric: string
  title: string
  unit: string
  members: { name: string; label: string }[]
}
export interface ChartGroup {
  group: MetricDefinition['group'] | 'other'
  title: string
  charts: ChartOfMetrics[]
}

const TITLES: Record<ChartGroup['group'], string> = {
  reconstruction: 'Reconstruction',
  adversarial: 'Discriminator',
  language: 'Language model',
  codebook: 'Codebook',
  drift: 'Drift from the language model',
  speed: 'Speed and memory',
  other: 'Other metrics',
}
const ORDER = Object.keys(TITLES) as ChartGroup['group'][]
const HEADLINE = [
  'heldout.mse',
  'loss.reconstruction',
  'language.perplexity',
  'usage.codes',
  'perplexity.set',
  'drift.cosine',
]
const rank = (metric: string): number => {
  const at = HEADLINE.findIndex((name) => metric.startsWith(name))
  return at < 0 ? HEADLINE.length : at
}

/** Charts of the metrics a run has, by group; the layers of one metric share a chart. */
export function chartGroups(names: readonly string[]): ChartGroup[] {
  const charts = new Map<string, ChartOfMetrics & { group: ChartGroup['group'] }>()
  for (const name of [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const definition = metricDefinition(name)
    const layer = /^(.+)\.(\d+)$/.exec(name)
    const family = layer && definition ? (layer[1] as string) : name
    const chart = charts.get(family) ?? {
      metric: name,
      title: definition ? definition.label.replace(/, layer \d+$/, '') : name,
      unit: definition?.unit ?? '',
      group: definition?.group ?? 'other',
      members: [],
    }
    chart.members.push({ name, label: layer && definition ? `layer ${layer[2]}` : chart.title })
    charts.set(family, chart)
  }
  return ORDER.flatMap((group) => {
    const own = [...charts.values()].filter((chart) => chart.group === group)
    own.sort((a, b) => rank(a.metric) - rank(b.metric))
    return own.length === 0 ? [] : [{ group, title: TITLES[group], charts: own }]
  })
}
