import { Copy, Download } from 'lucide-react'
import { useMemo } from 'react'
import { rowsOfLayer } from '../../../../src-shared/code-maps.ts'
import { IconButton } from '../../../components/button.tsx'
import { notify, notifyError } from '../../../components/toast.tsx'
import { formatFixed, formatInteger } from '../../../format.ts'
import { CellBoard, type CellMark } from '../../../pictures/CellBoard.tsx'
import { paintGaps } from '../../../pictures/cell-colours.ts'
import { cellInLayer, cellsBelow } from '../../../pictures/geometry.ts'
import { copyPicture, savePicture } from '../../../pictures/picture-file.ts'
import {
  cellsOfOrder,
  codeCount,
  gridOf,
  gridsOf,
  placesInOrder,
  unknownCells,
  withoutGaps,
} from '../../../pictures/token-order.ts'
import { useDecoded } from '../multimodal/use-decoded.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { GAP, PICTURE, paintedLayout } from './painted-layout.ts'
import { type PicturePart, paintedSoFar } from './speech.ts'

/** Pictures decoded while one is painted. */
const DECODINGS = 16

/** A picture as a model paints it: decoded every few codes, beside its code maps; what is not there yet is hatched. */
export function PaintedPicture({
  model: { run, abilities, names, size },
  part,
  name,
  pointed,
  onPoint,
  onPick,
}: {
  model: StudioModel
  part: PicturePart
  /** What a saved file is called. */
  name: string
  /** Place in the token order that is shown in the inspector; null: none of this picture. */
  pointed: number | null
  onPoint: (place: number | null) => void
  onPick: (place: number) => void
}) {
  const { sides } = abilities
  const total = codeCount(sides)
  const places = useMemo(() => placesInOrder(sides), [sides])
  const maps = useMemo(
    () =>
      cellsOfOrder(
        part.painted.map((one) => one?.code),
        sides,
      ),
    [part.painted, sides],
  )
  const unknown = useMemo(() => unknownCells(maps, sides), [maps, sides])
  const { count, nll } = paintedSoFar(part)
  const every = Math.max(1, Math.ceil(total / DECODINGS))
  const due = part.codes ? total : Math.floor(count / every) * every
  // biome-ignore lint/correctness/useExhaustiveDependencies: between two decodings more codes change nothing
  const codes = useMemo(() => {
    if (part.codes) return part.codes
    if (due === 0) return null
    const painted = part.painted.slice(0, due).map((one) => one?.code)
    return withoutGaps(cellsOfOrder(painted, sides), (layer) =>
      names.number(rowsOfLayer(run.config, layer, size).first),
    )
  }, [part.codes, due, sides, run.config, names, size])
  const { output: pixels, error } = useDecoded(run.id, codes)
  const images = useMemo(
    () => maps.map((cells, layer) => ({ data: paintGaps(cells), width: sides[layer] ?? 1, height: sides[layer] ?? 1 })),
    [maps, sides],
  )
  const grids = gridsOf(sides)
  const finest = sides.length - 1
  const at = pointed === null ? null : placeOf(places, pointed)
  const marksOf = (layer: number): CellMark[] => {
    if (!at) return []
    if (at.layer === layer) return [{ cell: at.cell, kind: 'cursor' }]
    return cellsBelow(gridOf(sides[at.layer] ?? 1), at.cell, gridOf(sides[layer] ?? 1)).map((cell) => ({
      cell,
      kind: 'related',
    }))
  }
  const cursorIn = (layer: number) =>
    at && cellInLayer(gridOf(sides[at.layer] ?? 1), at.cell, gridOf(sides[layer] ?? 1))
  const placeAt = (layer: number, cell: number) => {
    const place = places[layer]?.[cell]
    return place !== undefined && part.painted[place] ? place : null
  }
  const board = (layer: number) => ({
    grid: grids[layer] ?? gridOf(1),
    marks: marksOf(layer),
    cursor: cursorIn(layer) ?? null,
    onPoint: (cell: number | null) => onPoint(cell === null ? null : placeAt(layer, cell)),
    onPick: (cell: number, extend: boolean) => {
      const place = extend ? null : placeAt(layer, cell)
      if (place !== null) onPick(place)
    },
  })
  const { columns, map: mapSize } = paintedLayout(sides.length)
  return (
    <figure className="flex w-fit flex-col gap-1.5">
      <div className="flex" style={{ gap: GAP }}>
        <CellBoard
          label={`Painted picture, ${count} of ${total} codes. Arrow keys move from cell to cell, Enter pins the code.`}
          pixels={pixels}
          size={PICTURE}
          hatched={part.codes ? null : unknown}
          {...board(finest)}
        />
        <div
          className="grid content-start"
          style={{ gap: GAP, gridTemplateColumns: `repeat(${columns}, ${mapSize}px)` }}
        >
          {images.map((image, layer) => (
            <CellBoard
              // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
              key={layer}
              label={`Codes of layer ${layer}. Arrow keys move from cell to cell, Enter pins the code.`}
              pixels={image}
              size={mapSize}
              hatched={maps[layer]?.map((code) => code === null) ?? null}
              {...board(layer)}
            />
          ))}
        </div>
      </div>
      <figcaption className="flex h-6 items-center justify-between text-xs text-muted">
        <span className="tabular-nums">
          {count < total ? `${formatInteger(count)} of ${formatInteger(total)} codes` : `${formatInteger(total)} codes`}
          {count > 0 && `, NLL ${formatFixed(nll / count, 2)} nats a code`}
        </span>
        {pixels && (
          <span className="flex">
            <IconButton
              label="Copy as PNG"
              size="iconSmall"
              onClick={() =>
                copyPicture(pixels).then(
                  () => notify('Picture copied'),
                  (failure: unknown) => notifyError('Copy', failure),
                )
              }
            >
              <Copy aria-hidden />
            </IconButton>
            <IconButton
              label="Save as PNG"
              size="iconSmall"
              onClick={() => savePicture(name, pixels).catch((failure: unknown) => notifyError('Save', failure))}
            >
              <Download aria-hidden />
            </IconButton>
          </span>
        )}
      </figcaption>
      {error !== null && (
        <p role="alert" className="text-xs text-danger">
          The codes could not be decoded: {error instanceof Error ? error.message : String(error)}
        </p>
      )}
    </figure>
  )
}

/** Layer and cell of a place in the token order. */
function placeOf(places: readonly Int32Array[], place: number): { layer: number; cell: number } | null {
  for (const [layer, cells] of places.entries()) {
    const cell = cells.indexOf(place)
    if (cell >= 0) return { layer, cell }
  }
  return null
}
