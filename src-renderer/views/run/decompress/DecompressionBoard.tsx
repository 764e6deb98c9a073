import { type ReactNode, useMemo, useState } from 'react'
import { useSize } from '../../../charts/use-size.ts'
import { viridis } from '../../../colours.ts'
import { useInspector } from '../../../components/inspector.tsx'
import { formatFixed, formatInteger, formatPercent } from '../../../format.ts'
import { CellBoard, type CellMark } from '../../../pictures/CellBoard.tsx'
import { paintGaps } from '../../../pictures/cell-colours.ts'
import { cellsBelow } from '../../../pictures/geometry.ts'
import type { Pixels } from '../../../pictures/PictureTile.tsx'
import { endOfScale, paintNll, sum } from '../../../pictures/paint-nll.ts'
import { ScaleLegend } from '../../../pictures/ScaleLegend.tsx'
import { gridsOf, mapsOfOrder } from '../../../pictures/token-order.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { DecompressionCard } from './DecompressionCard.tsx'
import { mistakes } from './mistakes.ts'
import type { ShownDecompression } from './shown-decompression.ts'

const GAP = 12
const COLUMNS = 4
const MOST = 190

/** Pictures above, and below them for each layer the true codes, what the model wrote in both ways, and their likelihood. */
export function DecompressionBoard({ model, shown }: { model: StudioModel; shown: ShownDecompression }) {
  const { sides } = model.abilities
  const { truth, teacherForced, freeRunning, likelihoods, pictures } = shown
  const grids = useMemo(() => gridsOf(sides), [sides])
  const [cursor, setCursor] = useState<{ layer: number; cell: number } | null>(null)
  const [box, { width }] = useSize<HTMLDivElement>()
  const size = Math.max(96, Math.min(MOST, Math.floor((width - GAP * (COLUMNS - 1)) / COLUMNS)))
  const drawn = useMemo(() => {
    const nll = mapsOfOrder(likelihoods.nll, sides)
    const end = endOfScale(nll)
    const pixels = (data: Uint8ClampedArray<ArrayBuffer>, layer: number): Pixels => ({
      data,
      width: sides[layer] ?? 1,
      height: sides[layer] ?? 1,
    })
    const codes = (maps: number[][]) => maps.map((map, layer) => pixels(paintGaps(map), layer))
    return {
      end,
      nllOfLayer: nll.map((map) => sum(map) / map.length),
      nll: nll.map((map, layer) => pixels(paintNll(map, end), layer)),
      truth: codes(truth),
      teacherForced: codes(teacherForced),
      freeRunning: codes(freeRunning),
    }
  }, [likelihoods, truth, teacherForced, freeRunning, sides])
  useInspector(useMemo(() => <DecompressionCard model={model} shown={shown} cursor={cursor} />, [model, shown, cursor]))
  const finest = sides.length - 1
  const linked = (layer: number): CellMark[] => {
    const [from, to] = [cursor && grids[cursor.layer], grids[layer]]
    if (!cursor || !from || !to) return []
    if (cursor.layer === layer) return [{ cell: cursor.cell, kind: 'cursor' }]
    return cellsBelow(from, cursor.cell, to).map((cell) => ({ cell, kind: 'related' }))
  }
  const board = (layer: number, wrong: readonly number[]) => ({
    size,
    hatched: null,
    grid: grids[layer] ?? { rows: 1, columns: 1 },
    marks: [...wrong.map((cell): CellMark => ({ cell, kind: 'wrong' })), ...linked(layer)],
    cursor: cursor?.layer === layer ? cursor.cell : null,
    onPoint: (cell: number | null) => setCursor(cell === null ? null : { layer, cell }),
  })
  const total = sum(likelihoods.nll)
  return (
    <div ref={box} className="flex flex-col gap-4" data-testid="decompression">
      <p className="sr-only" aria-live="polite">
        {cursor &&
          `Layer ${cursor.layer}, cell ${cursor.cell + 1}: true code ${truth[cursor.layer]?.[cursor.cell]}, teacher-forced ${teacherForced[cursor.layer]?.[cursor.cell]}, free-running ${freeRunning[cursor.layer]?.[cursor.cell]}`}
      </p>
      {width > 0 && (
        <>
          <Row size={size}>
            {(
              [
                ['Input', pictures.input, ''],
                ['Decoded from true codes', pictures.truth, ''],
                ['Teacher-forced', pictures.teacherForced, ''],
                ['Free-running', pictures.freeRunning, ''],
              ] as const
            ).map(([name, pixels, hint]) => (
              <Tile key={name} title={name} hint={hint}>
                <CellBoard
                  label={`${name}. Arrow keys move from cell to cell.`}
                  pixels={pixels}
                  {...board(finest, [])}
                />
              </Tile>
            ))}
          </Row>
          {sides.map((side, layer) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
            <section key={layer} aria-label={`Layer ${layer}`} className="flex flex-col gap-1">
              <h3 className="text-sm font-semibold">
                Layer {layer} <span className="font-normal text-faint">{`${side} × ${side} codes`}</span>
              </h3>
              <Row size={size}>
                <Tile title="True codes" hint="">
                  <CellBoard
                    label={`True codes of layer ${layer}`}
                    pixels={drawn.truth[layer] ?? null}
                    {...board(layer, [])}
                  />
                </Tile>
                {(
                  [
                    ['Teacher-forced', drawn.teacherForced, teacherForced, shown.teacherForcedRight],
                    ['Free-running', drawn.freeRunning, freeRunning, shown.freeRunningRight],
                  ] as const
                ).map(([name, images, codes, right]) => {
                  const wrong = mistakes(codes[layer] ?? [], truth[layer] ?? [])
                  return (
                    <Tile key={name} title={name} hint={`${formatPercent(right[layer] ?? 0, 1)} right`}>
                      <CellBoard
                        label={`${name} codes of layer ${layer}, ${wrong.length} of them wrong`}
                        pixels={images[layer] ?? null}
                        {...board(layer, wrong)}
                      />
                    </Tile>
                  )
                })}
                <Tile title="NLL of true codes" hint={`mean ${formatFixed(drawn.nllOfLayer[layer] ?? 0, 2)}`}>
                  <CellBoard
                    label={`Negative log-likelihood of the true codes of layer ${layer}`}
                    pixels={drawn.nll[layer] ?? null}
                    {...board(layer, [])}
                  />
                </Tile>
              </Row>
            </section>
          ))}
          <div className="flex flex-wrap items-center gap-x-6 gap-y-1 text-xs text-muted">
            <ScaleLegend low="0" middle={null} high={formatFixed(drawn.end, 1)} unit="nats a code" scale={viridis} />
            <span className="tabular-nums">
              NLL of all {formatInteger(likelihoods.nll.length)} true codes, teacher-forced: {formatFixed(total, 1)}{' '}
              nats
            </span>
            <span>A stroke through a cell: not the true code.</span>
          </div>
        </>
      )}
    </div>
  )
}

const Row = ({ size, children }: { size: number; children: ReactNode }) => (
  <div className="grid w-fit" style={{ gap: GAP, gridTemplateColumns: `repeat(${COLUMNS}, ${size}px)` }}>
    {children}
  </div>
)

const Tile = ({ title, hint, children }: { title: string; hint: string; children: ReactNode }) => (
  <figure className="min-w-0">
    <figcaption className="flex h-[22px] items-baseline justify-between gap-2 text-xs">
      <span className="truncate font-medium">{title}</span>
      <span className="shrink-0 font-mono text-faint">{hint}</span>
    </figcaption>
    {children}
  </figure>
)
