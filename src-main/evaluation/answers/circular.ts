/** What MMBench adds to the index of a question for each rotation of its options. */
export const ROTATION = 1_000_000

export interface RotationAnswer {
  index: number
  isRight: boolean
}

/**
 * Whether each question is answered right in every rotation that there is. A question is known by its first rotation, whose
 * index is below 1,000,000; one that has lost it is left out.
 * @returns by the index of the first rotation, in the order of the rows
 */
export function circularHits(rows: readonly RotationAnswer[]): Map<number, boolean> {
  const wrong = new Set<number>()
  for (const { index, isRight } of rows) if (!isRight) wrong.add(index % ROTATION)
  return new Map(rows.flatMap(({ index }) => (index < ROTATION ? [[index, !wrong.has(index)]] : [])))
}

/** The rows of the first rotations, as VLMEvalKit picks them: up to and with 1,000,000. */
export const isFirstRotation = ({ index }: { index: number }): boolean => index <= ROTATION
