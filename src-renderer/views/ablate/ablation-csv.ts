import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { type CsvValue, toCsv } from '../../../src-shared/csv.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { cardOf } from '../../../src-shared/provenance.ts'

/** The result table as CSV, one row per arm and metric, with the single values of the seeds. */
export function ablationCsv(ablation: AblationDetail): string {
  const paths = ablation.factors.map(({ path }) => path)
  const header = [
    'arm',
    'baseline',
    ...paths,
    'metric',
    'unit',
    'n',
    'mean',
    'std',
    'best',
    'difference',
    'difference_low',
    'difference_high',
    'values',
    'definition',
    'extractor',
    'measured_on',
    'count',
    'crop_and_size',
    'software',
  ]
  const plain = (value: unknown): CsvValue =>
    typeof value === 'string' || typeof value === 'number' ? value : (JSON.stringify(value) ?? null)
  const rows = ablation.arms.flatMap((arm) =>
    ablation.metrics.flatMap((metric): CsvValue[][] => {
      const cell = arm.cells[metric]
      if (!cell) return []
      const card = cardOf(ablation.provenance, metric)
      return [
        [
          arm.label,
          arm.isBaseline ? 'yes' : 'no',
          ...paths.map((path) => plain(arm.settings[path])),
          metric,
          metricDefinition(metric)?.unit ?? null,
          cell.n,
          cell.mean,
          cell.std,
          cell.best ? 'yes' : 'no',
          cell.difference?.mean ?? null,
          cell.difference?.low ?? null,
          cell.difference?.high ?? null,
          cell.values.map(({ seed, value }) => `${seed}:${value}`).join(' '),
          metricDefinition(metric)?.definition ?? null,
          card ? `${card.extractor} ${card.extractorHash}`.trim() : null,
          card ? `${card.referenceSet} ${card.referenceHash}`.trim() : null,
          card && card.count >= 0 ? card.count : null,
          card?.transform ?? null,
          card?.software ?? null,
        ],
      ]
    }),
  )
  return toCsv(header, rows)
}
