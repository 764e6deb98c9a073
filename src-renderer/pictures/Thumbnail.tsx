import { memo, useLayoutEffect, useRef } from 'react'
import { cellRectangle } from './geometry.ts'
import type { Sample } from './sample.ts'

/** One picture of a strip, with the cells that hold a code marked. */
export const Thumbnail = memo(function Thumbnail({
  data,
  side,
  size,
  sample,
  places,
}: {
  /** RGBA, side × side */
  data: Uint8ClampedArray<ArrayBuffer>
  side: number
  size: number
  sample: Sample
  /** Cells to mark, per layer. */
  places: readonly (readonly number[])[]
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(data, side, side), 0, 0)
  }, [data, side])
  return (
    <span className="relative block" style={{ width: size, height: size }}>
      <canvas
        ref={canvas}
        width={side}
        height={side}
        className="block size-full"
        style={{ imageRendering: side > size ? 'auto' : 'pixelated' }}
      />
      <svg className="absolute inset-0" viewBox="0 0 1 1" width={size} height={size} aria-hidden="true">
        {places.map((cells, layer) =>
          cells.map((cell) => {
            const grid = sample.layers[layer]?.grid
            if (!grid) return null
            return (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
                key={`${layer} ${cell}`}
                {...cellRectangle(grid, cell)}
                fill="none"
                stroke="#f0e442"
                strokeWidth={1.5}
                vectorEffect="non-scaling-stroke"
              />
            )
          }),
        )}
      </svg>
    </span>
  )
})
