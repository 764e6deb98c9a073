import { ArrowLeftRight } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { useSize } from '../../../charts/use-size.ts'
import { IconButton } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { formatInteger } from '../../../format.ts'
import { CellBoard, type CellMark } from '../../../pictures/CellBoard.tsx'
import { paintGaps } from '../../../pictures/cell-colours.ts'
import { cellsBelow, type Grid } from '../../../pictures/geometry.ts'
import { useDecoded } from '../multimodal/use-decoded.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { type Cursor, changedCells, cursorInLayer, type Editing, type Maps, type Selection } from './edits.ts'

const GAP = 12
const NAME = 20
const MOST = 160
/** Milliseconds without a further edit before a map is decoded. */
const WAIT = 15
/** What a decoding may take for the picture to follow the hand, ms. */
const TARGET = 100

/** Both pictures in a row each: as they were, as they are now, and their code maps. */
export function PairBoard({
  model,
  editing: { original, now },
  grids,
  touched,
  selection,
  cursor,
  onCursor,
  onPick,
  onSwapLayer,
}: {
  model: StudioModel
  editing: Editing
  grids: readonly Grid[]
  /** Cells that an edit would touch, by layer; null: nothing is selected. */
  touched: readonly (readonly number[])[] | null
  selection: Selection | null
  cursor: Cursor | null
  onCursor: (cursor: Cursor | null) => void
  onPick: (cursor: Cursor, extend: boolean) => void
  onSwapLayer: (layer: number) => void
}) {
  const [box, { width }] = useSize<HTMLDivElement>()
  const columns = 2 + grids.length
  const size = Math.max(96, Math.min(MOST, Math.floor((width - NAME - GAP * columns) / columns)))
  const row = (picture: 'a' | 'b') => (
    <PictureRow
      key={picture}
      model={model}
      picture={picture}
      size={size}
      original={original[picture]}
      maps={now[picture]}
      grids={grids}
      touched={touched}
      selection={selection}
      cursor={cursor}
      onCursor={onCursor}
      onPick={onPick}
    />
  )
  return (
    <div ref={box} data-testid="pair-board" className="min-w-0">
      {width > 0 && (
        <div
          className="grid w-fit items-start"
          style={{ gap: GAP, gridTemplateColumns: `${NAME}px repeat(${columns}, ${size}px)` }}
        >
          <span />
          <Caption>Original</Caption>
          <Caption>Edited</Caption>
          {grids.map((grid, layer) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
            <Caption key={layer} hint={`${grid.rows} × ${grid.columns}`}>
              Layer {layer}
              <IconButton
                label={`Swap all of layer ${layer} between A and B`}
                size="iconSmall"
                onClick={() => onSwapLayer(layer)}
              >
                <ArrowLeftRight aria-hidden />
              </IconButton>
            </Caption>
          ))}
          {row('a')}
          {row('b')}
        </div>
      )}
    </div>
  )
}

const Caption = ({ children, hint }: { children: ReactNode; hint?: string }) => (
  <div className="flex h-6 items-center justify-between text-xs font-medium">
    <span className="flex items-center gap-1">{children}</span>
    {hint && <span className="font-mono text-faint">{hint}</span>}
  </div>
)

function PictureRow({
  model: { run },
  picture,
  size,
  original,
  maps,
  grids,
  touched,
  selection,
  cursor,
  onCursor,
  onPick,
}: {
  model: StudioModel
  picture: 'a' | 'b'
  size: number
  original: Maps
  maps: Maps
  grids: readonly Grid[]
  touched: readonly (readonly number[])[] | null
  selection: Selection | null
  cursor: Cursor | null
  onCursor: (cursor: Cursor | null) => void
  onPick: (cursor: Cursor, extend: boolean) => void
}) {
  const before = useDecoded(run.id, original)
  const after = useDecoded(run.id, maps, WAIT)
  const changed = useMemo(() => changedCells(maps, original), [maps, original])
  const images = useMemo(
    () =>
      maps.map((cells, layer) => ({
        data: paintGaps(cells),
        width: grids[layer]?.columns ?? 1,
        height: grids[layer]?.rows ?? 1,
      })),
    [maps, grids],
  )
  const name = picture.toUpperCase()
  const finest = grids.length - 1
  const linkedTo = (layer: number): number[] => {
    const from = cursor && grids[cursor.layer]
    const to = grids[layer]
    return from && to && cursor ? cellsBelow(from, cursor.cell, to) : []
  }
  const marksOf = (layer: number, edits: boolean): CellMark[] => [
    ...(edits ? (changed[layer] ?? []).map((cell): CellMark => ({ cell, kind: 'changed' })) : []),
    ...(touched?.[layer] ?? []).map(
      (cell): CellMark => ({ cell, kind: layer === selection?.layer ? 'selected' : 'related' }),
    ),
    ...(cursor?.layer === layer
      ? [{ cell: cursor.cell, kind: 'cursor' } as const]
      : linkedTo(layer).map((cell): CellMark => ({ cell, kind: 'related' }))),
  ]
  const board = (layer: number, edits: boolean) => ({
    size,
    hatched: null,
    grid: grids[layer] as Grid,
    marks: edits ? marksOf(layer, true) : linkedTo(layer).map((cell): CellMark => ({ cell, kind: 'related' })),
    cursor: cursor && cursorInLayer(cursor, layer, grids),
    onPoint: (cell: number | null) => {
      // The cursor stays where it was, so that keys go on from there.
      if (cell !== null) onCursor({ picture, layer, cell })
    },
  })
  const changes = changed.reduce((sum, cells) => sum + cells.length, 0)
  const keys = 'Arrow keys move, Space selects, Shift extends, T transplants, S swaps, M masks.'
  return (
    <>
      <span className="text-sm font-semibold">{name}</span>
      <CellBoard label={`Picture ${name} as it was`} pixels={before.output} {...board(finest, false)} />
      <div>
        <CellBoard
          label={`Picture ${name} after ${changes} changed codes`}
          pixels={after.output}
          {...board(finest, false)}
        />
        <p className="flex h-5 items-center justify-between text-xs text-muted tabular-nums">
          <span>{changes === 0 ? 'unchanged' : `${formatInteger(changes)} changed`}</span>
          {changes > 0 && after.milliseconds !== null && (
            <span
              title={`From the edit to the picture. Under ${TARGET} ms it follows the hand.`}
              className={cn('font-mono', after.milliseconds > TARGET && 'text-warn')}
            >
              {after.milliseconds > TARGET && 'slow: '}
              {Math.round(after.milliseconds)} ms
            </span>
          )}
        </p>
        {(after.error ?? before.error) !== null && (
          <p role="alert" className="text-xs text-danger">
            Not decoded: {String((after.error ?? before.error) as Error)}
          </p>
        )}
      </div>
      {images.map((image, layer) => (
        <CellBoard
          // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
          key={layer}
          label={`Codes of ${name}, layer ${layer}. ${keys}`}
          pixels={image}
          {...board(layer, true)}
          onPick={(cell, extend) => onPick({ picture, layer, cell }, extend)}
        />
      ))}
    </>
  )
}
