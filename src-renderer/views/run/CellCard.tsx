import { InspectorSection } from '../../components/inspector.tsx'
import { KeyList } from '../../components/key-list.tsx'
import { Fact, Facts } from '../../components/panel.tsx'
import type { CodeNames } from '../../pictures/code-names.ts'
import { cellPixels, cellsBelow } from '../../pictures/geometry.ts'
import { pictureCodes, type Sample } from '../../pictures/sample.ts'
import { CodeCard, layerName } from './CodeCard.tsx'
import type { CellPlace } from './cell-address.ts'
import { CODE_MAP_KEYS } from './keys.ts'

/** A cell of a code map: its code, its pixels, what lies above and below it, and where else its code occurs. */
export function CellCard({
  sample,
  names,
  picture,
  place,
  pinned,
  occurrences,
}: {
  sample: Sample
  names: CodeNames
  picture: number
  place: CellPlace
  pinned: boolean
  /** Per picture, per layer: cells with the same code. */
  occurrences: readonly (readonly (readonly number[])[])[]
}) {
  const layer = sample.layers[place.layer]
  if (!layer) return null
  const code = pictureCodes(layer, picture)[place.cell] ?? 0
  const pixels = cellPixels(layer.grid, place.cell, sample.side)
  const counts = occurrences.map((layers) => layers.reduce((sum, cells) => sum + cells.length, 0))
  const total = counts.reduce((sum, n) => sum + n, 0)
  return (
    <>
      <CodeCard
        sample={sample}
        names={names}
        code={code}
        layer={place.layer}
        title={pinned ? 'Code (pinned)' : 'Code'}
      />
      <InspectorSection title="Cell">
        <Facts>
          <Fact name="Picture">{`${picture + 1}: ${sample.captions[picture]}`}</Fact>
          <Fact name="Row, column" mono>
            {Math.floor(place.cell / layer.grid.columns)}, {place.cell % layer.grid.columns}
          </Fact>
          <Fact name="Pixels across" mono>
            {`${pixels.x}–${pixels.x + pixels.width - 1}`}
          </Fact>
          <Fact name="Pixels down" mono>
            {`${pixels.y}–${pixels.y + pixels.height - 1}`}
          </Fact>
          <Fact name="Same code">
            {total === 1 ? 'only here' : `${total} cells in ${counts.filter((n) => n > 0).length} pictures`}
          </Fact>
        </Facts>
      </InspectorSection>
      {sample.layers.length > 1 && (
        <InspectorSection title="Same pixels in other layers">
          <ul className="flex flex-col gap-1.5 text-sm">
            {sample.layers.map((other, index) =>
              index === place.layer ? null : (
                // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
                <li key={index}>
                  <span className="text-muted">Layer {layerName(sample, index)}</span>
                  <span className="mt-0.5 grid grid-cols-2 gap-x-3 font-mono text-xs">
                    {cellsBelow(layer.grid, place.cell, other.grid).map((cell) => {
                      const at = pictureCodes(other, picture)[cell] ?? 0
                      return (
                        <span key={cell} className="truncate">
                          {names.number(at)} <span className="text-accent">{names.text(at)}</span>
                        </span>
                      )
                    })}
                  </span>
                </li>
              ),
            )}
          </ul>
        </InspectorSection>
      )}
    </>
  )
}

/** What to do while nothing is pointed at. */
export const CellHint = () => (
  <InspectorSection title="Code maps">
    <p className="text-sm text-muted">
      Point at a cell, or move with the arrow keys, to see its code, its token and its pixels. Click pins it.
    </p>
    <KeyList keys={CODE_MAP_KEYS} />
  </InspectorSection>
)
