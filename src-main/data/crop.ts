import type { DataConfig } from '../../src-shared/config.ts'

/** What of a picture is kept, worked out from its sides alone. */
export type Crop = DataConfig['crop']

/** Numbers in [0, 1) that choose a random square: how large, and where along the rest of each side. */
export interface CropDraw {
  size: number
  left: number
  top: number
}

export interface CropPlan {
  /** Sides to which the picture is scaled, and the filter. */
  width: number
  height: number
  kernel: 'linear' | 'cubic'
  /** Corner of the square. */
  left: number
  top: number
}

/** ADM's random crop takes 80 to 100 % of the shorter side. */
const LEAST_SHARE = 0.8

/** Whether training pictures are cut out at random, another square each time they are seen. */
export const isRandom = (crop: Crop): boolean => crop === 'taming' || crop === 'random-resized'

/** Length of the shorter side after scaling. */
export const shorterSide = (crop: Crop, side: number, draw: CropDraw | null): number =>
  crop === 'random-resized' && draw !== null
    ? side + Math.floor(draw.size * (Math.ceil(side / LEAST_SHARE) - side + 1))
    : side

/**
 * @param side of the square
 * @param draw null for the middle, as held-out pictures are cut
 */
export function planCrop(
  crop: Exclude<Crop, 'cover'>,
  width: number,
  height: number,
  side: number,
  draw: CropDraw | null,
): CropPlan {
  const shorter = shorterSide(crop, side, draw)
  const scale = shorter / Math.min(width, height)
  // torchvision's Resize, which RQ-VAE uses, cuts the longer side to a whole number; ADM and albumentations round it.
  const scaled = (length: number): number =>
    Math.max(shorter, crop === 'rq' ? Math.floor(length * scale) : Math.round(length * scale))
  const [wide, high] = [width <= height ? shorter : scaled(width), height <= width ? shorter : scaled(height)]
  const corner = (rest: number, chance: number): number => {
    if (draw !== null && isRandom(crop)) return Math.min(rest, Math.floor(chance * (rest + 1)))
    // The middle of an odd rest: torchvision rounds half to even, the others down.
    return crop === 'rq' && rest % 4 === 3 ? Math.ceil(rest / 2) : Math.floor(rest / 2)
  }
  return {
    width: wide,
    height: high,
    kernel: crop === 'taming' || crop === 'rq' ? 'linear' : 'cubic',
    left: corner(wide - side, draw?.left ?? 0),
    top: corner(high - side, draw?.top ?? 0),
  }
}

/** Pixels as U8 [height, width, 3]. */
export interface Pixels {
  data: Uint8Array
  width: number
  height: number
}

/** Halves both sides by boxes while the shorter one is at least twice `shorter`, as ADM does before its bicubic filter. */
export function halved(pixels: Pixels, shorter: number): Pixels {
  let { data, width, height } = pixels
  while (Math.min(width, height) >= 2 * shorter) {
    data = boxRows(data, height, width, 3)
    width >>= 1
    // Rows of a picture are to columns what pixels are to a row.
    data = boxRows(data, 1, height, width * 3)
    height >>= 1
  }
  return { data, width, height }
}

/**
 * Halves the middle axis of U8 [outer, length, inner]. A box over an odd length is a little wider than two, and takes
 * the pixels whose middle lies in it.
 */
function boxRows(data: Uint8Array, outer: number, length: number, inner: number): Uint8Array {
  const half = length >> 1
  const scale = length / half
  const result = new Uint8Array(outer * half * inner)
  for (let to = 0; to < half; to++) {
    const from = Math.floor(to * scale + 0.5)
    const end = Math.min(length, Math.floor((to + 1) * scale + 0.5))
    for (let row = 0; row < outer; row++)
      for (let at = 0; at < inner; at++) {
        let sum = 0
        for (let index = from; index < end; index++) sum += data[(row * length + index) * inner + at] as number
        result[(row * half + to) * inner + at] = Math.round(sum / (end - from))
      }
  }
  return result
}
