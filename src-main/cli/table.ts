/**
 * Aligned text: a header, a rule, the rows. Columns whose cells all begin with a number (or are "–") are aligned to the right.
 * @param rows as many cells each as the header
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))))
  const numeric = header.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] as number) - width(cell))
        return numeric[column] ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(header), widths.map((count) => '─'.repeat(count)).join('  '), ...rows.map(line)].join('\n')
}

const isNumber = (cell: string): boolean =>
  cell === '–' || (cell !== '' && !Number.isNaN(Number(cell.split(' ', 1)[0])))
const width = (text: string): number => [...text].length

/** A number in at most four significant digits, without an exponent where it stays readable. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) return value.toExponential(2)
  const digits = value === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(digits, 6))
}

/** "3 min 20 s", "1 h 5 min", "12 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  const minutes = Math.round((whole % 3600) / 60)
  return `${Math.floor(whole / 3600)} h${minutes ? ` ${minutes} min` : ''}`
}
