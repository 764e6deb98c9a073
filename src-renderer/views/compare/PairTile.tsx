import { type ReactNode, useMemo, useRef } from 'react'
import { PictureTile, type Pixels } from '../../pictures/PictureTile.tsx'
import { paintDifference, rgba, signedDifference } from '../../pictures/paint.ts'
import type { Viewport } from '../../pictures/viewport.ts'

export type PairMode = 'wipe' | 'blink' | 'difference'

const NONE = () => {}
const NO_OUTLINES: never[] = []

/** Two reconstructions of one picture in one tile: wiped over each other, blinked, or subtracted. */
export function PairTile({
  mode,
  a,
  b,
  names,
  side,
  size,
  viewport,
  onViewport,
  wipe,
  onWipe,
  shown,
}: {
  mode: PairMode
  /** RGB bytes, side × side */
  a: Uint8Array
  b: Uint8Array
  names: { a: string; b: string }
  side: number
  size: number
  viewport: Viewport
  onViewport: (view: Viewport) => void
  /** Share of the tile that shows a, from the left. */
  wipe: number
  onWipe: (share: number) => void
  /** Which one blinking shows. */
  shown: 'a' | 'b'
}) {
  const images = useMemo(() => {
    const square = (data: Uint8ClampedArray<ArrayBuffer>): Pixels => ({ data, width: side, height: side })
    return { a: square(rgba(a)), b: square(rgba(b)), difference: square(paintDifference(signedDifference(a, b))) }
  }, [a, b, side])
  const frame = useRef<HTMLDivElement>(null)
  const tile = (label: string, pixels: Pixels, children?: ReactNode) => (
    <PictureTile
      label={label}
      pixels={pixels}
      size={size}
      side={side}
      viewport={viewport}
      onViewport={onViewport}
      outlines={NO_OUTLINES}
      crosshair={null}
      onPoint={NONE}
      onLeave={NONE}
      onPick={NONE}
    >
      {children}
    </PictureTile>
  )
  if (mode === 'difference') return tile(`Difference: ${names.a} minus ${names.b}`, images.difference)
  if (mode === 'blink') return tile(shown === 'a' ? names.a : names.b, images[shown])
  return (
    <div ref={frame} className="relative" style={{ width: size, height: size }}>
      {tile(names.a, images.a)}
      <div className="pointer-events-none absolute inset-0" style={{ clipPath: `inset(0 0 0 ${wipe * 100}%)` }}>
        {tile(names.b, images.b)}
      </div>
      <div
        aria-hidden
        className="absolute inset-y-0 flex w-4 -translate-x-1/2 cursor-ew-resize touch-none justify-center"
        style={{ left: `${wipe * 100}%` }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const box = frame.current?.getBoundingClientRect()
          if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return
          onWipe(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)))
        }}
      >
        <span className="h-full w-px bg-white outline outline-black/60" />
        <span className="absolute top-1/2 h-7 w-2 -translate-y-1/2 rounded-full border border-black/60 bg-white" />
      </div>
    </div>
  )
}
