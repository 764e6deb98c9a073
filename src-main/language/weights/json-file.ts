import { WeightFile } from './weight-file.ts'

/** A config has some kB, the index of the largest models some hundred. */
const LIMIT = 16 << 20

/** Content of a JSON file beside weights. @throws WeightsError if there is no such file, or it is not JSON */
export async function readJson(path: string): Promise<unknown> {
  const file = await WeightFile.open(path)
  try {
    if (file.size > LIMIT) throw file.error(`has ${file.size} bytes, more than any such file`)
    return JSON.parse(new TextDecoder().decode(await file.read(0, file.size)))
  } catch (cause) {
    throw cause instanceof SyntaxError ? file.error(`is not JSON: ${cause.message}`, { cause }) : cause
  } finally {
    await file.close()
  }
}
