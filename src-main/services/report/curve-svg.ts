import { type Axis, linearAxis, logAxis, stepAxis } from '../../../src-shared/ticks.ts'

/** One line of a chart: the mean over seeds at each step, and how far the seeds spread. */
export interface Curve {
  label: string
  /** CSS colour. */
  colour: string
  /** Ascending by step. `low` and `high` bound the band and equal the mean where there is one seed. */
  points: readonly { step: number; mean: number; low: number; high: number }[]
}

const SIZE = { width: 560, height: 300 }
const PLOT = { left: 64, right: 16, top: 44, bottom: 40 }
const INK = '#3d4550'
const GRID = '#dfe3e8'
/** Lines may lie on one another and are told apart in print too. */
const DASHES = ['', '7 4', '2 3', '9 3 2 3']
const dashOf = (index: number): string => {
  const dash = DASHES[index % DASHES.length]
  return dash ? ` stroke-dasharray="${dash}"` : ''
}
/** Values that span more than this factor are drawn on a logarithmic axis. */
const LOG_FROM = 30

/**
 * A chart of curves with their bands on a white ground, as a standalone SVG.
 * @throws RangeError if no curve has a finite point
 */
export function curveSvg(title: string, unit: string, curves: readonly Curve[]): string {
  const drawn = curves
    .map((curve) => ({ ...curve, points: curve.points.filter(({ mean }) => Number.isFinite(mean)) }))
    .filter(({ points }) => points.length > 0)
  if (drawn.length === 0) throw new RangeError(`"${title}" has no point to draw`)
  const all = drawn.flatMap(({ points }) => points)
  const [low, high] = [Math.min(...all.map((point) => point.low)), Math.max(...all.map((point) => point.high))]
  const x = stepAxis(Math.min(...all.map(({ step }) => step)), Math.max(...all.map(({ step }) => step)), 7)
  const logarithmic = low > 0 && high / low > LOG_FROM
  const y = logarithmic ? logAxis(low, high, 6) : linearAxis(low, high, 6)
  const across = place(x, PLOT.left, SIZE.width - PLOT.right, false)
  const up = place(y, SIZE.height - PLOT.bottom, PLOT.top, logarithmic)
  const at = (step: number, value: number): string => `${across(step).toFixed(1)},${up(value).toFixed(1)}`
  const [right, bottom] = [SIZE.width - PLOT.right, SIZE.height - PLOT.bottom]
  const parts = [
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#ffffff"/>`,
    text(PLOT.left, 16, `${title}, ${unit}${logarithmic ? ' (log axis)' : ''}`, 'font-weight="600"'),
    ...y.ticks.flatMap((tick) => [
      `<line x1="${PLOT.left}" x2="${right}" y1="${up(tick).toFixed(1)}" y2="${up(tick).toFixed(1)}" stroke="${GRID}"/>`,
      text(PLOT.left - 8, up(tick) + 4, y.format(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.map((tick) => text(across(tick), bottom + 18, x.format(tick), 'text-anchor="middle"')),
    text((PLOT.left + right) / 2, SIZE.height - 6, 'step', 'text-anchor="middle"'),
    ...drawn.map(({ points, colour }) => {
      const band = [
        ...points.map(({ step, high: top }) => at(step, top)),
        ...points.toReversed().map(({ step, low: under }) => at(step, under)),
      ]
      return `<polygon points="${band.join(' ')}" fill="${colour}" fill-opacity="0.18"/>`
    }),
    ...drawn.map(
      ({ points, colour }, index) =>
        `<polyline points="${points.map(({ step, mean }) => at(step, mean)).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.8"${dashOf(index)}/>`,
    ),
    ...legend(drawn),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" font-family="sans-serif" font-size="11" fill="${INK}" role="img" aria-label="${escaped(title)}">\n${parts.join('\n')}\n</svg>\n`
}

function legend(curves: readonly Curve[]): string[] {
  let left = PLOT.left
  return curves.flatMap(({ label, colour }, index) => {
    const begin = left
    left += 30 + 6.5 * label.length
    return [
      `<line x1="${begin}" x2="${begin + 16}" y1="31" y2="31" stroke="${colour}" stroke-width="3"${dashOf(index)}/>`,
      text(begin + 21, 35, label),
    ]
  })
}

/** Pixels of a value of an axis. */
function place({ domain }: Axis, from: number, to: number, logarithmic: boolean): (value: number) => number {
  const scaled = (value: number): number => (logarithmic ? Math.log(value) : value)
  const [low, high] = domain.map(scaled) as [number, number]
  return (value) => from + ((scaled(value) - low) / (high - low)) * (to - from)
}

const text = (x: number, y: number, words: string, attributes = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
