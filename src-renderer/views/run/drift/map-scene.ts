import type { PointLayer, PointScene } from '../../../charts/point-map/painter.ts'
import type { Rgb } from '../../../colours.ts'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'
import type { SyncMove } from './use-syncs.ts'

/** Which codes are on the map. */
export const codeChoices = ['used', 'moved', 'all'] as const
export type CodeChoice = (typeof codeChoices)[number]

/** A code farther from its row than this share of the row's norm has left it (as training counts it). */
const LEFT = 1e-6
/** So many strokes at most are drawn unasked. */
export const MOST_LINES = 1500

/**
 * Codes to draw: those with hits or a first use so far, those that have left their rows, or all of them.
 * @param selected is always among them
 */
export function codesToDraw(sample: Sample, choice: CodeChoice, selected: number): Int32Array<ArrayBuffer> {
  const { hits } = hitsOf(sample, null)
  const size = hits.length
  const chosen = (code: number): boolean => {
    if (choice === 'all' || code === selected) return true
    if (choice === 'moved') return (sample.distance[code] ?? 0) > LEFT
    return (
      (hits[code] as number) > 0 ||
      sample.layers.some(({ usage, history }) => (usage[code] ?? 0) > 0 || (history?.birth[code] ?? -1) >= 0)
    )
  }
  return Int32Array.from({ length: size }, (_, code) => code).filter(chosen)
}

/** Where all codes are, before and after what is shown moves; `to` is null where nothing moves. */
export interface CodePlaces {
  /** [K · 2] */
  xy: Float32Array
  to: Float32Array | null
}

/** The codes of a sample, with those that a sync moved put to where it found and left them. */
export function codePlaces(codes: Float32Array, sync: SyncMove | null): CodePlaces {
  if (!sync) return { xy: codes, to: null }
  const xy = codes.slice()
  for (const [at, code] of sync.moved.entries()) xy.set(sync.before.subarray(2 * at, 2 * at + 2), 2 * code)
  const to = xy.slice()
  for (const [at, code] of sync.moved.entries()) to.set(sync.after.subarray(2 * at, 2 * at + 2), 2 * code)
  return { xy, to }
}

/** Places after a share of the way. */
export function placesAt({ xy, to }: CodePlaces, share: number): Float32Array {
  return to && share > 0 ? xy.map((value, at) => value + ((to[at] as number) - value) * share) : xy
}

const gather = (xy: Float32Array, codes: Int32Array): Float32Array => {
  const picked = new Float32Array(codes.length * 2)
  for (const [at, code] of codes.entries()) {
    picked[2 * at] = xy[2 * code] as number
    picked[2 * at + 1] = xy[2 * code + 1] as number
  }
  return picked
}

/**
 * Everything on the map: LLM rows below, strokes from rows to codes over them, codes on top.
 * @param codes drawn
 * @param lined codes whose strokes are drawn
 */
export function mapScene({
  rows,
  places,
  codes,
  lined,
  colour,
  weight,
  rowColour,
  ground,
  lineColour,
  rowAlpha,
}: {
  /** [K · 2] */
  rows: Float32Array
  places: CodePlaces
  codes: Int32Array
  lined: Int32Array
  colour: (code: number) => Rgb
  /** Hits of a code: those with more lie on top. */
  weight: (code: number) => number
  rowColour: Rgb
  rowAlpha: number
  ground: Rgb
  lineColour: Rgb
}): PointScene {
  // What is used lies on top and is larger, the most used last: the many others would cover it.
  const quiet = codes.filter((code) => weight(code) === 0)
  const used = codes.filter((code) => weight(code) > 0).sort((a, b) => weight(a) - weight(b))
  const layerOf = (some: Int32Array, size: number): PointLayer => {
    const bytes = new Uint8Array(some.length * 4)
    for (const [at, code] of some.entries()) {
      const [r, g, b] = colour(code)
      bytes.set([r, g, b, 235], 4 * at)
    }
    return { xy: gather(places.xy, some), to: places.to && gather(places.to, some), colour: bytes, size }
  }
  const greys = new Uint8Array(rows.length * 2)
  for (let at = 0; at < greys.length; at += 4) greys.set([...rowColour, rowAlpha], at)
  const layers: PointLayer[] = [
    { xy: rows, to: null, colour: greys, size: 1.5 },
    layerOf(quiet, quiet.length > 5000 ? 2 : 3),
    layerOf(used, used.length > 10_000 ? 3 : used.length > 2000 ? 4 : 6),
  ]
  const strokes = (xy: Float32Array) => {
    const lines = new Float32Array(lined.length * 4)
    for (const [at, code] of lined.entries()) {
      lines.set(rows.subarray(2 * code, 2 * code + 2), 4 * at)
      lines.set(xy.subarray(2 * code, 2 * code + 2), 4 * at + 2)
    }
    return lines
  }
  return {
    layers,
    lines: strokes(places.xy),
    linesTo: places.to && strokes(places.to),
    lineColour,
    ground,
  }
}
