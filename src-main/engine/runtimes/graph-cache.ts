import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'

/** Graphs as onnxruntime has optimised them, by their content; the newest are kept. */
const KEPT_FILES = 64
const ENDING = '.onnx'

type Options = ort.InferenceSession.SessionOptions

/**
 * A session of a model. With a folder, the graph that onnxruntime makes of it is kept there under a hash of all that it
 * depends on: the model, onnxruntime's version, the processor and the options. The next session of the same begins with it. A kept file
 * that cannot be opened (cut off, of another build) is removed and made again.
 */
export async function createSession(
  model: Uint8Array,
  options: Options,
  folder?: string,
): Promise<ort.InferenceSession> {
  // A profile is asked for to see how the graph is made as well.
  if (!folder || options.enableProfiling) return ort.InferenceSession.create(model, options)
  const file = join(folder, keyOf(model, options) + ENDING)
  if (existsSync(file)) {
    try {
      const session = await ort.InferenceSession.create(readFileSync(file), {
        ...options,
        graphOptimizationLevel: 'disabled',
      })
      const now = new Date()
      utimesSync(file, now, now)
      return session
    } catch {
      rmSync(file, { force: true })
    }
  }
  mkdirSync(folder, { recursive: true })
  const partial = `${file}.${randomUUID()}.partial`
  try {
    const session = await ort.InferenceSession.create(model, {
      ...options,
      optimizedModelFilePath: partial,
      // Else it warns that the file is for this processor only, which its name says.
      logSeverityLevel: 3,
    })
    if (existsSync(partial)) renameSync(partial, file)
    forgetOldest(folder)
    return session
  } finally {
    rmSync(partial, { force: true })
  }
}

function keyOf(model: Uint8Array, options: Options): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  const machine = `${version} ${process.platform} ${process.arch} ${cpus()[0]?.model}`
  return createHash('sha256')
    .update(model)
    .update(`${machine} ${JSON.stringify(options)}`)
    .digest('hex')
    .slice(0, 32)
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => join(folder, name))
  const age = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  for (const path of files.toSorted((a, b) => age(b) - age(a)).slice(KEPT_FILES)) rmSync(path, { force: true })
}
