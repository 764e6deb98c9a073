/** Pictures that were painted, while what painted them is open. */
export interface Painted {
  /** Step of the checkpoint. */
  step: number
  /** For each picture the codes of every layer, by the ids that people see. */
  codes: number[][][]
  /** Sides of the code maps, coarse first, and S. */
  sides: readonly number[]
  resolution: number
  /** The pictures one after the other, U8 [S, S, 3] each. */
  pictures(): AsyncIterable<Uint8Array>
}

/** Paints, hands over what was painted, and gives back what it took. */
export type Painter = <T>(use: (painted: Painted) => Promise<T>) => Promise<T>
