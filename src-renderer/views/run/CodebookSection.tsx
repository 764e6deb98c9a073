import { type ReactNode, useMemo, useState } from 'react'
import type { RunDetail } from '../../../src-shared/contract.ts'
import { useParam } from '../../address.ts'
import { usageOrder, usageSummary } from '../../charts/binning.ts'
import { toCsv } from '../../charts/csv.ts'
import { fileName, saveText } from '../../charts/save-picture.ts'
import { UsageChart } from '../../charts/UsageChart.tsx'
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/checkbox.tsx'
import { useInspector } from '../../components/inspector.tsx'
import { Panel } from '../../components/panel.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { formatFixed, formatInteger, formatPercent } from '../../format.ts'
import { type Sample, totalUsage } from '../../pictures/sample.ts'
import { tokenText } from '../../pictures/use-sample.ts'
import { useRunColour } from '../../theme.ts'
import { CodeCard, layerName } from './CodeCard.tsx'

const TOP = 50

/** Which codes are used how often, layer by layer, at one recorded step. */
export function CodebookSection({
  run,
  sample,
  tokens,
}: {
  run: RunDetail
  sample: Sample
  tokens: readonly string[] | undefined
}) {
  const colour = useRunColour()(run.colour)
  const [orderText, setOrder] = useParam('order', 'count')
  const [logText, setLog] = useParam('usage', 'log')
  const order = orderText === 'id' ? 'id' : 'count'
  // Until a code is pointed at, the inspector shows the most used one, so that it does not come and go.
  const [code, setCode] = useState(() => usageOrder(totalUsage(sample), 'count')[0] ?? 0)
  useInspector(
    useMemo(() => <CodeCard sample={sample} tokens={tokens} code={code} layer={null} />, [sample, tokens, code]),
  )
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-5">
        <Segmented
          label="Order of codes"
          value={order}
          onChange={setOrder}
          options={[
            { value: 'count', label: 'By count' },
            { value: 'id', label: 'By id' },
          ]}
        />
        <Checkbox checked={logText === 'log'} onChange={(on) => setLog(on ? 'log' : 'linear')}>
          Log axis
        </Checkbox>
        <Button
          size="small"
          variant="ghost"
          onClick={() =>
            saveText(
              `${fileName(run.name, 'codebook step', String(sample.step))}.csv`,
              csvOf(sample, tokens),
              'text/csv',
            )
          }
        >
          Save as CSV
        </Button>
      </div>
      {sample.layers.map((layer, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
        <LayerUsage key={index} usage={layer.usage} title={`Layer ${layerName(sample, index)}`}>
          <UsageChart
            counts={layer.usage}
            order={order}
            log={logText === 'log'}
            colour={colour}
            height={148}
            label={`Hits of each code in layer ${index}, ${order === 'id' ? 'by id' : 'most used first'}`}
            selected={code}
            onCode={setCode}
          />
        </LayerUsage>
      ))}
      <TopCodes sample={sample} tokens={tokens} selected={code} onCode={setCode} />
    </div>
  )
}

function LayerUsage({ usage, title, children }: { usage: Int32Array; title: string; children: ReactNode }) {
  const summary = useMemo(() => usageSummary(usage), [usage])
  const numbers: [string, string, string][] = [
    [
      'used',
      `${formatInteger(summary.used)} (${formatPercent(summary.used / summary.codes, 1)})`,
      'Codes hit at least once over the evaluated held-out pictures, and their share of K.',
    ],
    ['dead', formatInteger(summary.dead), 'Codes not hit once over the evaluated held-out pictures at this step.'],
    [
      'perplexity',
      formatFixed(summary.perplexity, 1),
      'exp of the entropy of the code frequencies over the evaluated held-out pictures.',
    ],
    [
      'half of all hits',
      `${formatInteger(summary.half)} codes`,
      'The fewest codes that together hold half of the hits.',
    ],
  ]
  return (
    <Panel
      title={title}
      hint={`${formatInteger(summary.hits)} hits`}
      flush
      actions={
        <dl className="flex gap-4 pr-2 text-xs">
          {numbers.map(([name, value, definition]) => (
            <div key={name} className="flex gap-1.5" title={definition}>
              <dt className="text-muted">{name}</dt>
              <dd className="font-mono">{value}</dd>
            </div>
          ))}
        </dl>
      }
    >
      <div className="pt-2">{children}</div>
    </Panel>
  )
}

