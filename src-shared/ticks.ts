/** Where the marks of an axis stand and how they are written. */
export interface Axis {
  domain: [number, number]
  ticks: number[]
  format: (value: number) => string
}

/** The step of 1, 2 or 5 × 10ⁿ that gives about `count` marks over `span`. */
export function niceStep(span: number, count: number): number {
  const raw = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(raw))
  const share = raw / power
  return (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power
}

/** Multiples of `step` inside a domain, free of rounding dust. */
export function multiplesOf(step: number, low: number, high: number): number[] {
  const from = Math.ceil(low / step - 1e-9)
  const to = Math.floor(high / step + 1e-9)
  const decimals = Math.max(0, Math.min(15, -Math.floor(Math.log10(step)) + 1))
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => Number(((from + i) * step).toFixed(decimals)))
}

/** A number as an axis writes it: no more digits than `step` needs, k and M for thousands and millions. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6 && step >= 1e4) return `${trim(value / 1e6, step / 1e6)}M`
  if (size >= 1e4 && step >= 100) return `${trim(value / 1e3, step / 1e3)}k`
  if (size < 1e-4) return value.toExponential(Math.max(0, Math.round(Math.log10(size / step)))).replace('e-', 'e−')
  return trim(value, step)
}

function trim(value: number, step: number): string {
  const decimals = Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)))
  return value.toFixed(decimals).replace('-', '−')
}

const widened = (low: number, high: number): [number, number] => {
  if (low !== high) return [low, high]
  const room = low === 0 ? 1 : Math.abs(low) * 0.1
  return [low - room, high + room]
}

/** A linear axis whose ends are marks. */
export function linearAxis(low: number, high: number, count: number): Axis {
  const [from, to] = widened(low, high)
  const step = niceStep(to - from, count)
  // Rounding dust (a cosine of 1.0000001) opens no further interval.
  const domain: [number, number] = [Math.floor(from / step + 1e-3) * step, Math.ceil(to / step - 1e-3) * step]
  return { domain, ticks: multiplesOf(step, ...domain), format: (value) => formatTick(value, step) }
}

/** A linear axis that ends exactly where the data does, with marks inside. */
export function tightAxis(low: number, high: number, count: number): Axis {
  const domain = widened(low, high)
  const step = niceStep(domain[1] - domain[0], count)
  return { domain, ticks: multiplesOf(step, ...domain), format: (value) => formatTick(value, step) }
}

/** Steps are whole numbers, so no mark stands between two of them. */
export function stepAxis(low: number, high: number, count: number): Axis {
  const domain = low === high ? ([low, low + 1] as [number, number]) : ([low, high] as [number, number])
  const step = Math.max(1, niceStep(domain[1] - domain[0], count))
  return { domain, ticks: multiplesOf(step, ...domain), format: (value) => formatTick(value, step) }
}

const MARKS = [1, 2, 5]

/** The nearest 1, 2 or 5 × 10ⁿ at or below a positive value; with `up`, at or above. */
function niceMark(value: number, up: boolean): number {
  const power = Math.floor(Math.log10(value))
  const marks = [power - 1, power, power + 1].flatMap((p) =>
    MARKS.map((mark) => Number((mark * 10 ** p).toPrecision(12))),
  )
  const fits = marks.filter((mark) => (up ? mark >= value * 0.999999 : mark <= value * 1.000001))
  return up ? Math.min(...fits) : Math.max(...fits)
}

/** A logarithmic axis over positive values that ends at marks: decades, with 2 and 5 between them where there is room. */
export function logAxis(low: number, high: number, count: number): Axis {
  const [from, to] = low === high ? [low / 2, high * 2] : [low, high]
  if (Math.log10(to / from) < 0.35) {
    // Less than a third of a decade holds no decade marks worth the name: marks as on a linear axis.
    const { ticks, format } = tightAxis(from, to, count)
    return { domain: [from, to], ticks, format }
  }
  const domain: [number, number] = [niceMark(from, false), niceMark(to, true)]
  const within = (marks: readonly number[]) => {
    const ticks: number[] = []
    for (let power = Math.floor(Math.log10(domain[0])); power <= Math.ceil(Math.log10(domain[1])); power++)
      for (const mark of marks) {
        const tick = Number((mark * 10 ** power).toPrecision(12))
        if (tick >= domain[0] && tick <= domain[1]) ticks.push(tick)
      }
    return ticks
  }
  let ticks = within(MARKS)
  if (ticks.length > count * 1.5) ticks = within([1])
  const stride = Math.ceil(ticks.length / Math.max(2, count * 1.5))
  if (stride > 1) ticks = ticks.filter((_, index) => index % stride === 0)
  return { domain, ticks, format: (value) => formatTick(value, 10 ** Math.floor(Math.log10(value) + 1e-9)) }
}

const SECOND_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
]

/** An axis of elapsed time in seconds, marked as clocks are. */
export function secondsAxis(low: number, high: number, count: number): Axis {
  const domain: [number, number] = low === high ? [low, low + 1] : [low, high]
  const raw = (domain[1] - domain[0]) / Math.max(1, count)
  const step = raw < 1 ? niceStep(domain[1] - domain[0], count) : (SECOND_STEPS.find((s) => s >= raw * 0.8) ?? 604_800)
  return { domain, ticks: multiplesOf(step, ...domain), format: (value) => formatElapsed(value, step) }
}

/** Elapsed time as m:ss, h:mm or days, as exact as `step` asks for. */
export function formatElapsed(seconds: number, step = 1): string {
  if (step < 1) return `${trim(seconds, step)} s`
  const whole = Math.round(seconds)
  const pad = (n: number) => String(n).padStart(2, '0')
  if (step >= 86_400) return `${Math.round(whole / 86_400)} d`
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  if (step >= 60) return `${hours}:${pad(minutes)} h`
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}
