import { useMemo, useState } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { CellBoard, type CellMark } from '../../../pictures/CellBoard.tsx'
import { paintGaps } from '../../../pictures/cell-colours.ts'
import { cellsBelow } from '../../../pictures/geometry.ts'
import { gridOf } from '../../../pictures/token-order.ts'
import { useRunCodes } from '../multimodal/use-run-codes.ts'

const SIZE = 112

/** The code maps of a picture, coarse first; pointing at a cell names its code and shows what lies above and below it. */
export function CodeMapRow({
  run,
  maps,
  label,
}: {
  run: RunDetail
  /** Numbers of the codes of each layer, row by row. */
  maps: readonly (readonly number[])[]
  /** What the maps are of. */
  label: string
}) {
  const { codes } = useRunCodes(run)
  const [cursor, setCursor] = useState<{ layer: number; cell: number } | null>(null)
  const layers = useMemo(
    () =>
      maps.map((cells) => {
        const side = Math.round(Math.sqrt(cells.length))
        return { grid: gridOf(side), pixels: { data: paintGaps(cells), width: side, height: side } }
      }),
    [maps],
  )
  const marksOf = (layer: number): CellMark[] => {
    const [from, to] = [cursor && layers[cursor.layer]?.grid, layers[layer]?.grid]
    if (!cursor || !from || !to) return []
    if (cursor.layer === layer) return [{ cell: cursor.cell, kind: 'cursor' }]
    return cellsBelow(from, cursor.cell, to).map((cell): CellMark => ({ cell, kind: 'related' }))
  }
  const code = cursor && maps[cursor.layer]?.[cursor.cell]
  const columns = cursor ? (layers[cursor.layer]?.grid.columns ?? 1) : 1
  const token = code === null || code === undefined ? '' : (codes?.names.tokenText(code) ?? '')
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {layers.map(({ grid, pixels }, layer) => (
          <CellBoard
            // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
            key={layer}
            label={`${label}, codes of layer ${layer}, ${grid.rows} × ${grid.columns}`}
            pixels={pixels}
            size={SIZE}
            grid={grid}
            hatched={null}
            marks={marksOf(layer)}
            cursor={cursor?.layer === layer ? cursor.cell : null}
            onPoint={(cell) => setCursor(cell === null ? null : { layer, cell })}
          />
        ))}
      </div>
      <p aria-live="polite" className="mt-1 h-5 truncate text-xs text-muted tabular-nums">
        {cursor && code !== undefined
          ? `Layer ${cursor.layer}, row ${Math.floor(cursor.cell / columns) + 1}, column ${(cursor.cell % columns) + 1}: code ${code}${token === '' ? '' : ` “${token}”`}`
          : 'Point at a cell to name its code.'}
      </p>
    </div>
  )
}
