import type { AblationDetail, Cell } from '../../../src-shared/contract/ablations.ts'
import type { MetricSeries } from '../../../src-shared/contract/runs.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { RUN_COLOURS } from '../../../src-shared/run-colours.ts'
import { mean, sampleStd } from '../../../src-shared/statistics.ts'
import { type Curve, curveSvg } from './curve-svg.ts'
import { type ArmPictures, armSheet } from './picture-sheet.ts'
import { type StageTwoRecords, stageTwoPages } from './stage-two-pages.ts'

/** What is told of an ablation. */
export type ReportDetail = Pick<AblationDetail, 'name' | 'seeds' | 'baseline' | 'arms' | 'metrics'>

/** What a report is made of; pictures may be missing where a run has written no sample. */
export interface ReportSource extends StageTwoRecords {
  detail: ReportDetail
  series(runIds: string[], names: string[]): Promise<MetricSeries[]>
  /** The newest sample of a run, or null. */
  sample(runId: string): Promise<Uint8Array | null>
}

/** Files of a report by name. `report.md` shows the others. */
export type Report = Record<string, string | Uint8Array>

const SHOWN_PICTURES = 12

/**
 * An ablation as a page of Markdown with its result table, a curve per metric, a sheet of reconstructions, and what second
 * stages painted and answered: for each
 * arm mean and standard deviation over seeds, and the difference from the baseline with its 95 % interval (Welch).
 */
export async function ablationReport({ detail, series, sample, ...records }: ReportSource): Promise<Report> {
  const metrics = detail.metrics.filter((name) => detail.arms.some((arm) => (arm.cells[name]?.n ?? 0) > 0))
  const files: Report = {}
  const curves: string[] = []
  for (const name of metrics) {
    const { label = name, unit = '' } = metricDefinition(name) ?? {}
    const lines: Curve[] = []
    for (const [index, arm] of detail.arms.entries())
      lines.push({
        label: arm.label,
        colour: RUN_COLOURS.light[index % RUN_COLOURS.light.length] as string,
        points: pointsOf(await series(arm.runIds, [name])),
      })
    if (lines.every(({ points }) => points.length < 2)) continue
    const file = `${name}.svg`
    files[file] = curveSvg(label, unit, lines)
    curves.push(`![${label} by step](${file})`)
  }
  const pictures = await picturesOf(detail, sample)
  if (pictures.length > 0) files['reconstructions.png'] = await armSheet(pictures, SHOWN_PICTURES)
  const sheet =
    pictures.length === 0
      ? []
      : [
          '## Reconstructions of held-out pictures',
          '',
          `First row: the pictures. Then, each with its first seed: ${pictures.map(({ label }) => label).join(', ')}.`,
          '',
          '![Held-out pictures and their reconstructions](reconstructions.png)',
          '',
        ]
  const later = await stageTwoPages(detail, records)
  Object.assign(files, later.files)
  files['report.md'] = [
    `# ${detail.name}`,
    '',
    `${detail.arms.length === 1 ? 'One arm' : `${detail.arms.length} arms`}, ${detail.seeds.length === 1 ? 'seed' : 'seeds'} ${detail.seeds.join(', ')}, ${detail.baseline.training.steps} steps of ${detail.baseline.training.batchSize} pictures of ${detail.baseline.data.resolution} px. Mean ± standard deviation over seeds; below it the difference from ${detail.arms.find(({ isBaseline }) => isBaseline)?.label ?? 'no arm: the baseline is none of them'}, with its 95 % interval (Welch). Best in bold. ↓ lower is better, ↑ higher is better.`,
    '',
    ...resultRows(detail, metrics),
    '',
    '## Curves',
    '',
    'The line is the mean over seeds, the band its standard deviation.',
    '',
    ...curves.flatMap((curve) => [curve, '']),
    ...sheet,
    ...later.lines,
    '## Definitions',
    '',
    ...metrics.map((name) => {
      const { label = name, unit = '', definition = '' } = metricDefinition(name) ?? {}
      return `- **${label}** (${unit}): ${definition}`
    }),
    '',
    '## Settings',
    '',
    ...detail.arms.map(({ label, settings }) => `- ${label}: \`${JSON.stringify(settings)}\``),
    '',
    'The baseline’s config:',
    '',
    '```json',
    JSON.stringify(detail.baseline, null, 2),
    '```',
    '',
  ].join('\n')
  return files
}

/** Mean and spread at each step for which every seed has a value. */
export function pointsOf(series: readonly MetricSeries[]): Curve['points'] {
  const recorded = series.filter(({ step }) => step.length > 0)
  const values = new Map<number, number[]>()
  for (const { step, value } of recorded)
    for (const [at, one] of step.entries()) values.set(one, [...(values.get(one) ?? []), value[at] as number])
  return [...values]
    .filter(([, list]) => list.length === recorded.length)
    .sort(([a], [b]) => a - b)
    .map(([step, list]) => {
      const [centre, spread] = [mean(list), list.length > 1 ? sampleStd(list) : 0]
      return { step, mean: centre, low: centre - spread, high: centre + spread }
    })
}

const arrows = { lower: ' ↓', higher: ' ↑', none: '' }

function resultRows({ arms }: ReportDetail, metrics: readonly string[]): string[] {
  const cells = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  return [
    cells(['', ...arms.map(({ label }) => label)]),
    cells(['---', ...arms.map(() => '---:')]),
    ...metrics.map((name) => {
      const { label = name, better = 'none' } = metricDefinition(name) ?? {}
      return cells([`${label}${arrows[better]}`, ...arms.map((arm) => cellText(arm.cells[name]))])
    }),
  ]
}

function cellText(cell: Cell | undefined): string {
  if (!cell || cell.mean === null) return '–'
  const value = `${digits(cell.mean)}${cell.std === null ? '' : ` ± ${digits(cell.std)}`}`
  const { difference } = cell
  const interval =
    difference && difference.low !== null && difference.high !== null
      ? `<br>${signed(difference.mean)} [${signed(difference.low)}, ${signed(difference.high)}]`
      : ''
  return `${cell.best ? `**${value}**` : value}${cell.n > 1 ? '' : ` (n = ${cell.n})`}${interval}`
}

const digits = (value: number): string => String(Number(value.toPrecision(4)))
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${digits(Math.abs(value))}`

async function picturesOf({ arms, baseline }: ReportDetail, sample: ReportSource['sample']): Promise<ArmPictures[]> {
  const found: ArmPictures[] = []
  for (const { label, runIds, settings } of arms) {
    // Arms that see other pictures, or in another size, cannot stand under one row of pictures.
    if (Object.keys(settings).some((path) => path.startsWith('data'))) continue
    const bytes = runIds[0] === undefined ? null : await sample(runIds[0])
    if (bytes) found.push({ label, sample: bytes, side: baseline.data.resolution })
  }
  return found
}
