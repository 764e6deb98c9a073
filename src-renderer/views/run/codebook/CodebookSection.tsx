import { Search } from 'lucide-react'
import { useCallback, useDeferredValue, useMemo } from 'react'
import { type CodeOrder, codeOrders } from '../../../../src-shared/contract/code-records.ts'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { useParam } from '../../../address.ts'
import { Input } from '../../../components/input.tsx'
import { useInspector } from '../../../components/inspector.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Select } from '../../../components/select.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatCountOf, formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { hitsKind, type Sample } from '../../../pictures/sample.ts'
import { CodeCard, layerName } from '../CodeCard.tsx'
import { CodeLife } from './CodeLife.tsx'
import { CodeLinks } from './CodeLinks.tsx'
import { CodeTable } from './CodeTable.tsx'
import { useCode } from './code-choice.ts'
import type { CodePageProps, CodeViewProps } from './code-view-props.ts'
import { findCodes, MOST_FOUND } from './find-codes.ts'
import { MeasuredCodebook } from './MeasuredCodebook.tsx'
import { UsageAtStep } from './UsageAtStep.tsx'
import { UsageMap } from './UsageMap.tsx'

const VIEWS = [
  { value: 'time', label: 'Over time' },
  { value: 'step', label: 'At this step' },
  { value: 'life', label: 'One code' },
  { value: 'measured', label: 'Measured' },
]
const ORDERS: Record<CodeOrder, string> = {
  usage: 'Total usage',
  birth: 'First use',
  id: 'Code id',
  norm: 'Norm',
  cosine: 'Cosine to LLM row',
}

/** The codebook of a run: which codes are used when, how often at one step, and the life of one of them. */
export function CodebookSection({ run, sample, names }: { run: RunDetail; sample: Sample; names: CodeNames }) {
  const [viewText, setView] = useParam('view', 'time')
  const [code, setCode] = useCode(sample, names)
  const view = VIEWS.find(({ value }) => value === viewText)?.value ?? 'time'
  const openLife = useCallback(() => setView('life'), [setView])
  useInspector(
    useMemo(
      () =>
        view === 'life' || view === 'measured' ? null : (
          <>
            <CodeCard sample={sample} names={names} code={code} layer={null} />
            <CodeLinks
              runId={run.id}
              sample={sample}
              names={names}
              code={code}
              samples={run.sampleSteps.length}
              onLife={openLife}
            />
          </>
        ),
      [view, run.id, run.sampleSteps.length, sample, names, code, openLife],
    ),
  )
  const choice = <Segmented label="Part of the codebook" value={view} onChange={setView} options={VIEWS} />
  const shown: CodeViewProps = { run, sample, names, code, onCode: setCode }
  if (view === 'life') return <CodeLife {...shown} choice={choice} />
  if (view === 'measured')
    return (
      <div className="flex flex-col gap-3">
        <div>{choice}</div>
        <MeasuredCodebook run={run} />
      </div>
    )
  if (view === 'step')
    return (
      <div className="flex flex-col gap-3">
        <div>{choice}</div>
        <UsageAtStep {...shown} />
      </div>
    )
  return <OverTime {...shown} choice={choice} />
}

function OverTime({ run, sample, names, code, onCode, choice }: CodePageProps) {
  const [layerText, setLayer] = useParam('layer', 'all')
  const [orderText, setOrder] = useParam('order', 'usage')
  const [reduceText, setReduce] = useParam('reduce', 'max')
  const [hitsText, setHits] = useParam('hits', 'window')
  const [showText, setShow] = useParam('show', 'used')
  const [find, setFind] = useParam('find')
  const size = sample.layers[0]?.usage.length ?? 0
  const layer = layerText !== 'all' && Number(layerText) < sample.layers.length ? Number(layerText) : null
  const orders = codeOrders.filter(
    (one) =>
      (one !== 'birth' || hitsKind(sample) === 'window') &&
      (one !== 'norm' || sample.norm.length > 0) &&
      (one !== 'cosine' || sample.cosine.length > 0),
  )
  const order = orders.find((one) => one === orderText) ?? 'usage'
  // Runs from before training hits were recorded have those over the held-out pictures alone.
  const hits = hitsKind(sample) === 'window' && hitsText !== 'heldOut' ? 'window' : 'heldOut'
  const searched = useDeferredValue(find)
  const found = useMemo(() => findCodes(searched, names, size), [searched, names, size])
  const all = useMemo(() => Int32Array.from({ length: size }, (_, at) => at), [size])
  const mapped = useMemo(() => (found ? [...found.subarray(0, MOST_FOUND)] : null), [found])
  const layers = layer === null ? sample.layers.map((_, index) => index) : [layer]
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2">
        {choice}
        {sample.layers.length > 1 && (
          <Select
            label="Layer"
            value={layer === null ? 'all' : String(layer)}
            onChange={setLayer}
            options={[
              { value: 'all', label: 'All layers' },
              ...sample.layers.map((_, index) => ({
                value: String(index),
                label: `Layer ${layerName(sample, index)}`,
              })),
            ]}
            className="w-32"
          />
        )}
        <Select
          label="Order of codes"
          value={order}
          onChange={setOrder}
          options={orders.map((value) => ({ value, label: ORDERS[value] }))}
          className="w-36"
        />
        <Segmented
          label="Codes on the map"
          value={showText === 'all' ? 'all' : 'used'}
          onChange={setShow}
          options={[
            { value: 'used', label: 'Used' },
            { value: 'all', label: 'All' },
          ]}
        />
        <Segmented
          label="What a row shows of the codes that share it"
          value={reduceText === 'sum' ? 'sum' : 'max'}
          onChange={setReduce}
          options={[
            { value: 'max', label: 'Max' },
            { value: 'sum', label: 'Sum' },
          ]}
        />
        {hitsKind(sample) === 'window' && (
          <Segmented
            label="Hits that are counted"
            value={hits}
            onChange={setHits}
            options={[
              { value: 'window', label: 'Training' },
              { value: 'heldOut', label: 'Held-out' },
            ]}
          />
        )}
      </div>
      <div className="grid min-h-0 flex-1 grid-cols-1 gap-3 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)] 2xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-h-0 flex-col gap-3 overflow-y-auto">
          {layers.map((index) => (
            <UsageMap
              key={index}
              run={run}
              layer={index}
              title={`Layer ${layerName(sample, index)}`}
              height={layers.length === 1 ? 480 : 218}
              hits={hits}
              order={order}
              reduce={reduceText === 'sum' ? 'sum' : 'max'}
              show={showText === 'all' ? 'all' : 'used'}
              codes={mapped}
              names={names}
              selected={code}
              onCode={onCode}
            />
          ))}
        </div>
        <Panel
          title="Codes"
          hint={
            found
              ? `${formatCountOf(found.length, 'code')} found${found.length > MOST_FOUND ? `, the first ${formatInteger(MOST_FOUND)} on the map` : ''}`
              : `${formatInteger(size)} at step ${formatInteger(sample.step)}`
          }
          flush
          className="min-h-72 overflow-hidden"
          actions={
            <span className="relative flex items-center">
              <Search aria-hidden className="absolute left-2 size-3.5 text-faint" />
              <Input
                type="search"
                aria-label="Find codes by token or id"
                value={find}
                onChange={(event) => setFind(event.target.value)}
                placeholder="Token or id"
                className="h-6 w-36 pl-7"
              />
            </span>
          }
        >
          <CodeTable
            sample={sample}
            names={names}
            layer={layer}
            codes={found ?? all}
            selected={code}
            onCode={onCode}
            className="h-full"
          />
        </Panel>
      </div>
    </div>
  )
}
