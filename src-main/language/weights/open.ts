import { statSync } from 'node:fs'
import { openGgufLlama } from './gguf-llama.ts'
import { openHuggingFace } from './hugging-face.ts'
import type { LlamaWeights } from './llama-weights.ts'
import { WeightsError } from './weight-file.ts'

/**
 * Opens a LLaMA-family decoder: a Hugging Face folder (config.json beside safetensors) or a GGUF file. Only headers are
 * read; each tensor is read from its file when it is asked for. Close it when all that is wanted has been read.
 * @throws WeightsError saying which file cannot be used and why
 */
export async function openLlamaWeights(path: string): Promise<LlamaWeights> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new WeightsError(`there is no file or folder ${path}`)
  return found.isDirectory() ? openHuggingFace(path) : openGgufLlama(path)
}
