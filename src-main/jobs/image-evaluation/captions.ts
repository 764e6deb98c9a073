import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { z } from 'zod'
import type { ClipTokens } from '../../evaluation/images/clip-text.ts'
import type { Gallery } from '../../evaluation/images/gallery.ts'
import { createJsonTokenizer } from '../../language/tokenizer-json.ts'
import { readJson } from '../../language/weights/json-file.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'

/** A file of captions that cannot be used. */
export class CaptionsError extends Error {
  override name = 'CaptionsError'
}

const textsSchema = z.record(z.string(), z.string())

/**
 * Texts of pictures by name: a JSON file { "name": "text" }, with or without the pictures' endings; or, without a file, the
 * .txt beside each picture.
 * @throws CaptionsError saying what is wrong with the file
 */
export async function readCaptions(
  folder: string,
  { names }: Gallery,
  file: string | null,
): Promise<{ words: string; of(name: string): string | undefined }> {
  if (file === null) {
    const texts = new Map<string, string>()
    for (const name of names) {
      const text = await readFile(join(folder, `${name}.txt`), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      if (text !== null) texts.set(name, text.trim())
    }
    return { words: `the .txt files beside the pictures of ${folder}`, of: (name) => texts.get(name) }
  }
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new CaptionsError(`the captions "${file}" cannot be read: ${(error as Error).message}`, { cause: error })
  }
  const parsed = textsSchema.safeParse(json)
  if (!parsed.success)
    throw new CaptionsError(
      `the captions "${file}" are no object of texts by picture: ${z.prettifyError(parsed.error)}`,
    )
  const known = new Set(names)
  const texts = new Map(
    Object.entries(parsed.data).map(([name, text]) => [
      known.has(name) ? name : name.slice(0, name.length - extname(name).length),
      text,
    ]),
  )
  return { words: `captions ${basename(file)}`, of: (name) => texts.get(name) }
}

/** CLIP's tokenizer. @param path tokenizer.json @throws WeightsError if it is none of CLIP's */
export async function readClipTokens(path: string): Promise<ClipTokens> {
  const json = await readJson(path)
  let tokenizer: ReturnType<typeof createJsonTokenizer>
  try {
    tokenizer = createJsonTokenizer(json)
  } catch (error) {
    throw new WeightsError(`${path}: ${(error as Error).message}`, { cause: error })
  }
  const [begin, end] = [tokenizer.idOf('<|startoftext|>'), tokenizer.idOf('<|endoftext|>')]
  if (begin === undefined || end === undefined)
    throw new WeightsError(`${path} has no tokens <|startoftext|> and <|endoftext|>: it is not CLIP's tokenizer`)
  return { encode: tokenizer.encode, begin, end }
}
