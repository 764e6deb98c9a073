import { useMemo } from 'react'
import { InspectorSection } from '../../../components/inspector.tsx'
import { Fact, Facts } from '../../../components/panel.tsx'
import { Cell, HeadCell, Table } from '../../../components/table.tsx'
import { formatFixed, formatPercent, formatProbability } from '../../../format.ts'
import { placesInOrder } from '../../../pictures/token-order.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import type { ShownDecompression } from './shown-decompression.ts'

/** The cell that is pointed at: its true code, what the model wrote, and how likely it found the true one. */
export function DecompressionCard({
  model: { abilities, names },
  shown,
  cursor,
}: {
  model: StudioModel
  shown: ShownDecompression
  cursor: { layer: number; cell: number } | null
}) {
  const { sides } = abilities
  const places = useMemo(() => placesInOrder(sides), [sides])
  const written = (code: number | undefined) => (code === undefined ? '–' : `${code} ${names.tokenText(code)}`.trim())
  const place = cursor ? (places[cursor.layer]?.[cursor.cell] ?? null) : null
  const side = cursor ? (sides[cursor.layer] ?? 1) : 1
  const codeOf = (maps: readonly (readonly number[])[]) => (cursor ? maps[cursor.layer]?.[cursor.cell] : undefined)
  const [truth, forced, free] = [codeOf(shown.truth), codeOf(shown.teacherForced), codeOf(shown.freeRunning)]
  const said = (code: number | undefined) => (code === truth ? `${written(code)} ✓` : `${written(code)} ✗`)
  return (
    <>
      {cursor && place !== null && (
        <InspectorSection title="Code">
          <div className="mb-3 flex items-baseline gap-3">
            <span className="font-mono text-xl font-semibold">{truth ?? '–'}</span>
            <span className="min-w-0 truncate font-mono text-lg text-accent">
              {truth === undefined ? '' : names.tokenText(truth)}
            </span>
          </div>
          <Facts>
            <Fact name="True code" mono>
              {written(truth)}
            </Fact>
            <Fact name="Its probability" mono>
              {formatProbability(shown.likelihoods.probability[place] ?? Number.NaN)}
            </Fact>
            <Fact name="Its NLL [nats]" mono>
              {formatFixed(shown.likelihoods.nll[place] ?? Number.NaN, 3)}
            </Fact>
            <Fact name="Likeliest" mono>
              {written(shown.likelihoods.best[place])}
            </Fact>
            <Fact name="Teacher-forced" mono>
              {said(forced)}
            </Fact>
            <Fact name="Free-running" mono>
              {said(free)}
            </Fact>
            <Fact name="Layer; row, column" mono>
              {`${cursor.layer}; ${Math.floor(cursor.cell / side)}, ${cursor.cell % side}`}
            </Fact>
            <Fact name="Place in token order" mono>
              {place + 1}
            </Fact>
          </Facts>
        </InspectorSection>
      )}
      <InspectorSection title="Right codes">
        <Table>
          <thead>
            <tr>
              <HeadCell className="pl-0">Layer</HeadCell>
              <HeadCell numeric>Teacher-forced</HeadCell>
              <HeadCell numeric className="pr-0">
                Free-running
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {sides.map((_, layer) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
              <tr key={layer}>
                <Cell className="pl-0 font-mono">{layer}</Cell>
                <Cell numeric className="font-mono">
                  {formatPercent(shown.teacherForcedRight[layer] ?? 0, 1)}
                </Cell>
                <Cell numeric className="pr-0 font-mono">
                  {formatPercent(shown.freeRunningRight[layer] ?? 0, 1)}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
        {!cursor && (
          <p className="mt-3 text-sm text-muted">
            Point at a cell, or go to a map with Tab and move with the arrow keys, to see its true and predicted codes.
          </p>
        )}
      </InspectorSection>
    </>
  )
}
