import { useRef } from 'react'

/** The same list object as long as its members are the same, so that what follows from it is not computed anew. */
export function useStableList<T>(list: T[]): T[] {
  const kept = useRef(list)
  if (kept.current.length !== list.length || kept.current.some((member, index) => member !== list[index]))
    kept.current = list
  return kept.current
}
