/** Numbers, times and sizes as the window writes them. Pure; a true minus sign, groups of three, no exponents
 *  where digits do. */

const MINUS = '−'
const NONE = '–'
const withMinus = (text: string): string => text.replace('-', MINUS)

/** Decimals per metric, so that columns of one metric align. */
export function metricDecimals(name: string): number {
  if (name.startsWith('usage.codes') || name === 'codebook.restarts') return 0
  if (name === 'code.window' || name === 'code.heldOut' || name === 'code.rank') return 0
  if (name.startsWith('usage.anyHit') || name === 'drift.cosine' || name === 'drift.used.cosine') return 3
  if (name.endsWith('.mse') || name.startsWith('loss.')) return 4
  if (name === 'heldout.psnr' || name === 'language.perplexity') return 2
  if (name.startsWith('perplexity.') || name.startsWith('speed.')) return 1
  if (name === 'memory.resident') return 0
  return 3
}

/** A metric's value with the decimals of that metric; "–" for none, as words for the non-finite. */
export function formatMetric(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  // A mean over seeds of a whole count has a fraction worth one digit.
  const decimals = metricDecimals(name)
  return formatFixed(value, decimals === 0 && !Number.isInteger(value) ? 1 : decimals)
}

/** Fixed decimals; values too large or small to read that way in scientific notation. */
export function formatFixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return 'not a number'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`
  const size = Math.abs(value)
  if (size >= 1e7 || (size > 0 && size < 0.5 * 10 ** -(decimals + 2))) return withMinus(value.toExponential(1))
  return withMinus(
    value
      .toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
      .replace(/^-(?=0(\.0*)?$)/, ''),
  )
}

/** A count with its noun: "1 seed", "1,200 runs". */
export const formatCountOf = (count: number, noun: string): string =>
  `${formatInteger(count)} ${count === 1 ? noun : `${noun}s`}`

/** A number of unknown kind, to `digits` significant digits. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return formatFixed(value, 0)
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return withMinus(value.toExponential(Math.max(0, digits - 2)))
  return withMinus(value.toLocaleString('en-US', { maximumSignificantDigits: digits }))
}

export const formatInteger = (value: number): string => withMinus(Math.round(value).toLocaleString('en-US'))

/** With its sign: "+0.0123", "−0.0123". */
export function formatSigned(value: number, decimals: number): string {
  const text = formatFixed(Math.abs(value), decimals)
  return value > 0 ? `+${text}` : value < 0 ? `${MINUS}${text}` : text
}

/** A share in [0, 1] as a percentage. */
export const formatPercent = (share: number, decimals = 0): string => `${formatFixed(share * 100, decimals)} %`

/** A probability as a percentage; small ones are told from none, and what is not known is "–". */
export const formatProbability = (probability: number): string =>
  Number.isNaN(probability) ? NONE : probability > 0 && probability < 5e-4 ? '< 0.1 %' : formatPercent(probability, 1)

/** Large counts in words' short forms: 3.64 M, 12.3 k. */
export function formatCount(value: number): string {
  if (Math.abs(value) >= 1e9) return `${formatNumber(value / 1e9, 3)} G`
  if (Math.abs(value) >= 1e6) return `${formatNumber(value / 1e6, 3)} M`
  if (Math.abs(value) >= 1e4) return `${formatNumber(value / 1e3, 3)} k`
  return formatInteger(value)
}

/** Bytes in binary units: 1.5 GiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A length of time, two units at most: "42 s", "7 min 05 s", "3 h 20 min", "2 d 4 h". */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE
  const s = Math.max(0, Math.round(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`
}

/** Estimated minutes as a person says them: "under a minute", "about 8 minutes", "about 2.5 hours". */
export function formatMinutes(minutes: number): string {
  if (minutes < 1) return 'under a minute'
  if (minutes < 90) return Math.round(minutes) === 1 ? 'about 1 minute' : `about ${Math.round(minutes)} minutes`
  return `about ${formatNumber(minutes / 60, 2)} hours`
}

/** A moment as seen from now: "just now", "12 min ago", "14:05" today, "3 Mar 14:05" this year, else with the year. */
export function formatTime(time: number, now: number): string {
  const age = (now - time) / 1000
  if (age >= 0 && age < 60) return 'just now'
  if (age >= 0 && age < 3600) return `${Math.floor(age / 60)} min ago`
  const date = new Date(time)
  const clock = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
  const today = new Date(now)
  if (date.toDateString() === today.toDateString()) return clock
  const day = `${date.getDate()} ${date.toLocaleString('en-US', { month: 'short' })}`
  return date.getFullYear() === today.getFullYear() ? `${day} ${clock}` : `${day} ${date.getFullYear()}`
}

/** A setting's value in one line, as it stands in the JSON but for the quotes of a plain string. */
export const formatValue = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? formatNumber(value, 6)
      : (JSON.stringify(value) ?? NONE)
