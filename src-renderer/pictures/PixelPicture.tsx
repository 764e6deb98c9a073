import { memo, useLayoutEffect, useRef } from 'react'
import type { Pixels } from './PictureTile.tsx'

/** A small picture to look at. `size` is its width in CSS px, and its height unless that is given. */
export const PixelPicture = memo(function PixelPicture({
  pixels,
  size,
  height = size,
  label,
}: {
  pixels: Pixels
  size: number
  height?: number
  /** '' where the name stands beside it. */
  label: string
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0)
  }, [pixels])
  return (
    <canvas
      ref={canvas}
      width={pixels.width}
      height={pixels.height}
      {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
      className="block shrink-0 bg-sunken"
      style={{ width: size, height, imageRendering: pixels.width > size ? 'auto' : 'pixelated' }}
    />
  )
})
