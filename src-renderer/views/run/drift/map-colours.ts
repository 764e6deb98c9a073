import { hexToRgb, type Rgb, runColour, type Scheme, viridis } from '../../../colours.ts'
import { formatFixed, formatInteger } from '../../../format.ts'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'

/** What the colour of a visual code on the map says. */
export const pointColourings = ['usage', 'cosine', 'layer', 'norm'] as const
export type PointColouring = (typeof pointColourings)[number]

export const POINT_COLOURING_LABELS: Record<PointColouring, string> = {
  usage: 'Usage',
  cosine: '1 − cosine',
  layer: 'Layer',
  norm: 'Norm',
}

export type PointLegend =
  | { kind: 'scale'; low: string; high: string; unit: string; scale: (position: number) => Rgb }
  | { kind: 'words'; words: { label: string; colour: Rgb }[] }

export interface PointColours {
  colour: (code: number) => Rgb
  legend: PointLegend
}

/** The part of viridis that shows on the ground: no near-black on dark, no light yellow on white. */
const shownScale =
  (scheme: Scheme) =>
  (position: number): Rgb =>
    viridis(scheme === 'dark' ? 0.22 + 0.78 * position : 0.88 * position)

/** Colours of codes that no layer has used. */
export const unusedColour = (scheme: Scheme): Rgb => (scheme === 'dark' ? [120, 130, 142] : [140, 150, 160])

/** @param codes those on the map: the ends of the scale are theirs */
export function pointColours(
  colouring: PointColouring,
  sample: Sample,
  codes: Int32Array,
  scheme: Scheme,
): PointColours {
  const scale = shownScale(scheme)
  const { hits, kind } = hitsOf(sample, null)
  switch (colouring) {
    case 'usage': {
      const most = codes.reduce((largest, code) => Math.max(largest, hits[code] ?? 0), 1)
      const never = unusedColour(scheme)
      return {
        colour: (code) => {
          const count = hits[code] ?? 0
          return count === 0 ? never : scale(Math.log(count) / Math.log(Math.max(2, most)))
        },
        legend: {
          kind: 'scale',
          low: '1',
          high: formatInteger(most),
          unit: kind === 'window' ? 'hits in the window, log' : 'held-out hits, log',
          scale,
        },
      }
    }
    case 'layer':
      return byLayer(sample, scheme)
    case 'cosine':
    case 'norm': {
      const value = (code: number) =>
        colouring === 'norm' ? (sample.norm[code] ?? Number.NaN) : 1 - (sample.cosine[code] ?? Number.NaN)
      let [low, high] = colouring === 'norm' ? [Infinity, -Infinity] : [0, 1e-6]
      for (const code of codes) {
        const one = value(code)
        if (Number.isFinite(one)) [low, high] = [Math.min(low, one), Math.max(high, one)]
      }
      const span = high > low ? high - low : 1
      return {
        colour: (code) => {
          const one = value(code)
          return Number.isFinite(one) ? scale((one - low) / span) : unusedColour(scheme)
        },
        legend: {
          kind: 'scale',
          low: formatFixed(Number.isFinite(low) ? low : 0, 2),
          high: formatFixed(Number.isFinite(high) ? high : 1, 2),
          unit: colouring === 'norm' ? 'L2' : '1 − cosine to the LLM row',
          scale,
        },
      }
    }
  }
}

/** A code has the colour of the layer that hits it most often. */
function byLayer(sample: Sample, scheme: Scheme): PointColours {
  const perLayer = sample.layers.map((_, layer) => hitsOf(sample, layer).hits)
  const colours = perLayer.map((_, layer) => hexToRgb(runColour(layer, scheme)))
  const never = unusedColour(scheme)
  return {
    colour: (code) => {
      let best = -1
      let most = 0
      for (const [layer, hits] of perLayer.entries())
        if ((hits[code] ?? 0) > most) {
          most = hits[code] as number
          best = layer
        }
      return colours[best] ?? never
    },
    legend: {
      kind: 'words',
      words: [
        ...colours.map((colour, layer) => ({ label: `mostly layer ${layer}`, colour })),
        { label: 'no hits', colour: never },
      ],
    },
  }
}
