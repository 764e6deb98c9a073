import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { useParam } from '../../../address.ts'
import { Segmented } from '../../../components/tabs.tsx'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { DriftDistances } from './DriftDistances.tsx'
import { DriftMap } from './DriftMap.tsx'

const PARTS = [
  { value: 'distances', label: 'Distances' },
  { value: 'map', label: 'Map' },
]

/** How far the visual codes are from their LLM rows: in numbers, and on a map. */
export function DriftSection(props: { run: RunDetail; sample: Sample; names: CodeNames }) {
  const [partText, setPart] = useParam('drift', 'distances')
  const part = partText === 'map' ? 'map' : 'distances'
  const choice = <Segmented label="Part of drift" value={part} onChange={setPart} options={PARTS} />
  return part === 'map' ? <DriftMap {...props} choice={choice} /> : <DriftDistances {...props} choice={choice} />
}
