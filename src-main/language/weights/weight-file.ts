import { type FileHandle, open } from 'node:fs/promises'

/** A file of weights that cannot be used; the message names the file and what is wrong with it. */
export class WeightsError extends Error {
  override name = 'WeightsError'
}

/** Largest single read, bytes: the operating system refuses 2 GiB and more. */
const READ_LIMIT = 1 << 30

/** An open file of which parts are read where they lie; it is never held in memory as a whole. */
export class WeightFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly #handle: FileHandle

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path
    this.size = size
    this.#handle = handle
  }

  /** @throws WeightsError if there is no such file or it cannot be read */
  static async open(path: string): Promise<WeightFile> {
    let handle: FileHandle
    try {
      handle = await open(path, 'r')
    } catch (cause) {
      const missing = (cause as { code?: unknown }).code === 'ENOENT'
      throw new WeightsError(missing ? `there is no file ${path}` : `${path}: ${(cause as Error).message}`, { cause })
    }
    const stat = await handle.stat()
    if (stat.isFile()) return new WeightFile(path, stat.size, handle)
    await handle.close()
    throw new WeightsError(`${path} is not a file`)
  }

  /** A copy of `length` bytes from `offset` on. @throws WeightsError if the file ends before that */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkRange(offset, length)
    const bytes = new Uint8Array(length)
    await this.readInto(bytes, offset)
    return bytes
  }

  /** Fills `target` with the bytes from `offset` on. @throws WeightsError if the file ends before that */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    this.#checkRange(offset, target.length)
    for (let at = 0; at < target.length; ) {
      const wanted = Math.min(READ_LIMIT, target.length - at)
      const { bytesRead } = await this.#handle.read(target, at, wanted, offset + at)
      if (bytesRead === 0) throw this.error(`has become shorter while it was read`)
      at += bytesRead
    }
  }

  /** An error about this file. */
  error(problem: string, options?: ErrorOptions): WeightsError {
    return new WeightsError(`${this.path}: ${problem}`, options)
  }

  close = (): Promise<void> => this.#handle.close()

  #checkRange(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw this.error(
        `bytes ${offset} to ${offset + length} are wanted, but the file has ${this.size}: it is truncated`,
      )
  }
}