function TopCodes({
  sample,
  tokens,
  selected,
  onCode,
}: {
  sample: Sample
  tokens: readonly string[] | undefined
  selected: number | null
  onCode: (code: number) => void
}) {
  const total = useMemo(() => totalUsage(sample), [sample])
  const top = useMemo(
    () => [...usageOrder(total, 'count').subarray(0, TOP)].filter((code) => (total[code] as number) > 0),
    [total],
  )
  const hits = useMemo(() => total.reduce((sum, n) => sum + n, 0), [total])
  const drift = sample.cosine.length > 0
  return (
    <Panel title="Most used codes" hint={`the first ${top.length}, over all layers`} flush>
      <div className="max-h-96 overflow-auto">
        <Table>
          <TableHead>
            <tr>
              <HeadCell numeric className="w-10">
                #
              </HeadCell>
              <HeadCell numeric>Code</HeadCell>
              <HeadCell>LLM token</HeadCell>
              <HeadCell numeric>Hits</HeadCell>
              <HeadCell numeric>Share</HeadCell>
              {sample.layers.map((_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
                <HeadCell key={index} numeric>{`Layer ${index}`}</HeadCell>
              ))}
              {drift && <HeadCell numeric>Cosine</HeadCell>}
              {drift && <HeadCell numeric>Distance</HeadCell>}
              <HeadCell numeric className="pr-4">
                Norm
              </HeadCell>
            </tr>
          </TableHead>
          <tbody className="font-mono">
            {top.map((code, rank) => (
              <tr
                key={code}
                className={code === selected ? 'bg-accent-soft' : 'hover:bg-hover'}
                onPointerEnter={() => onCode(code)}
              >
                <Cell numeric className="h-7 text-faint">
                  {rank + 1}
                </Cell>
                <Cell numeric className="h-7">
                  <button type="button" className="font-mono" onFocus={() => onCode(code)} onClick={() => onCode(code)}>
                    {code}
                  </button>
                </Cell>
                <Cell className="h-7 text-accent">{tokenText(tokens, code) || '–'}</Cell>
                <Cell numeric className="h-7">
                  {formatInteger(total[code] as number)}
                </Cell>
                <Cell numeric className="h-7">
                  {formatPercent((total[code] as number) / hits, 1)}
                </Cell>
                {sample.layers.map(({ usage }, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
                  <Cell key={index} numeric className="h-7">
                    {formatInteger(usage[code] ?? 0)}
                  </Cell>
                ))}
                {drift && (
                  <Cell numeric className="h-7">
                    {formatFixed(sample.cosine[code] ?? Number.NaN, 3)}
                  </Cell>
                )}
                {drift && (
                  <Cell numeric className="h-7">
                    {formatFixed(sample.distance[code] ?? Number.NaN, 3)}
                  </Cell>
                )}
                <Cell numeric className="h-7 pr-4">
                  {sample.norm.length > 0 ? formatFixed(sample.norm[code] ?? Number.NaN, 3) : '–'}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}

/** Everything that the sample says of every code. */
function csvOf(sample: Sample, tokens: readonly string[] | undefined): string {
  const header = ['code', 'token', ...sample.layers.map((_, index) => `hits.${index}`), 'cosine', 'distance', 'norm']
  const count = sample.layers[0]?.usage.length ?? 0
  return toCsv(
    header,
    Array.from({ length: count }, (_, code) => [
      code,
      tokens?.[code] ?? '',
      ...sample.layers.map(({ usage }) => usage[code] ?? 0),
      sample.cosine[code] ?? null,
      sample.distance[code] ?? null,
      sample.norm[code] ?? null,
    ]),
  )
}
