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
  multimodal: 'Stage II: dialogues with pictures',
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
    const family = layer && definition ? (layer[1] as string) : (definition?.about ?? name)
    const metric = definition?.about ?? name
    const main = metricDefinition(metric)
    const chart = charts.get(family) ?? {
      metric,
      title: main ? main.label.replace(/, layer \d+$/, '') : metric,
      unit: main?.unit ?? '',
      group: main?.group ?? 'other',
      members: [],
    }
    chart.members.push({ name, label: memberLabel(chart.title, definition?.label, layer?.[2]) })
    charts.set(family, chart)
  }
  return ORDER.flatMap((group) => {
    const own = [...charts.values()].filter((chart) => chart.group === group)
    own.sort((a, b) => rank(a.metric) - rank(b.metric))
    return own.length === 0 ? [] : [{ group, title: TITLES[group], charts: own }]
  })
}

/** What a line is called within the chart of its metric: its layer, or what it says about the metric. */
function memberLabel(title: string, label: string | undefined, layer: string | undefined): string {
  if (label === undefined) return title
  if (layer !== undefined) return `layer ${layer}`
  return label.startsWith(`${title}: `) ? label.slice(title.length + 2) : label
}
