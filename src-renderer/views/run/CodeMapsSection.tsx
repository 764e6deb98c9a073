import { useCallback, useMemo, useState } from 'react'
import { useNumberParam, useParam } from '../../address.ts'
import { useSize } from '../../charts/use-size.ts'
import { viridis } from '../../colours.ts'
import { Button } from '../../components/button.tsx'
import { useInspector } from '../../components/inspector.tsx'
import { Select } from '../../components/select.tsx'
import { COLOURING_LABELS, cellScale, coloursOf, paintCodes } from '../../pictures/cell-colours.ts'
import type { CodeNames } from '../../pictures/code-names.ts'
import { cellAt, cellInLayer, cellRectangle, cellsBelow, type Direction, neighbour } from '../../pictures/geometry.ts'
import { PictureStrip } from '../../pictures/PictureStrip.tsx'
import { type Outline, PictureTile, type Pixels } from '../../pictures/PictureTile.tsx'
import { absoluteError, ERROR_SCALE, meanSquaredError, paintError, rgba } from '../../pictures/paint.ts'
import { ScaleLegend } from '../../pictures/ScaleLegend.tsx'
import { pictureBytes, pictureCodes, placesOfCode, type Sample } from '../../pictures/sample.ts'
import { tileLayout } from '../../pictures/tile-layout.ts'
import { useKeys } from '../../pictures/use-keys.ts'
import { reveal, type Viewport, WHOLE, zoomAbout } from '../../pictures/viewport.ts'
import { CellCard, CellHint } from './CellCard.tsx'
import { layerName } from './CodeCard.tsx'
import { type CellPlace, formatCell, parseCell } from './cell-address.ts'

