import { useState } from 'react'
import { Field, Input } from '../../components/input.tsx'
import { parseSeeds } from './plan.ts'

/** Seeds as a list of whole numbers and ranges. */
export function SeedsField({ seeds, onChange }: { seeds: readonly number[]; onChange: (seeds: number[]) => void }) {
  const [text, setText] = useState(seeds.join(', '))
  const typed = parseSeeds(text)
  // While the text means the same seeds, or nothing yet, it stays as typed.
  const shown = typed === null || typed.join() === seeds.join() ? text : seeds.join(', ')
  return (
    <Field
      label="Seeds"
      hint={seeds.length === 1 ? '1 seed gives no spread' : `${seeds.length} seeds`}
      problem={typed === null ? `“${text}” is not a list of whole numbers, such as 0, 1, 2 or 0-4` : undefined}
    >
      {(props) => (
        <Input
          {...props}
          className="font-mono"
          value={shown}
          onChange={(event) => {
            setText(event.target.value)
            const next = parseSeeds(event.target.value)
            if (next) onChange(next)
          }}
        />
      )}
    </Field>
  )
}
