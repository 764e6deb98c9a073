/** A benchmark's files or a system's answers cannot be used; the message says why and what to do. */
export class BenchmarkError extends Error {
  override name = 'BenchmarkError'
}
