import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { Field } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'

/** Chooses one run by its name. */
export const RunField = ({
  label,
  runs,
  value,
  none,
  onChange,
}: {
  label: string
  runs: readonly RunSummary[]
  value: string
  /** What stands there if there is no run to choose. */
  none: string
  onChange: (run: string) => void
}) => (
  <Field label={label} hint={runs.length === 0 ? none : undefined}>
    {(props) => (
      <Select
        {...props}
        value={value}
        placeholder="Choose a run"
        options={runs.map(({ id, name, seed }) => ({ value: id, label: `${name}, seed ${seed}, ${id}` }))}
        onChange={onChange}
      />
    )}
  </Field>
)
