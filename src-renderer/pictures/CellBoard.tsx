import { type KeyboardEvent, memo, type PointerEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { outlinePath } from './cell-outline.ts'
import { cellAt, cellRectangle, type Direction, type Grid, neighbour } from './geometry.ts'
import type { Pixels } from './PictureTile.tsx'

/** A cell that is set off from the others. cursor, selected and related are frames; wrong: struck through; changed: its corner. */
export interface CellMark {
  cell: number
  kind: 'cursor' | 'selected' | 'related' | 'wrong' | 'changed'
}

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/**
 * A picture or a code map that is read cell by cell, with the pointer or, once it has the focus, with the arrow keys.
 * `size` is its side in CSS px.
 */
export const CellBoard = memo(function CellBoard({
  label,
  pixels,
  size,
  grid,
  hatched,
  marks,
  cursor,
  onPoint,
  onPick,
  onKey,
  children,
}: {
  label: string
  /** null: nothing to draw yet. */
  pixels: Pixels | null
  size: number
  grid: Grid
  /** Of each cell, whether its content is still to come; null: all is there. */
  hatched: readonly boolean[] | null
  marks: readonly CellMark[]
  /** Cell that the arrow keys move from. */
  cursor: number | null
  onPoint: (cell: number | null) => void
  /** @param extends dragged to, or reached with Shift, from the cell picked before */
  onPick?: (cell: number, extend: boolean) => void
  /** Further keys; true if it has used one. */
  onKey?: (event: KeyboardEvent) => boolean
  children?: ReactNode
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const pattern = useId()
  const held = useRef<number | null>(null)
  useLayoutEffect(() => {
    const target = canvas.current
    if (!target || !pixels) return
    target.width = pixels.width
    target.height = pixels.height
    target.getContext('2d')?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0)
  }, [pixels])

  const cellOf = (event: PointerEvent): number | null => {
    const box = event.currentTarget.getBoundingClientRect()
    return cellAt(grid, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  }
  const key = (event: KeyboardEvent) => {
    const direction = DIRECTIONS[event.key]
    if (onKey?.(event)) event.preventDefault()
    else if (event.ctrlKey || event.metaKey || event.altKey) return
    else if (direction) {
      const next = cursor === null ? 0 : neighbour(grid, cursor, direction)
      onPoint(next)
      if (event.shiftKey) onPick?.(next, true)
      event.preventDefault()
    } else if ((event.key === ' ' || event.key === 'Enter') && cursor !== null && onPick) {
      onPick(cursor, event.shiftKey)
      event.preventDefault()
    }
  }
  const hatch = hatched?.some(Boolean)
    ? hatched
        .map((is, cell) => {
          if (!is) return ''
          const { x, y, width, height } = cellRectangle(grid, cell)
          return `M${x * size} ${y * size}h${width * size}v${height * size}h${-width * size}Z`
        })
        .join('')
    : ''
  return (
    <div
      role="img"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the board is read with the arrow keys
      tabIndex={0}
      className="relative shrink-0 touch-none overflow-hidden bg-sunken outline-offset-2"
      style={{ width: size, height: size }}
      onKeyDown={key}
      onPointerDown={(event) => {
        const cell = event.button === 0 ? cellOf(event) : null
        if (cell === null) return
        event.currentTarget.setPointerCapture(event.pointerId)
        held.current = cell
        onPick?.(cell, event.shiftKey)
      }}
      onPointerMove={(event) => {
        const cell = cellOf(event)
        onPoint(cell)
        if (held.current === null || cell === null || cell === held.current) return
        held.current = cell
        onPick?.(cell, true)
      }}
      onPointerUp={() => {
        held.current = null
      }}
      onPointerCancel={() => {
        held.current = null
      }}
      onPointerLeave={() => onPoint(null)}
    >
      {pixels && (
        <canvas
          ref={canvas}
          className="block size-full"
          style={{ imageRendering: pixels.width > size * 1.5 ? 'auto' : 'pixelated' }}
        />
      )}
      <svg className="pointer-events-none absolute inset-0" width={size} height={size} aria-hidden="true">
        {hatch && (
          <>
            <pattern id={pattern} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width={6} height={6} fill="var(--sunken)" />
              <rect width={1.5} height={6} fill="var(--line-strong)" />
            </pattern>
            <path d={hatch} fill={`url(#${pattern})`} />
          </>
        )}
        <Outline cells={cellsOf(marks, 'related')} grid={grid} size={size} colour="#ffffff" dash="3 2" />
        <Outline cells={cellsOf(marks, 'selected')} grid={grid} size={size} colour="#f0e442" />
        {marks.map((mark) =>
          mark.kind === 'related' || mark.kind === 'selected' ? null : (
            <Mark key={`${mark.kind} ${mark.cell}`} mark={mark} grid={grid} size={size} />
          ),
        )}
      </svg>
      {children}
    </div>
  )
})

/** Drawn light between dark, so that it shows on any ground. */
function Mark({ mark: { cell, kind }, grid, size }: { mark: CellMark; grid: Grid; size: number }) {
  const box = cellRectangle(grid, cell)
  const [x, y] = [Math.round(box.x * size) + 0.5, Math.round(box.y * size) + 0.5]
  const side = Math.max(2, Math.round(box.width * size) - 1)
  if (kind === 'wrong') {
    const line = { x1: x + side * 0.2, y1: y + side * 0.8, x2: x + side * 0.8, y2: y + side * 0.2 }
    return (
      <g strokeLinecap="round">
        <line {...line} stroke="#000000" strokeWidth={3} strokeOpacity={0.75} />
        <line {...line} stroke="#ffffff" strokeWidth={1.25} />
      </g>
    )
  }
  if (kind === 'changed') {
    const length = Math.max(4, side * 0.35)
    return (
      <path
        d={`M${x + side} ${y}h${-length}l${length} ${length}Z`}
        fill="#f0e442"
        stroke="#000000"
        strokeOpacity={0.75}
      />
    )
  }
  const place = { x, y, width: side, height: side, fill: 'none' }
  return (
    <g>
      <rect {...place} stroke="#000000" strokeOpacity={0.75} strokeWidth={4} />
      <rect {...place} stroke="#ffffff" strokeWidth={2} />
    </g>
  )
}

const cellsOf = (marks: readonly CellMark[], kind: CellMark['kind']): number[] =>
  marks.filter((mark) => mark.kind === kind).map(({ cell }) => cell)

/** One line around cells that lie together. */
function Outline({
  cells,
  grid,
  size,
  colour,
  dash,
}: {
  cells: readonly number[]
  grid: Grid
  size: number
  colour: string
  dash?: string
}) {
  if (cells.length === 0) return null
  const d = outlinePath(cells, grid, size)
  return (
    <g fill="none" strokeLinecap="square">
      <path d={d} stroke="#000000" strokeOpacity={0.75} strokeWidth={3.5} />
      <path d={d} stroke={colour} strokeWidth={1.5} strokeDasharray={dash} />
    </g>
  )
}
