/** Colours that carry data. Chrome (text, lines, grounds) is in styles.css. */
import { RUN_COLOURS } from '../src-shared/run-colours.ts'

export type Scheme = keyof typeof RUN_COLOURS
export type Rgb = readonly [red: number, green: number, blue: number]

export const RUN_COLOUR_COUNT = 8

/** The colour of a run or arm from its colour index; indices beyond the set wrap and differ by their dash. */
export function runColour(index: number, scheme: Scheme): string {
  const colours = RUN_COLOURS[scheme]
  return colours[((index % RUN_COLOUR_COUNT) + RUN_COLOUR_COUNT) % RUN_COLOUR_COUNT] ?? '#888888'
}

/** Dash pattern in px of a run's line: solid for the first eight indices, then two further patterns. */
export function runDash(index: number): number[] {
  return [[], [6, 3], [2, 3]][Math.floor(Math.max(0, index) / RUN_COLOUR_COUNT) % 3] ?? []
}

// Tenths of the scales of matplotlib (viridis: van der Walt and Smith; cividis: Nuñez, Anderton, Renslow 2018).
const VIRIDIS = ['440154', '482878', '3e4989', '31688e', '26828e', '1f9e89', '35b779', '6ece58', 'b5de2b', 'fde725']
const CIVIDIS = ['00224e', '123570', '3b496c', '575d6d', '707173', '8a8678', 'a59c74', 'c3b369', 'e1cc55', 'fee838']
// Blue below zero, vermilion above, a grey at zero that shows on both grounds.
const DIVERGING = ['053a72', '1f6fb0', '79add4', 'b9bcc0', 'e6a275', 'cf5c17', '7f2b00']

/** "#0a5a9c", or short as a minifier writes it: "#fff". */
export const hexToRgb = (hex: string): Rgb => {
  const digits = hex.replace('#', '')
  const value = Number.parseInt(digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits, 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}
export const rgbToCss = ([r, g, b]: Rgb): string => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`

function scale(stops: readonly string[]): (position: number) => Rgb {
  const colours = stops.map(hexToRgb)
  const last = colours.length - 1
  return (position) => {
    const at = (Number.isFinite(position) ? Math.min(1, Math.max(0, position)) : 0) * last
    const from = colours[Math.min(last - 1, Math.floor(at))] ?? [0, 0, 0]
    const to = colours[Math.min(last, Math.floor(at) + 1)] ?? from
    const share = at - Math.min(last - 1, Math.floor(at))
    return [
      from[0] + (to[0] - from[0]) * share,
      from[1] + (to[1] - from[1]) * share,
      from[2] + (to[2] - from[2]) * share,
    ]
  }
}

/** @param position in [0, 1], clamped */
export const viridis = scale(VIRIDIS)
/** @param position in [0, 1], clamped */
export const cividis = scale(CIVIDIS)
const divergingScale = scale(DIVERGING)
/** @param value in [−1, 1], clamped; 0 is a grey that shows on both grounds */
export const diverging = (value: number): Rgb => divergingScale((value + 1) / 2)

/** Relative luminance of an sRGB colour (WCAG 2.2). */
export function luminance([r, g, b]: Rgb): number {
  const linear = (channel: number) => {
    const c = channel / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/** Contrast ratio of two colours (WCAG 2.2), from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}
