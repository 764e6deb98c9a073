import { X } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../../components/button.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatCountOf, formatFixed, formatInteger, formatPercent } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'
import { CodeTable } from '../codebook/CodeTable.tsx'

const COLUMNS = ['hits', 'cosine', 'rank', 'norm']

/** The codes inside the lasso, or all on the map, as numbers and as a table that the keyboard reaches. */
export function PickedCodes({
  sample,
  names,
  codes,
  lassoed,
  selected,
  onCode,
  onDrop,
}: {
  sample: Sample
  names: CodeNames
  codes: Int32Array
  lassoed: boolean
  selected: number
  onCode: (code: number) => void
  /** Drops the lasso. */
  onDrop: () => void
}) {
  const numbers = useMemo(() => statistics(sample, codes), [sample, codes])
  return (
    <Panel
      title={lassoed ? 'In the lasso' : 'Codes on the map'}
      hint={formatCountOf(codes.length, 'code')}
      flush
      className="min-h-0 overflow-hidden"
      actions={
        lassoed && (
          <Button size="small" variant="ghost" onClick={onDrop}>
            <X aria-hidden /> Drop lasso
          </Button>
        )
      }
    >
      <div className="flex h-full min-h-0 flex-col">
        <dl className="grid shrink-0 grid-cols-3 gap-x-3 gap-y-1 border-b border-line px-3 py-2 text-xs">
          {numbers.map(([name, value, definition]) => (
            <div key={name} title={definition}>
              <dt className="text-muted">{name}</dt>
              <dd className="font-mono">{value}</dd>
            </div>
          ))}
        </dl>
        <CodeTable
          sample={sample}
          names={names}
          layer={null}
          codes={codes}
          only={COLUMNS}
          selected={selected}
          onCode={onCode}
          className="min-h-0 flex-1"
        />
      </div>
    </Panel>
  )
}

function statistics(sample: Sample, codes: Int32Array): [string, string, string][] {
  const { hits, kind } = hitsOf(sample, null)
  const mean = (value: (code: number) => number | undefined, decimals: number): string => {
    let sum = 0
    let count = 0
    for (const code of codes) {
      const one = value(code)
      if (one === undefined || !Number.isFinite(one)) continue
      sum += one
      count++
    }
    return count === 0 ? '–' : formatFixed(sum / count, decimals)
  }
  const all = hits.reduce((sum, count) => sum + count, 0)
  const theirs = codes.reduce((sum, code) => sum + (hits[code] ?? 0), 0)
  const ranked = sample.rank.length === 0 ? [] : [...codes].filter((code) => (sample.rank[code] ?? -1) >= 0)
  const nearest = ranked.filter((code) => sample.rank[code] === 0).length
  return [
    [
      'hits',
      all === 0 ? '0' : `${formatInteger(theirs)} (${formatPercent(theirs / all)})`,
      `Their ${kind === 'window' ? 'training hits since the sample before' : 'held-out hits'}, and the share of all.`,
    ],
    ['mean cosine', mean((code) => sample.cosine[code], 3), 'Mean cosine of these codes to their own LLM rows.'],
    ['mean distance', mean((code) => sample.distance[code], 3), 'Mean of |c − l| / |l| over these codes.'],
    ['mean norm', mean((code) => sample.norm[code], 2), 'Mean L2 norm of these codes.'],
    [
      'own row nearest',
      ranked.length === 0 ? '–' : formatPercent(nearest / ranked.length),
      'Share of these codes, of those whose rank was worked out, to which no other LLM row is nearer than their own.',
    ],
    [
      'restarts',
      sample.restarts.length === 0
        ? '–'
        : formatInteger(codes.reduce((sum, code) => sum + (sample.restarts[code] ?? 0), 0)),
      'Restarts of these codes so far.',
    ],
  ]
}
