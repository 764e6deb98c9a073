import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sampleFileName } from '../../src-shared/events.ts'
import {
  decodeSafetensors,
  type StoredTensor,
  safetensorsParts,
  type TensorFile,
} from '../../src-shared/safetensors.ts'
import { writeFileAtomic } from './atomic-file.ts'

/** Checkpoints and samples are named alike: step-<8 digits>.safetensors. */
export const stepFileName = sampleFileName
const stepFile = /^step-(\d{8})\.(.+)$/

/** Metadata key under which a checkpoint keeps the SHA-256 of its tensors, so that a flipped bit is noticed. */
const CHECKSUM = 'checksum'
const KEPT = 2

/** Steps of the files in a folder of what a run recorded, ascending; a missing folder has none. */
export function stepsIn(folder: string, kind: 'safetensors' | 'json' = 'safetensors'): number[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => {
      const [, step, ending] = stepFile.exec(name) ?? []
      return ending === kind ? Number(step) : []
    })
    .sort((a, b) => a - b)
}

/** Writes a checkpoint. @returns the file's name */
export function writeCheckpoint(
  folder: string,
  step: number,
  tensors: Record<string, StoredTensor>,
  metadata: Record<string, string>,
): string {
  const name = stepFileName(step)
  writeFileAtomic(join(folder, name), safetensorsParts(tensors, { ...metadata, [CHECKSUM]: checksum(tensors) }))
  return name
}

/** Keeps the newest two checkpoints up to `step`, the one just written, and removes the rest. */
export function removeOldCheckpoints(folder: string, step: number): void {
  // A run that went back to an older checkpoint has newer, damaged ones lying about; they are not what it continues.
  const kept = new Set(
    stepsIn(folder)
      .filter((at) => at <= step)
      .slice(-KEPT),
  )
  for (const at of stepsIn(folder)) if (!kept.has(at)) rmSync(join(folder, stepFileName(at)), { force: true })
}

export interface LoadedCheckpoint {
  step: number
  file: TensorFile
}

/**
 * The newest checkpoint that can be read, or null if there is none at all.
 * @param warn told about each damaged file that was passed over
 * @throws Error if there are checkpoints and none can be read
 */
export function readLatestCheckpoint(folder: string, warn: (message: string) => void): LoadedCheckpoint | null {
  const steps = stepsIn(folder).reverse()
  const problems: string[] = []
  for (const step of steps) {
    try {
      return { step, file: readCheckpoint(join(folder, stepFileName(step))) }
    } catch (error) {
      const problem = `checkpoint ${stepFileName(step)} cannot be used: ${(error as Error).message}`
      problems.push(problem)
      warn(problem)
    }
  }
  if (problems.length === 0) return null
  throw new Error(
    `none of the ${problems.length} checkpoints in ${folder} can be read; clone the run to begin anew. ${problems.join('. ')}`,
  )
}

/** @throws Error saying what is wrong with the file */
export function readCheckpoint(path: string): TensorFile {
  const file = decodeSafetensors(readFileSync(path))
  const expected = file.metadata[CHECKSUM]
  if (expected !== undefined && expected !== checksum(file.tensors))
    throw new Error(`its content does not fit its checksum ${expected.slice(0, 12)}…, the file is damaged`)
  return file
}

function checksum(tensors: Record<string, StoredTensor>): string {
  const hash = createHash('sha256')
  for (const [name, { dtype, shape, data }] of Object.entries(tensors))
    hash.update(`${name} ${dtype} [${shape}]`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return hash.digest('hex')
}
