import sharp, { type Sharp } from 'sharp'
import { type Crop, type CropDraw, halved, type Pixels, planCrop, shorterSide } from './crop.ts'
import type { PictureContent } from './source.ts'

// Many pictures are decoded side by side, so each gets one thread; and a file that changes is read anew.
sharp.concurrency(1)
sharp.cache(false)

/** Pictures of more pixels than this are refused before they are decoded. */
const PIXEL_LIMIT = 64e6
/** A picture whose one side is so many times the other would be scaled to that length before it is cut. */
const LONGEST = 64
/** Units of an SVG file per inch, and the side of OpenMoji's drawings in units. */
const SVG_UNITS = 72

/**
 * RGB of one picture, cropped to a square as the config says, transparency on the background.
 * @param draw where a crop that is random takes its square; null for the middle
 * @returns U8 [side, side, 3]
 * @throws if the bytes are none of the formats, are damaged or truncated, or hold too many pixels
 */
export async function decodePicture(
  content: PictureContent,
  side: number,
  crop: Crop = 'cover',
  draw: CropDraw | null = null,
): Promise<Uint8Array> {
  const opened = await open(content, side)
  const { data, info } = await (crop === 'cover'
    ? finished(opened.picture.resize(side, side, { fit: 'cover', kernel: 'lanczos3' }), content.background)
    : cut(opened, content.background, side, crop, draw))
  if (info.channels !== 3 || data.length !== side * side * 3)
    throw new Error(`it decodes to ${info.width}×${info.height}×${info.channels} instead of ${side}×${side}×3`)
  return data
}

/**
 * RGB of one picture, scaled down to fit a square where it does not, transparency on the background.
 * @throws as `decodePicture`
 */
export async function decodeWithin(content: PictureContent, side: number): Promise<Pixels> {
  const { picture } = await open(content, side)
  const scaled = picture.resize(side, side, { fit: 'inside', withoutEnlargement: true })
  return pixelsOf(scaled, content.background)
}

/**
 * RGB of one picture at its own size, transparency on the background.
 * @throws as `decodePicture`
 */
export async function decodeWhole(content: PictureContent): Promise<Pixels> {
  const { picture } = await open(content, SVG_UNITS)
  return pixelsOf(picture, content.background)
}

async function pixelsOf(picture: Sharp, background: string): Promise<Pixels> {
  const { data, info } = await finished(picture, background)
  if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels instead of 3`)
  return { data, width: info.width, height: info.height }
}

interface Opened {
  picture: Sharp
  /** Sides in pixels, once it stands upright. */
  width: number
  height: number
}

async function open({ bytes, raw, formats }: PictureContent, side: number): Promise<Opened> {
  if (raw) return { picture: sharp(bytes, { raw, limitInputPixels: PIXEL_LIMIT }), ...raw }
  // A drawing is rendered at no less than the wanted size.
  const density = Math.max(SVG_UNITS, side)
  const picture = sharp(bytes, { limitInputPixels: PIXEL_LIMIT, density, failOn: 'truncated' })
  const { format, autoOrient } = await picture.metadata()
  if (!formats.some((known) => known === format))
    throw new Error(`its content is ${format}, which is not read; save it as ${formats.join(', ')}`)
  return { picture: picture.autoOrient(), ...autoOrient }
}

const finished = (picture: Sharp, background: string) =>
  picture.flatten({ background }).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })

/** Scales the picture so that a square can be cut out of it, and cuts it out. */
async function cut(
  { picture, width, height }: Opened,
  background: string,
  side: number,
  crop: Exclude<Crop, 'cover'>,
  draw: CropDraw | null,
) {
  if (Math.max(width, height) > LONGEST * Math.min(width, height))
    throw new Error(`it is ${width}×${height}; with data.crop "${crop}" no side may be over ${LONGEST} times the other`)
  let source = { picture, width, height }
  const shorter = shorterSide(crop, side, draw)
  if ((crop === 'adm' || crop === 'random-resized') && Math.min(width, height) >= 2 * shorter) {
    const { data, info } = await finished(picture, background)
    if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels instead of 3`)
    const half = halved({ data, width: info.width, height: info.height }, shorter)
    const raw = { width: half.width, height: half.height, channels: 3 as const }
    source = { picture: sharp(half.data, { raw }), ...raw }
  }
  const plan = planCrop(crop, source.width, source.height, side, draw)
  return finished(
    source.picture
      .resize(plan.width, plan.height, { fit: 'fill', kernel: plan.kernel, fastShrinkOnLoad: false })
      .extract({ left: plan.left, top: plan.top, width: side, height: side }),
    background,
  )
}
