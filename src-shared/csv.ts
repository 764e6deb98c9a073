export type CsvValue = string | number | null

const field = (value: CsvValue): string => {
  if (value === null) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180: comma, CRLF, quotes where needed; null is an empty field. */
export const toCsv = (header: readonly string[], rows: Iterable<readonly CsvValue[]>): string =>
  [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
