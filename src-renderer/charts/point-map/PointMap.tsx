import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useSize } from '../use-size.ts'
import { canvasPainter } from './canvas-painter.ts'
import type { Loop } from './lasso.ts'
import type { PointPainter, PointScene } from './painter.ts'
import { type Box, type PlaneView, panBy, toPixelX, toPixelY, toPlaneX, toPlaneY, zoomAt } from './view.ts'
import { webglPainter } from './webgl-painter.ts'

/** A point is meant if the pointer is this near, px. */
const REACH = 9
/** A drag shorter than this is a click. */
const LEAST_DRAG = 4
const STEP = 40

export interface Marker {
  x: number
  y: number
  kind: 'selected' | 'hovered'
}

/** Points of a plane on a canvas: drag to pan, wheel to zoom, shift and drag (or the lasso tool) to draw a loop around some. */
export const PointMap = memo(function PointMap({
  scene,
  share,
  view,
  home,
  tool,
  loop,
  markers,
  card,
  label,
  onView,
  onPoint,
  onPick,
  onLoop,
  onKind,
}: {
  scene: PointScene
  /** Share of the way that points which move have gone. */
  share: number
  /** null: all of it */
  view: PlaneView | null
  /** What is shown of a box of that size when nothing was chosen. */
  home: (box: { width: number; height: number }) => PlaneView
  tool: 'pan' | 'lasso'
  loop: Loop | null
  markers: readonly Marker[]
  /** What is said of the point under the pointer. */
  card: ReactNode
  label: string
  onView: (view: PlaneView | null) => void
  /** A place that is pointed at, with the reach of a point there, in the plane's units; null: none. */
  onPoint: (place: { x: number; y: number; reach: number } | null) => void
  onPick: () => void
  /** A loop that was drawn; null: the one there was is gone. */
  onLoop: (loop: Loop | null) => void
  /** Which painter draws. */
  onKind: (kind: PointPainter['kind']) => void
}) {
  const [frame, box] = useSize<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useRef<PointPainter | null>(null)
  const [lost, setLost] = useState(0)
  const [plain, setPlain] = useState(false)
  const [drag, setDrag] = useState<{ kind: 'pan' | 'lasso'; points: number[] } | null>(null)
  /** Where one looks while a hand moves; handed on when it rests. */
  const [held, setHeld] = useState<PlaneView | null>(null)
  const shown = useMemo(() => held ?? view ?? home(box), [held, view, home, box])
  const size = box.width > 0 && box.height > 0
  const [pointer, setPointer] = useState<{ x: number; y: number } | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a lost context asks for another canvas
  useLayoutEffect(() => {
    const target = canvas.current
    if (!target) return
    const made = (plain ? null : webglPainter(target)) ?? canvasPainter(target)
    if (!made) {
      // WebGL took the canvas but not the shaders: another canvas, without it.
      setPlain(true)
      setLost((times) => times + 1)
      return
    }
    painter.current = made
    onKind(made.kind)
    const lose = (event: Event) => {
      event.preventDefault()
      setLost((times) => times + 1)
    }
    target.addEventListener('webglcontextlost', lose)
    return () => {
      target.removeEventListener('webglcontextlost', lose)
      made.destroy()
      painter.current = null
    }
  }, [lost, plain, onKind])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new canvas is given the scene anew
  useLayoutEffect(() => painter.current?.set(scene), [scene, lost])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new scene is drawn too
  useEffect(() => {
    if (!size) return
    const asked = requestAnimationFrame(() => painter.current?.draw(shown, box, share, devicePixelRatio))
    return () => cancelAnimationFrame(asked)
  }, [scene, shown, box, share, size, lost])

  // Wheel turns are gathered into one change of the address, a moment after the last.
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hold = (next: PlaneView) => {
    setHeld(next)
    clearTimeout(rest.current)
    rest.current = setTimeout(() => {
      onView(next)
      setHeld(null)
    }, 250)
  }
  useEffect(() => () => clearTimeout(rest.current), [])
  const wheel = useRef<(event: WheelEvent) => void>(() => {})
  wheel.current = (event) => {
    event.preventDefault()
    const { x, y } = placeOf(event)
    hold(zoomAt(shown, box, x, y, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015))))
  }
  useEffect(() => {
    const element = frame.current
    // React's own wheel handlers are passive and cannot keep the page from scrolling.
    const listen = (event: WheelEvent) => wheel.current(event)
    element?.addEventListener('wheel', listen, { passive: false })
    return () => element?.removeEventListener('wheel', listen)
  }, [frame])

  const placeOf = (event: { clientX: number; clientY: number }) => {
    const edge = frame.current?.getBoundingClientRect()
    return { x: event.clientX - (edge?.left ?? 0), y: event.clientY - (edge?.top ?? 0) }
  }
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const { x, y } = placeOf(event)
    setDrag({ kind: event.shiftKey || tool === 'lasso' ? 'lasso' : 'pan', points: [x, y] })
  }
  const move = (event: PointerEvent) => {
    const { x, y } = placeOf(event)
    if (!drag) {
      setPointer({ x, y })
      onPoint({ x: toPlaneX(shown, box, x), y: toPlaneY(shown, box, y), reach: REACH / shown.scale })
      return
    }
    const [beforeX, beforeY] = drag.points.slice(-2) as [number, number]
    if (drag.kind === 'pan') hold(panBy(shown, x - beforeX, y - beforeY))
    setDrag({ ...drag, points: [...drag.points, x, y] })
  }
  const up = () => {
    if (!drag) return
    const { points, kind } = drag
    setDrag(null)
    const [firstX, firstY] = points as [number, number]
    const far = points.some((value, at) => Math.abs(value - (at % 2 === 0 ? firstX : firstY)) > LEAST_DRAG)
    if (!far) onPick()
    else if (kind === 'lasso')
      onLoop(points.map((value, at) => (at % 2 === 0 ? toPlaneX(shown, box, value) : toPlaneY(shown, box, value))))
  }
  const key = (event: KeyboardEvent) => {
    const next = movedByKey(shown, box, event.key)
    if (next) hold(next)
    else if (event.key === '0') {
      clearTimeout(rest.current)
      setHeld(null)
      onView(null)
    } else if (event.key === 'Escape') onLoop(null)
    else return
    event.preventDefault()
  }
  const drawn =
    drag?.kind === 'lasso'
      ? drag.points
      : loop?.map((value, at) => (at % 2 === 0 ? toPixelX(shown, box, value) : toPixelY(shown, box, value)))

  return (
    <div
      ref={frame}
      className="relative size-full touch-none overflow-hidden select-none focus-visible:outline-offset-[-2px]"
      style={{ cursor: tool === 'lasso' ? 'crosshair' : drag ? 'grabbing' : 'default' }}
      role="img"
      aria-label={`${label}. Arrow keys move, plus and minus zoom, 0 shows all, Escape drops the lasso.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved with the keyboard
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => {
        setPointer(null)
        onPoint(null)
      }}
      onDoubleClick={() => {
        clearTimeout(rest.current)
        setHeld(null)
        onView(null)
      }}
      onKeyDown={key}
    >
      <canvas key={lost} ref={canvas} className="absolute inset-0 size-full" />
      {size && (
        <svg className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
          {drawn && drawn.length >= 4 && (
            <polygon
              points={drawn.join(' ')}
              fill="var(--accent)"
              fillOpacity={0.1}
              stroke="var(--accent)"
              strokeDasharray="4 3"
            />
          )}
          {markers.map((marker) => (
            <circle
              key={marker.kind}
              cx={toPixelX(shown, box, marker.x)}
              cy={toPixelY(shown, box, marker.y)}
              r={marker.kind === 'selected' ? 7 : 5.5}
              fill="none"
              stroke="var(--text)"
              strokeWidth={marker.kind === 'selected' ? 2 : 1.25}
            />
          ))}
        </svg>
      )}
      {card && pointer && !drag && (
        <div
          className="pointer-events-none absolute z-10 max-w-64 rounded-md border border-line bg-raised/95 px-2 py-1 text-xs"
          style={{
            ...(pointer.x > box.width / 2 ? { right: box.width - pointer.x + 12 } : { left: pointer.x + 12 }),
            ...(pointer.y > box.height / 2 ? { bottom: box.height - pointer.y + 8 } : { top: pointer.y + 8 }),
          }}
        >
          {card}
        </div>
      )}
    </div>
  )
})

function movedByKey(view: PlaneView, box: Box, key: string): PlaneView | null {
  const zoom = (factor: number) => zoomAt(view, box, box.width / 2, box.height / 2, factor)
  switch (key) {
    case 'ArrowLeft':
      return panBy(view, STEP, 0)
    case 'ArrowRight':
      return panBy(view, -STEP, 0)
    case 'ArrowUp':
      return panBy(view, 0, STEP)
    case 'ArrowDown':
      return panBy(view, 0, -STEP)
    case '+':
    case '=':
      return zoom(1.5)
    case '-':
      return zoom(1 / 1.5)
    default:
      return null
  }
}
