import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { idSchema } from '../../src-shared/id.ts'

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

/** A sortable id, such as 20261124-112233-k3x9qa: UTC date, time and six random base-36 letters. */
export function newRunId(now = new Date()): string {
  const [date, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T')
  const tail = Array.from({ length: 6 }, () => letters[randomInt(36)]).join('')
  return `${date}-${time}-${tail}`
}

export const isRunId = (id: string): boolean => idSchema.safeParse(id).success

/**
 * The directory of a run inside the folder of runs; the only way from an id to a path.
 * @throws Error if the id could lead out of the folder
 */
export function runPath(runsFolder: string, id: string): string {
  if (!isRunId(id))
    throw new Error(
      `run id ${JSON.stringify(id)} is not allowed: letters, digits, "-" and "_" only, at most 80 of them`,
    )
  return join(runsFolder, id)
}
