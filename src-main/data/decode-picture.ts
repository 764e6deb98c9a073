import sharp from 'sharp'
import type { PictureFormat } from './source.ts'

// Many pictures are decoded side by side, so each gets one thread; and a file that changes is read anew.
sharp.concurrency(1)
sharp.cache(false)

/** Pictures of more pixels than this are refused before they are decoded. */
const PIXEL_LIMIT = 64e6
/** Units of an SVG file per inch, and the side of OpenMoji's drawings in units. */
const SVG_UNITS = 72

/**
 * RGB of one picture: shorter side to `side`, centre crop, transparency on the background.
 * @param bytes an undecoded file
 * @param background CSS hex colour
 * @returns U8 [side, side, 3]
 * @throws if the bytes are none of the formats, are damaged or truncated, or hold too many pixels
 */
export async function decodePicture(
  bytes: Uint8Array,
  side: number,
  background: string,
  formats: readonly PictureFormat[],
): Promise<Uint8Array> {
  // A drawing is rendered at no less than the wanted size.
  const density = Math.max(SVG_UNITS, side)
  const picture = sharp(bytes, { limitInputPixels: PIXEL_LIMIT, density, failOn: 'truncated' })
  const { format } = await picture.metadata()
  if (!formats.some((known) => known === format))
    throw new Error(`its content is ${format}, which is not read; save it as ${formats.join(', ')}`)
  const { data, info } = await picture
    .autoOrient()
    .resize(side, side, { fit: 'cover', kernel: 'lanczos3' })
    .flatten({ background })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3 || data.length !== side * side * 3)
    throw new Error(`it decodes to ${info.width}×${info.height}×${info.channels} instead of ${side}×${side}×3`)
  return data
}
