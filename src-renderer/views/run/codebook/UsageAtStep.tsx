import { type ReactNode, useMemo } from 'react'
import { toCsv } from '../../../../src-shared/csv.ts'
import { useParam } from '../../../address.ts'
import { usageSummary } from '../../../charts/binning.ts'
import { fileName, saveText } from '../../../charts/save-picture.ts'
import { UsageChart } from '../../../charts/UsageChart.tsx'
import { Button } from '../../../components/button.tsx'
import { Checkbox } from '../../../components/checkbox.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatFixed, formatInteger, formatPercent } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { useRunColour } from '../../../theme.ts'
import { layerName } from '../CodeCard.tsx'
import type { CodeViewProps } from './code-view-props.ts'

/** Which codes are used how often, layer by layer, at one recorded step. */
export function UsageAtStep({ run, sample, names, code, onCode }: CodeViewProps) {
  const colour = useRunColour()(run.colour)
  const [orderText, setOrder] = useParam('bars', 'count')
  const [logText, setLog] = useParam('usage', 'log')
  const order = orderText === 'id' ? 'id' : 'count'
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
              csvOf(sample, names),
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
            numberOf={names.number}
            log={logText === 'log'}
            colour={colour}
            height={148}
            label={`Hits of each code in layer ${index}, ${order === 'id' ? 'by id' : 'most used first'}`}
            selected={code}
            onCode={onCode}
          />
        </LayerUsage>
      ))}
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

/** Everything that the sample says of every code. */
function csvOf(sample: Sample, names: CodeNames): string {
  const header = ['code', 'token', ...sample.layers.map((_, index) => `hits.${index}`), 'cosine', 'distance', 'norm']
  const count = sample.layers[0]?.usage.length ?? 0
  return toCsv(
    header,
    Array.from({ length: count }, (_, code) => [
      names.number(code),
      names.token(code) ?? '',
      ...sample.layers.map(({ usage }) => usage[code] ?? 0),
      sample.cosine[code] ?? null,
      sample.distance[code] ?? null,
      sample.norm[code] ?? null,
    ]),
  )
}
