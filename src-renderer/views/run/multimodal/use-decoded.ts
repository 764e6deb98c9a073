import { useCallback } from 'react'
import { decodedPicture } from '../../../api/multimodal-queries.ts'
import { type Latest, useLatest } from '../../../api/use-latest.ts'
import type { Pixels } from '../../../pictures/PictureTile.tsx'

/** The picture of codes that change. `codes` must stay the same object while they do not. */
export function useDecoded(runId: string, codes: number[][] | null, wait = 0): Latest<number[][], Pixels> {
  const decode = useCallback((wanted: number[][]) => decodedPicture(runId, wanted), [runId])
  return useLatest(decode, codes, wait)
}
