import { useNumberParam } from '../../../address.ts'
import { usageOrder } from '../../../charts/binning.ts'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'

/** The code that is looked at, as the address holds it; until one is chosen, the most used one. */
export function useCode(sample: Sample): [code: number, setCode: (code: number) => void] {
  const [wanted, setWanted] = useNumberParam('code')
  const size = sample.layers[0]?.usage.length ?? 0
  const valid = wanted !== null && Number.isInteger(wanted) && wanted >= 0 && wanted < size
  return [valid ? wanted : mostUsed(sample), setWanted]
}

const most = new WeakMap<Sample, number>()
function mostUsed(sample: Sample): number {
  const known = most.get(sample) ?? usageOrder(hitsOf(sample, null).hits, 'count')[0] ?? 0
  most.set(sample, known)
  return known
}
