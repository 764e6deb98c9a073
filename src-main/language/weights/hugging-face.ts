import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readConfig } from './hugging-face-config.ts'
import { readJson } from './json-file.ts'
import { HUGGING_FACE_NAMES, type LlamaWeights, llamaTensors } from './llama-weights.ts'
import { openSafetensors, type SafetensorsWeights } from './safetensors.ts'
import { WeightsError } from './weight-file.ts'

const CONFIG = 'config.json'
const WEIGHTS = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'

const index = z.object({
  // A name, not a path: the folder's own files only.
  weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+$/, 'is not the name of a file in this folder')),
})

/** Buffers of older files that hold what is computed anyway. */
const computed = /\.rotary_emb\.inv_freq$/

/**
 * Opens a model folder as transformers saves it.
 * @throws WeightsError saying which file cannot be used and why
 */
export async function openHuggingFace(folder: string): Promise<LlamaWeights> {
  const path = join(folder, CONFIG)
  const { shape, vocabulary, context } = readConfig(path, await readJson(path))
  const files = await openFiles(folder)
  const close = async () => {
    for (const file of new Set(files.values())) await file.close()
  }
  try {
    const theirs = new Set([...files.keys()].filter((name) => !computed.test(name)))
    // Some tied models carry their table twice.
    if (!shape.untied) theirs.delete(`${HUGGING_FACE_NAMES.head}.weight`)
    const tensors = llamaTensors(folder, shape, vocabulary, HUGGING_FACE_NAMES, theirs, (name) =>
      (files.get(name) as SafetensorsWeights).tensor(name),
    )
    return { source: folder, shape, vocabulary, context, tensors, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The open file that holds each tensor of a model folder: one file, or shards. Whoever opens them closes them. */
export async function openFiles(folder: string): Promise<Map<string, SafetensorsWeights>> {
  if (existsSync(join(folder, WEIGHTS))) {
    const file = await openSafetensors(join(folder, WEIGHTS))
    return new Map(file.names.map((name) => [name, file]))
  }
  const path = join(folder, INDEX)
  if (!existsSync(path))
    throw new WeightsError(
      `${folder} has neither ${WEIGHTS} nor ${INDEX}; weights of another kind (such as pytorch_model.bin) must be saved as safetensors first`,
    )
  const parsed = index.safeParse(await readJson(path))
  if (!parsed.success) throw new WeightsError(`${path}: ${z.prettifyError(parsed.error)}`)
  const open = new Map<string, SafetensorsWeights>()
  try {
    const result = new Map<string, SafetensorsWeights>()
    for (const [name, shard] of Object.entries(parsed.data.weight_map)) {
      const file = open.get(shard) ?? (await openSafetensors(join(folder, shard)))
      open.set(shard, file)
      result.set(name, file)
    }
    return result
  } catch (error) {
    for (const file of open.values()) await file.close()
    throw error
  }
}
