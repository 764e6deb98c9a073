import { memo, type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { Rectangle } from './geometry.ts'
import { panBy, toPicture, toTile, type Viewport, visible, zoomAbout } from './viewport.ts'

/** Pixels to show: RGBA, width × height. A code map has one pixel a cell. */
export interface Pixels {
  data: Uint8ClampedArray<ArrayBuffer>
  width: number
  height: number
}

/** A frame drawn over a tile, in shares of the picture. */
export interface Outline {
  rectangle: Rectangle
  /** cell: the one pointed at; related: parent or children; occurrence: another place of the same code. */
  kind: 'cell' | 'related' | 'occurrence'
}

function canvasOf(pixels: Pixels): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = pixels.width
  canvas.height = pixels.height
  canvas.getContext('2d')?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0)
  return canvas
}

/**
 * One picture of a board: drawn without smoothing, panned by dragging and zoomed by the wheel together with the other
 * tiles that share the viewport. `side` is the picture's side in pixels, `size` the tile's in CSS px.
 */
export const PictureTile = memo(function PictureTile({
  label,
  pixels,
  size,
  side,
  viewport,
  onViewport,
  outlines,
  crosshair,
  onPoint,
  onLeave,
  onPick,
  children,
}: {
  label: string
  pixels: Pixels
  size: number
  side: number
  viewport: Viewport
  onViewport: (view: Viewport) => void
  outlines: readonly Outline[]
  /** A point of the picture (shares) marked by two hairlines; null: none. */
  crosshair: { x: number; y: number } | null
  onPoint: (x: number, y: number) => void
  onLeave: () => void
  onPick: (x: number, y: number) => void
  children?: ReactNode
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const source = useMemo(() => canvasOf(pixels), [pixels])
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null)

  useLayoutEffect(() => {
    const target = canvas.current
    const context = target?.getContext('2d')
    if (!target || !context || size === 0) return
    const real = Math.round(size * devicePixelRatio)
    target.width = real
    target.height = real
    context.imageSmoothingEnabled = false
    const part = visible(viewport)
    context.drawImage(
      source,
      part.x * source.width,
      part.y * source.height,
      part.width * source.width,
      part.height * source.height,
      0,
      0,
      real,
      real,
    )
  }, [source, size, viewport])

  // React's wheel listeners are passive, so the page would scroll as well.
  useEffect(() => {
    const target = canvas.current
    if (!target) return
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = target.getBoundingClientRect()
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      onViewport(zoomAbout(viewport, x, y, 2 ** (-event.deltaY / 240), side))
    }
    target.addEventListener('wheel', wheel, { passive: false })
    return () => target.removeEventListener('wheel', wheel)
  }, [viewport, onViewport, side])

  const shares = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    return toPicture(viewport, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  }
  const cross = crosshair && toTile(viewport, { ...crosshair, width: 0, height: 0 })

  return (
    <div className="relative overflow-hidden bg-sunken" style={{ width: size, height: size }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        className="block size-full touch-none"
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = { x: event.clientX, y: event.clientY, moved: false }
        }}
        onPointerMove={(event) => {
          const held = drag.current
          if (!held) {
            const { x, y } = shares(event)
            onPoint(x, y)
            return
          }
          const [dx, dy] = [event.clientX - held.x, event.clientY - held.y]
          if (!held.moved && Math.hypot(dx, dy) < 4) return
          drag.current = { x: event.clientX, y: event.clientY, moved: true }
          onViewport(panBy(viewport, dx / size, dy / size, side))
        }}
        onPointerUp={(event) => {
          const held = drag.current
          drag.current = null
          if (!held || held.moved) return
          const { x, y } = shares(event)
          onPick(x, y)
        }}
        onPointerCancel={() => {
          drag.current = null
        }}
        onPointerLeave={() => !drag.current && onLeave()}
      />
      <svg className="pointer-events-none absolute inset-0" width={size} height={size} aria-hidden="true">
        {cross && (
          <g stroke="white" strokeOpacity={0.85} style={{ mixBlendMode: 'difference' }} shapeRendering="crispEdges">
            <line x1={cross.x * size} x2={cross.x * size} y1={0} y2={size} />
            <line x1={0} x2={size} y1={cross.y * size} y2={cross.y * size} />
          </g>
        )}
        {outlines.map((outline) => {
          const box = toTile(viewport, outline.rectangle)
          return (
            <Frame
              key={`${outline.kind} ${outline.rectangle.x} ${outline.rectangle.y}`}
              box={box}
              size={size}
              kind={outline.kind}
            />
          )
        })}
      </svg>
      {children}
    </div>
  )
})

/** A frame that shows on any ground: a light line between two dark ones. */
function Frame({ box, size, kind }: { box: Rectangle; size: number; kind: Outline['kind'] }) {
  const place = {
    x: Math.round(box.x * size) + 0.5,
    y: Math.round(box.y * size) + 0.5,
    width: Math.max(2, Math.round(box.width * size) - 1),
    height: Math.max(2, Math.round(box.height * size) - 1),
    fill: 'none',
  }
  const dash = kind === 'related' ? '3 2' : undefined
  return (
    <g>
      <rect {...place} stroke="#000000" strokeOpacity={0.75} strokeWidth={kind === 'cell' ? 4 : 3} />
      <rect
        {...place}
        stroke={kind === 'occurrence' ? '#f0e442' : '#ffffff'}
        strokeWidth={kind === 'cell' ? 2 : 1.25}
        strokeDasharray={dash}
      />
    </g>
  )
}
