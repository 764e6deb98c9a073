/** Cells at which a layer's codes are not the true ones. */
export const mistakes = (codes: readonly number[], truth: readonly number[]): number[] =>
  codes.flatMap((code, cell) => (code === truth[cell] ? [] : [cell]))