const GAP = 12
const CAPTION = 22
const LEAST_TILE = 132
const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** A held-out picture beside its reconstruction, its error and its code maps, all linked cell by cell. */
export function CodeMapsSection({ sample, names }: { sample: Sample; names: CodeNames }) {
  const [pictureParam, setPicture] = useNumberParam('picture')
  const [cellText, setCellText] = useParam('cell')
  const [by, setBy] = useParam('by', 'id')
  const [viewport, setViewport] = useState<Viewport>(WHOLE)
  const [hovered, setHovered] = useState<CellPlace | null>(null)
  const [activeLayer, setActiveLayer] = useState(sample.layers.length - 1)
  const picture = Math.min(sample.pictures - 1, Math.max(0, (pictureParam ?? 1) - 1))
  const pinned = useMemo(() => parseCell(cellText, sample), [cellText, sample])
  const place = hovered ?? pinned
  const choices = useMemo(() => coloursOf(sample), [sample])
  const colouring = choices.find((choice) => choice === by) ?? 'id'
  const pixels = usePixels(sample, picture)
  const maps = useMaps(sample, picture, colouring)
  const code = place ? (pictureCodes(sample.layers[place.layer]!, picture)[place.cell] ?? 0) : null
  const occurrences = useMemo(
    () =>
      code === null ? [] : Array.from({ length: sample.pictures }, (_, index) => placesOfCode(sample, index, code)),
    [sample, code],
  )
  useInspector(
    useMemo(
      () =>
        place ? (
          <CellCard
            sample={sample}
            names={names}
            picture={picture}
            place={place}
            pinned={hovered === null}
            occurrences={occurrences}
          />
        ) : (
          <CellHint />
        ),
      [sample, names, picture, place, hovered, occurrences],
    ),
  )

  const show = useCallback((next: CellPlace | null) => {
    setHovered((old) => (old?.layer === next?.layer && old?.cell === next?.cell ? old : next))
    if (next) setActiveLayer(next.layer)
  }, [])
  const pin = (next: CellPlace) =>
    setCellText(pinned && formatCell(next) === formatCell(pinned) ? '' : formatCell(next))
  const turnPage = (by: number) => {
    setPicture(((picture + by + sample.pictures) % sample.pictures) + 1)
  }
  useKeys((event) => {
    const grid = (layer: number) => sample.layers[layer]!.grid
    const direction = DIRECTIONS[event.key]
    const from = place ?? { layer: activeLayer, cell: 0 }
    const go = (next: CellPlace) => {
      show(next)
      setViewport(reveal(viewport, cellRectangle(grid(next.layer), next.cell), sample.side))
    }
    if (direction) go(place ? { layer: from.layer, cell: neighbour(grid(from.layer), from.cell, direction) } : from)
    else if (event.key === '[') turnPage(-1)
    else if (event.key === ']') turnPage(1)
    else if (event.key === 'Enter' && place && !(event.target instanceof HTMLButtonElement)) pin(place)
    else if (event.key === 'Escape') {
      show(null)
      setCellText('')
    } else if (event.key === '+' || event.key === '=') setViewport(zoomAbout(viewport, 0.5, 0.5, 2, sample.side))
    else if (event.key === '-') setViewport(zoomAbout(viewport, 0.5, 0.5, 0.5, sample.side))
    else if (event.key === '0') setViewport(WHOLE)
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= sample.layers.length) {
      const layer = Number(event.key) - 1
      go({ layer, cell: cellInLayer(grid(from.layer), from.cell, grid(layer)) })
    } else return false
    return true
  })

  const [box, size] = useSize<HTMLDivElement>()
  const tiles = tileLayout(3 + sample.layers.length, size.width, size.height, GAP, CAPTION, LEAST_TILE)
  const rectangle = useMemo(
    () => (place ? cellRectangle(sample.layers[place.layer]!.grid, place.cell) : null),
    [sample, place],
  )
  const crosshair = useMemo(
    () => rectangle && { x: rectangle.x + rectangle.width / 2, y: rectangle.y + rectangle.height / 2 },
    [rectangle],
  )
  const pixelOutlines = useMemo<Outline[]>(() => (rectangle ? [{ rectangle, kind: 'cell' }] : []), [rectangle])
  const outlinesOf = (layer: number): Outline[] => {
    if (!place) return []
    const { grid } = sample.layers[layer]!
    const own = layer === place.layer
    const linked = own ? [place.cell] : cellsBelow(sample.layers[place.layer]!.grid, place.cell, grid)
    const elsewhere = (occurrences[picture]?.[layer] ?? []).filter((cell) => !linked.includes(cell))
    return [
      ...elsewhere.map((cell): Outline => ({ rectangle: cellRectangle(grid, cell), kind: 'occurrence' })),
      ...linked.map((cell): Outline => ({ rectangle: cellRectangle(grid, cell), kind: own ? 'cell' : 'related' })),
    ]
  }
  const tile = (title: string, hint: string, image: Pixels, layer: number | null) => {
    const place = layer ?? activeLayer
    const at = (x: number, y: number): CellPlace | null => {
      const cell = cellAt(sample.layers[place]!.grid, x, y)
      return cell === null ? null : { layer: place, cell }
    }
    return (
      <figure key={title} data-tile={title}>
        <figcaption
          className="flex h-[22px] items-baseline justify-between gap-2 text-xs"
          style={{ width: tiles.size }}
        >
          <span className="truncate font-medium">{title}</span>
          <span className="shrink-0 font-mono text-faint">{hint}</span>
        </figcaption>
        <PictureTile
          label={`${title} of ${sample.captions[picture]}`}
          pixels={image}
          size={tiles.size}
          side={sample.side}
          viewport={viewport}
          onViewport={setViewport}
          outlines={layer === null ? pixelOutlines : outlinesOf(layer)}
          crosshair={crosshair}
          onPoint={(x, y) => show(at(x, y))}
          onLeave={() => show(null)}
          onPick={(x, y) => {
            const next = at(x, y)
            if (next) pin(next)
          }}
        />
      </figure>
    )
  }

  return (
    <div className="flex h-full min-h-0 flex-col gap-2">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1">
        <span className="text-xs text-muted">Colour cells by</span>
        <Select
          label="Colour cells by"
          value={colouring}
          onChange={setBy}
          options={choices.map((choice) => ({ value: choice, label: COLOURING_LABELS[choice] }))}
          className="w-36"
        />
        {maps.legend ? (
          <ScaleLegend {...maps.legend} high={colouring === 'cosine' ? maps.legend.high : 'max'} />
        ) : (
          <span className="text-xs text-faint">
            {colouring === 'semantic' ? 'codes that lie near each other look alike' : 'colours only tell codes apart'}
          </span>
        )}
        <span className="ml-auto" />
        <span className="text-xs text-faint">Error</span>
        <ScaleLegend low="0" middle={null} high={`≥ ${ERROR_SCALE}`} unit="of 255" scale={viridis} />
        {viewport.zoom > 1 && (
          <Button size="small" variant="ghost" onClick={() => setViewport(WHOLE)}>
            {viewport.zoom.toFixed(1)} ×, show all
          </Button>
        )}
      </div>
      <div ref={box} className="min-h-0 flex-1 overflow-auto" data-testid="code-maps">
        <div
          className="grid w-fit"
          style={{ gap: GAP, gridTemplateColumns: `repeat(${tiles.columns}, ${tiles.size}px)` }}
        >
          {size.width > 0 && (
            <>
              {tile('Input', `${sample.side} px`, pixels.input, null)}
              {tile('Reconstruction', `MSE ${pixels.mse.toFixed(4)}`, pixels.reconstruction, null)}
              {tile('Error', 'mean |difference|', pixels.error, null)}
              {maps.layers.map((image, layer) =>
                tile(`Layer ${layerName(sample, layer)}`, maps.ends[layer] ?? '', image, layer),
              )}
            </>
          )}
        </div>
      </div>
      <p className="sr-only" aria-live="polite">
        {place && code !== null
          ? `Layer ${place.layer}, cell ${place.cell}, code ${names.number(code)}, ${names.text(code)}`
          : ''}
      </p>
      <PictureStrip
        sample={sample}
        show="reconstruction"
        pictures={sample.pictures}
        picture={picture}
        occurrences={occurrences}
        onPicture={(index) => setPicture(index + 1)}
      />
    </div>
  )
}

function usePixels(sample: Sample, picture: number) {
  return useMemo(() => {
    const { side } = sample
    const input = pictureBytes(sample.input, picture, side)
    const reconstruction = pictureBytes(sample.reconstruction, picture, side)
    const square = (data: Uint8ClampedArray<ArrayBuffer>): Pixels => ({ data, width: side, height: side })
    return {
      input: square(rgba(input)),
      reconstruction: square(rgba(reconstruction)),
      error: square(paintError(absoluteError(input, reconstruction))),
      mse: meanSquaredError(input, reconstruction),
    }
  }, [sample, picture])
}

function useMaps(sample: Sample, picture: number, colouring: Parameters<typeof cellScale>[0]) {
  return useMemo(() => {
    const scales = sample.layers.map((layer) => cellScale(colouring, sample, layer))
    return {
      legend: scales.at(-1)?.legend ?? null,
      // The layers' scales differ by their largest value, which stands over each map.
      ends: scales.map(({ legend }) => (legend && colouring !== 'cosine' ? `${legend.low} to ${legend.high}` : '')),
      layers: sample.layers.map(
        (layer, index): Pixels => ({
          data: paintCodes(pictureCodes(layer, picture), scales[index]!),
          width: layer.grid.columns,
          height: layer.grid.rows,
        }),
      ),
    }
  }, [sample, picture, colouring])
}
