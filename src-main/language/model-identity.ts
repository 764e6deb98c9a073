import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { EMBEDDING } from './llama.ts'
import type { LlamaWeights } from './weights/llama-weights.ts'

/**
 * Which pretrained model a run stands on, so that it is not resumed over another: the file's name for people, and a hash
 * of its shape, of every tensor's name, shape and type, and of the embedding table and the last norm as they are stored.
 */
export async function modelIdentity({ source, shape, vocabulary, tensors }: LlamaWeights): Promise<string> {
  const list = Object.entries(tensors).map(([name, { shape: sides, type }]) => `${name} ${type} [${sides}]`)
  const hash = createHash('sha256').update(JSON.stringify({ shape, vocabulary, list: list.sort() }))
  for (const name of [EMBEDDING, 'norm']) hash.update((await tensors[name]?.readRaw()) ?? '')
  return `${basename(source)} ${hash.digest('hex').slice(0, 16)}`
}
