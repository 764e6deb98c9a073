import { useCallback, useEffect, useRef, useState } from 'react'
import { useNumberParam } from '../../../address.ts'
import { usageOrder } from '../../../charts/binning.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'

/** A pointer that sweeps over codes, or a key held down, changes the address once it rests: browsers allow few changes. */
const REST_MS = 150

/**
 * The row of the code that is looked at, whose number the address holds; until one is chosen, the most used one.
 */
export function useCode(sample: Sample, names: CodeNames): [code: number, setCode: (code: number) => void] {
  const [wanted, setWanted] = useNumberParam('code')
  const [held, setHeld] = useState<number | null>(null)
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(rest.current), [])
  const setCode = useCallback(
    (code: number) => {
      setHeld(code)
      clearTimeout(rest.current)
      rest.current = setTimeout(() => {
        setWanted(names.number(code))
        setHeld(null)
      }, REST_MS)
    },
    [setWanted, names],
  )
  const chosen = wanted === null ? null : names.row(wanted)
  return [held ?? chosen ?? mostUsed(sample), setCode]
}

const most = new WeakMap<Sample, number>()
function mostUsed(sample: Sample): number {
  const known = most.get(sample) ?? usageOrder(hitsOf(sample, null).hits, 'count')[0] ?? 0
  most.set(sample, known)
  return known
}
