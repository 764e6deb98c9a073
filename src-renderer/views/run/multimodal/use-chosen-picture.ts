import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNumberParam } from '../../../address.ts'
import { type RunPicture, runPicturesQuery } from '../../../api/multimodal-queries.ts'

/**
 * A picture of a run by a parameter of the address; while it names none, one of the first held-out pictures.
 * @param place which of them
 */
export function useChosenPicture(
  runId: string,
  key: string,
  place: number,
): {
  /** null: not known yet, or there is none. */
  picture: number | null
  /** Its caption, or its number where nothing more is known. */
  caption: string
  choose: (picture: RunPicture) => void
  error: unknown
  /** The run has no such picture. */
  isEmpty: boolean
} {
  const [wanted, setWanted] = useNumberParam(key)
  const [known, setKnown] = useState<RunPicture | null>(null)
  const first = useQuery(runPicturesQuery({ id: runId, side: 'heldOut', from: 0, count: 2, search: '' }))
  const start = first.data?.pictures[place] ?? first.data?.pictures[0] ?? null
  const picture = wanted ?? start?.picture ?? null
  const caption = [known, ...(first.data?.pictures ?? [])].find((one) => one?.picture === picture)?.caption
  return {
    picture,
    caption: caption ?? (picture === null ? '' : `picture ${picture}`),
    choose: (next) => {
      setKnown(next)
      setWanted(next.picture)
    },
    error: wanted === null ? first.error : null,
    isEmpty: wanted === null && first.data !== undefined && start === null,
  }
}
