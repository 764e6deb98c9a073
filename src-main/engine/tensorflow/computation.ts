/** How a program computes: from tensors by name to tensors by name, all known by number; the results are the caller's. */
export interface Computation {
  /** Names of the inputs that are read. */
  readonly reads: readonly string[]
  run(tensors: ReadonlyMap<string, number>): Map<string, number>
  dispose(): void
}
