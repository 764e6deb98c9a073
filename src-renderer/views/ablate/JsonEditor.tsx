import { useState } from 'react'
import { TextArea } from '../../components/input.tsx'

/** A config as JSON text. Text that is no JSON stays as typed, with what is wrong, and changes nothing. */
export function JsonEditor({
  value,
  problems,
  onChange,
}: {
  value: object
  problems: readonly { path: string; message: string }[]
  onChange: (value: object) => void
}) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2))
  const read = readObject(text)
  const same = 'value' in read && JSON.stringify(read.value) === JSON.stringify(value)
  const shown = 'problem' in read || same ? text : JSON.stringify(value, null, 2)
  return (
    <div className="flex flex-col gap-2 p-3">
      <TextArea
        aria-label="Baseline config as JSON"
        rows={24}
        className="font-mono text-xs leading-5"
        aria-invalid={'problem' in read || problems.length > 0}
        value={shown}
        onChange={(event) => {
          setText(event.target.value)
          const next = readObject(event.target.value)
          if ('value' in next) onChange(next.value)
        }}
      />
      {'problem' in read && (
        <p role="alert" className="text-sm text-danger">
          Not JSON: {read.problem}
        </p>
      )}
      {!('problem' in read) &&
        problems.map(({ path, message }) => (
          <p key={path + message} className="text-sm text-danger">
            <code className="font-mono">{path}</code>: {message}
          </p>
        ))}
    </div>
  )
}

function readObject(text: string): { value: object } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return { problem: 'a config is an object, { … }' }
    return { value }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
