import type { ComponentProps } from 'react'
import { useState } from 'react'
import { Input } from './input.tsx'

/** The number that a text writes; any other text as it stands, so that the check of the setting can name it. */
export const readNumber = (text: string): number | string =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text

/** A text field for a number. Reports what is typed at each key; shows text that is no number until it is mended. */
export function NumberInput({
  value,
  onChange,
  label,
  ...props
}: Omit<ComponentProps<typeof Input>, 'value' | 'onChange' | 'type'> & {
  value: unknown
  onChange: (value: number | string) => void
  label?: string
}) {
  const [text, setText] = useState(String(value ?? ''))
  // Typing "0." must not be rewritten to "0" under the cursor, but a value from elsewhere must show.
  const shown = Object.is(readNumber(text), value) ? text : String(value ?? '')
  return (
    <Input
      inputMode="decimal"
      aria-label={label}
      {...props}
      value={shown}
      onChange={(event) => {
        setText(event.target.value)
        onChange(readNumber(event.target.value))
      }}
    />
  )
}
