import { WeightFile, WeightsError } from './weight-file.ts'

/** A config has some kB, the index of the largest models some hundred. */
const LIMIT = 16 << 20

/** Content of a JSON file beside weights. @throws WeightsError if there is no such file, or it is not JSON */
export async function readJson(path: string, limit = LIMIT): Promise<unknown> {
  const text = await readText(path, limit)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new WeightsError(`${path}: is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** Content of a text file beside weights. @throws WeightsError if there is no such file, or it is larger than such files are */
export async function readText(path: string, limit = LIMIT): Promise<string> {
  const file = await WeightFile.open(path)
  try {
    if (file.size > limit) throw file.error(`has ${file.size} bytes, more than any such file`)
    return new TextDecoder().decode(await file.read(0, file.size))
  } finally {
    await file.close()
  }
}
