import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { Select } from '../../components/select.tsx'

/** Which two runs are held against each other. */
export function PairChoice({
  runs,
  a,
  b,
  onA,
  onB,
}: {
  runs: readonly RunDetail[]
  /** Indices in `runs`. */
  a: number
  b: number
  onA: (id: string) => void
  onB: (id: string) => void
}) {
  const options = runs.map((run) => ({ value: run.id, label: run.name }))
  return (
    <span className="flex items-center gap-2 text-xs text-muted">
      A <Select label="Run A" value={runs[a]?.id ?? ''} options={options} onChange={onA} className="w-44" />B{' '}
      <Select label="Run B" value={runs[b]?.id ?? ''} options={options} onChange={onB} className="w-44" />
    </span>
  )
}
