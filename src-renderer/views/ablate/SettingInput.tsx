import { useState } from 'react'
import { Checkbox } from '../../components/checkbox.tsx'
import { Input } from '../../components/input.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { PictureSourceFields } from '../data/PictureSourceFields.tsx'
import { isSourceDraft } from '../data/picture-kinds.ts'
import { formatValues, parseValues } from './plan.ts'
import type { SettingField } from './settings.ts'

/** The control for one setting, by its kind. Values that do not fit are passed on, for the check to name. */
export function SettingInput({
  id,
  field,
  value,
  invalid,
  onChange,
}: {
  id: string
  field: SettingField
  value: unknown
  invalid: boolean
  onChange: (value: unknown) => void
}) {
  switch (field.kind) {
    case 'choice':
      return (
        <Select
          id={id}
          className="w-36 font-mono"
          aria-invalid={invalid}
          value={String(value)}
          options={field.choices.map((choice) => ({ value: String(choice) }))}
          onChange={(text) => onChange(field.choices.find((choice) => String(choice) === text))}
        />
      )
    case 'boolean':
      return <Checkbox label={field.path} checked={value === true} onChange={onChange} />
    case 'number':
      return (
        <NumberInput
          id={id}
          className="w-36 text-right font-mono"
          aria-invalid={invalid}
          value={value}
          onChange={onChange}
        />
      )
    case 'choices':
      return <ChoicesInput field={field} value={value} onChange={onChange} />
    case 'numbers':
      return <NumbersInput id={id} value={value} invalid={invalid} onChange={onChange} />
    case 'source':
      return isSourceDraft(value) ? (
        <div className="flex flex-col gap-2 pb-2">
          <PictureSourceFields source={value} onChange={onChange} />
        </div>
      ) : (
        <JsonValueInput id={id} value={value} onChange={onChange} />
      )
    case 'text':
      return (
        <Input
          id={id}
          className="w-36"
          aria-invalid={invalid}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.target.value)}
        />
      )
  }
}

/** Some of a few words, kept in the schema's order; a value that is not among them stays until it is unticked. */
function ChoicesInput({
  field,
  value,
  onChange,
}: {
  field: SettingField
  value: unknown
  onChange: (value: unknown) => void
}) {
  const chosen: unknown[] = Array.isArray(value) ? value : []
  const all = [...field.choices, ...chosen.filter((one) => !field.choices.includes(one as string))]
  return (
    <fieldset className="flex flex-wrap justify-end gap-x-2.5 gap-y-1 py-1">
      <legend className="sr-only">{field.path}</legend>
      {all.map((choice) => (
        <Checkbox
          key={String(choice)}
          checked={chosen.includes(choice)}
          onChange={(on) => onChange(all.filter((one) => (one === choice ? on : chosen.includes(one))))}
        >
          <span className="font-mono text-xs">{String(choice)}</span>
        </Checkbox>
      ))}
    </fieldset>
  )
}

/** A list of numbers, separated by commas. */
function NumbersInput({
  id,
  value,
  invalid,
  onChange,
}: {
  id: string
  value: unknown
  invalid: boolean
  onChange: (value: unknown) => void
}) {
  const list = Array.isArray(value) ? value : [value]
  const [text, setText] = useState(formatValues(list))
  const shown = JSON.stringify(parseValues(text)) === JSON.stringify(list) ? text : formatValues(list)
  return (
    <Input
      id={id}
      className="w-36 text-right font-mono"
      aria-invalid={invalid}
      value={shown}
      onChange={(event) => {
        setText(event.target.value)
        onChange(parseValues(event.target.value))
      }}
    />
  )
}

/** A value that is no picture source of any kind. */
const JsonValueInput = ({
  id,
  value,
  onChange,
}: {
  id: string
  value: unknown
  onChange: (value: unknown) => void
}) => (
  <Input
    id={id}
    className="font-mono"
    aria-invalid
    defaultValue={JSON.stringify(value)}
    onBlur={(event) => {
      const [read] = parseValues(event.target.value)
      onChange(read)
    }}
  />
)
