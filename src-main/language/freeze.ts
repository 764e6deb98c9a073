import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fitsBlocks } from '../engine/frozen/blocks.ts'
import {
  type FrozenWeights,
  freezeWeights,
  openFrozenWeights,
  type Storage,
  type WeightToFreeze,
} from '../engine/frozen/frozen-weights.ts'
import { EMBEDDING, HEAD } from './llama.ts'
import type { LlamaWeights } from './weights/llama-weights.ts'

/**
 * A language model's weights as a runtime maps them, made once in `folder` and found there again as long as the model's
 * files stay as they are. Under int4 the tables of embeddings and logits, which suffer most, are kept in 8 bits; norms
 * are float32 always, and so is a matrix whose rows fill no whole blocks.
 */
export async function freezeLlama(weights: LlamaWeights, folder: string, storage: Storage): Promise<FrozenWeights> {
  const hash = createHash('sha256').update(stateOf(weights.source)).digest('hex').slice(0, 12)
  const path = join(folder, `${basename(weights.source)}-${hash}-${storage}.bin`)
  const found = openFrozenWeights(path)
  if (found) return found
  const tensors: Record<string, WeightToFreeze> = {}
  for (const [name, { shape, read }] of Object.entries(weights.tensors))
    tensors[name] = { shape, storage: storageOf(name, shape, storage), read }
  return freezeWeights(path, tensors)
}

/** Sizes and times of a model's files: a folder's own time stays when a file in it is written over. */
function stateOf(source: string): string {
  const stat = statSync(source)
  if (!stat.isDirectory()) return `${source} ${stat.size} ${stat.mtimeMs}`
  const files = readdirSync(source).filter((name) => /\.(safetensors|json)$/.test(name))
  return [source, ...files.sort().map((name) => fileState(join(source, name)))].join('\n')
}

function fileState(path: string): string {
  const { size, mtimeMs } = statSync(path)
  return `${path} ${size} ${mtimeMs}`
}

function storageOf(name: string, shape: readonly number[], storage: Storage): Storage {
  if (shape.length !== 2) return 'float32'
  if (storage === 'float32' || storage === 'float16') return storage
  const wanted = storage === 'int4' && (name === EMBEDDING || name === HEAD) ? 'int8' : storage
  return fitsBlocks(shape[1] as number, wanted === 'int4' ? 4 : 8) ? wanted : 'float32'
}
