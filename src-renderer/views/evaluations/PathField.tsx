import { Field, Input } from '../../components/input.tsx'

/** A path on the machine that the workbench runs on. */
export const PathField = ({
  label,
  value,
  placeholder,
  hint,
  problem,
  onChange,
}: {
  label: string
  value: string
  placeholder?: string
  hint?: string | undefined
  problem?: string | undefined
  onChange: (value: string) => void
}) => (
  <Field label={label} hint={hint} problem={problem}>
    {(props) => (
      <Input
        {...props}
        className="font-mono"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
