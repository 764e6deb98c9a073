import { diverging, type Rgb, viridis } from '../colours.ts'
import type { Sample, SampleLayer } from './sample.ts'

/** What the colour of a cell says about its code. */
export const cellColourings = ['id', 'semantic', 'usage', 'cosine', 'distance', 'norm'] as const
export type CellColouring = (typeof cellColourings)[number]

export const COLOURING_LABELS: Record<CellColouring, string> = {
  id: 'Code id',
  semantic: 'Likeness',
  usage: 'Usage',
  cosine: 'Drift: cosine',
  distance: 'Drift: distance',
  norm: 'Norm',
}

/** A colouring with the scale to be shown beside it; no scale for ids, whose colours only tell codes apart. */
export interface CellScale {
  colour: (code: number) => Rgb
  legend: { low: string; middle: string | null; high: string; unit: string; scale: (position: number) => Rgb } | null
}

const turn = (x: number) => x - Math.floor(x)

/** A colour that tells a code from others: hue by the golden ratio, three lightnesses, so that neighbours differ. */
export function colourOfId(code: number): Rgb {
  const hue = turn(code * 0.618_033_988_75) * 2 * Math.PI
  const lightness = [0.66, 0.5, 0.8][code % 3] as number
  return fromOklch(lightness, 0.12, hue)
}

const fromOklch = (lightness: number, chroma: number, hue: number): Rgb =>
  fromOklab(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue))

/** Colour of a code by where it lies among the others: near codes look alike. @param projection [K, 3], unit variance */
function colourOfPlace(projection: Float32Array, code: number): Rgb {
  const [first, second, third] = [0, 1, 2].map((at) => Math.tanh((projection[3 * code + at] ?? 0) / 2)) as [
    number,
    number,
    number,
  ]
  return fromOklab(0.66 + 0.22 * third, 0.16 * first, 0.16 * second)
}

/** OKLab to sRGB bytes (Ottosson 2020), clipped to the gamut. */
function fromOklab(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3
  const m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3
  const s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3
  const byte = (linear: number) => {
    const c = Math.min(1, Math.max(0, linear))
    return Math.round(255 * (c <= 0.003_130_8 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055))
  }
  return [
    byte(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
    byte(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
    byte(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s),
  ]
}

/** Largest finite value over the codes in use, so that one dead outlier does not flatten the scale. */
function largestUsed(values: Float32Array, usage: Int32Array): number {
  let largest = 0
  for (let code = 0; code < values.length; code++)
    if ((usage[code] as number) > 0 && Number.isFinite(values[code]))
      largest = Math.max(largest, values[code] as number)
  return largest || 1
}

/** The colouring of one layer's cells. */
export function cellScale(colouring: CellColouring, sample: Sample, layer: SampleLayer): CellScale {
  switch (colouring) {
    case 'id':
      return { colour: colourOfId, legend: null }
    case 'semantic':
      return { colour: (code) => colourOfPlace(sample.projection, code), legend: null }
    case 'usage': {
      const most = layer.usage.reduce((a, b) => Math.max(a, b), 1)
      const position = (count: number) => Math.log1p(count) / Math.log1p(most)
      return {
        colour: (code) => viridis(position(layer.usage[code] ?? 0)),
        legend: { low: '0', middle: null, high: String(most), unit: 'hits, log', scale: viridis },
      }
    }
    case 'cosine':
      return {
        colour: (code) => diverging(sample.cosine[code] ?? 0),
        legend: { low: '−1', middle: '0', high: '1', unit: 'cosine', scale: (p) => diverging(2 * p - 1) },
      }
    case 'distance':
    case 'norm': {
      const values = colouring === 'norm' ? sample.norm : sample.distance
      const largest = largestUsed(values, layer.usage)
      return {
        colour: (code) => viridis((values[code] ?? 0) / largest),
        legend: {
          low: '0',
          middle: null,
          high: largest.toPrecision(2),
          unit: colouring === 'norm' ? 'L2' : '|c − l| / |l|',
          scale: viridis,
        },
      }
    }
  }
}

/** The colourings a sample has the numbers for. */
export const coloursOf = (sample: Sample): CellColouring[] =>
  cellColourings.filter(
    (colouring) =>
      (colouring !== 'semantic' || sample.projection.length > 0) &&
      (colouring !== 'cosine' || sample.cosine.length > 0) &&
      (colouring !== 'distance' || sample.distance.length > 0) &&
      (colouring !== 'norm' || sample.norm.length > 0),
  )

/** RGBA pixels of a code map, one pixel a cell. */
export function paintCodes(codes: Int32Array, scale: CellScale): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(codes.length * 4)
  for (const [cell, code] of codes.entries()) {
    const [r, g, b] = scale.colour(code)
    out.set([r, g, b, 255], cell * 4)
  }
  return out
}

/** RGBA pixels of a code map with gaps, which stay clear; codes are told apart by colour alone. */
export function paintGaps(codes: readonly (number | null)[]): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(codes.length * 4)
  for (const [cell, code] of codes.entries()) if (code !== null) out.set([...colourOfId(code), 255], cell * 4)
  return out
}
