import { useMemo } from 'react'
import { type Rgb, rgbToCss } from '../colours.ts'

/** What the colours of a picture mean: the scale with its ends and its unit. */
export function ScaleLegend({
  low,
  middle,
  high,
  unit,
  scale,
}: {
  low: string
  middle: string | null
  high: string
  unit: string
  /** @param position in [0, 1] */
  scale: (position: number) => Rgb
}) {
  const gradient = useMemo(
    () => `linear-gradient(to right, ${Array.from({ length: 13 }, (_, i) => rgbToCss(scale(i / 12))).join(', ')})`,
    [scale],
  )
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-faint">
      <span className="font-mono">{low}</span>
      <span className="relative h-2 w-24 rounded-[2px]" style={{ background: gradient }}>
        {middle !== null && <span className="absolute -top-0.5 left-1/2 h-3 w-px bg-text" />}
      </span>
      <span className="font-mono">{high}</span>
      <span>{unit}</span>
    </span>
  )
}
