/** Settings that an error can be about. */
export type BenchmarkSetting = 'images' | 'unanswered'

/** A benchmark's files or a system's answers cannot be used; the message says why and what to do. */
export class BenchmarkError extends Error {
  override name = 'BenchmarkError'
  /** The setting that would help, as each way in names it by itself; null where none would. */
  readonly setting: BenchmarkSetting | null

  constructor(message: string, { setting, ...options }: ErrorOptions & { setting?: BenchmarkSetting } = {}) {
    super(message, options)
    this.setting = setting ?? null
  }
}
