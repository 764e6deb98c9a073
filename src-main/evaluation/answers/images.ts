import { open, readFile, stat } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import type { BenchmarkQuestion, QuestionImage } from './benchmark.ts'
import { BenchmarkError } from './benchmark-error.ts'
import { Offenders } from './offenders.ts'

/** How a question's picture is called in a listing: its file, or the row that holds it; '' if it has none. */
export function imageName(image: QuestionImage | null): string {
  if (image === null) return ''
  return image.kind === 'file' ? (image.names[0] as string) : image.row
}

/**
 * Looks which pictures are there.
 * @param folder of those that are files
 * @returns the questions, each with the one name under which its file was found, and those whose file is not there
 */
export async function findImages(
  questions: readonly BenchmarkQuestion[],
  folder: string,
): Promise<{ questions: BenchmarkQuestion[]; missing: Offenders }> {
  if (!(await stat(folder).catch(() => null))?.isDirectory())
    throw new BenchmarkError(`there is no folder "${folder}"; name that of the pictures`)
  const missing = new Offenders()
  const found: BenchmarkQuestion[] = []
  for (const question of questions) {
    const { image } = question
    if (image?.kind !== 'file') found.push(question)
    else {
      const name = await existingName(folder, image.names)
      if (name === null) missing.add(`${image.names[0]} (question ${question.id})`)
      found.push(name === null ? question : { ...question, image: { kind: 'file', names: [name] } })
    }
  }
  return { questions: found, missing }
}

async function existingName(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const isInside = !normalize(name).startsWith(`..${sep}`)
    if (isInside && (await stat(join(folder, name)).catch(() => null))?.isFile()) return name
  }
  return null
}

/**
 * The bytes of a question's picture file.
 * @throws BenchmarkError if it is not there, or is no base64
 */
export async function imageBytes(image: QuestionImage, folder: string): Promise<Uint8Array> {
  if (image.kind === 'embedded') return embeddedBytes(image)
  const name = await existingName(folder, image.names)
  if (name === null) throw new BenchmarkError(`the picture "${image.names[0]}" is not in "${folder}"`)
  return readFile(join(folder, name))
}

async function embeddedBytes({ path, offset, length, row }: QuestionImage & { kind: 'embedded' }): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    const text = buffer.subarray(0, bytesRead).toString('latin1')
    if (bytesRead < length || !/^[\w+/\s]+={0,2}\s*$/.test(text))
      throw new BenchmarkError(`the picture of ${row} of "${path}" is no base64`)
    return Buffer.from(text, 'base64')
  } finally {
    await file.close()
  }
}
