import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { ModelDescription } from '../../src-shared/models.ts'
import { sizeOf } from '../engine/ir.ts'
import { chatLayout } from './chat-layout.ts'
import { modelSizes } from './check-model-shape.ts'
import { openTextTokenizer } from './open-text-tokenizer.ts'
import type { TextTokenizer } from './text-tokenizer.ts'
import type { LlamaWeights } from './weights/llama-weights.ts'
import { openLlamaWeights } from './weights/open.ts'
import { WeightsError } from './weights/weight-file.ts'

const EXAMPLE = [{ question: 'What is a red apple?', answer: 'It is a fruit.' }]

/**
 * What a model's files say; only headers and the tokenizer are read.
 * @param path Hugging Face folder or GGUF file
 * @throws WeightsError if there is no LLaMA-family decoder, saying why; a tokenizer that cannot be used is told, not thrown
 */
export async function describeModel(path: string): Promise<ModelDescription> {
  const weights = await openLlamaWeights(resolve(path))
  try {
    const tensors = Object.values(weights.tensors)
    const parameters = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    return {
      path: weights.source,
      name: basename(weights.source),
      format: statSync(weights.source).isDirectory() ? 'hugging-face' : 'gguf',
      sizes: modelSizes(weights),
      context: weights.context,
      parameters,
      storage: storageOf(weights),
      wideBytes: 4 * parameters,
      ...(await tokenizerOf(weights)),
    }
  } finally {
    await weights.close()
  }
}

function storageOf({ tensors }: LlamaWeights): string[] {
  const weights = new Map<string, number>()
  for (const { shape, type } of Object.values(tensors))
    if (shape.length === 2) weights.set(type, (weights.get(type) ?? 0) + sizeOf(shape))
  return [...weights].sort(([, a], [, b]) => b - a).map(([type]) => type)
}

type TokenizerPart = Pick<ModelDescription, 'tokenizer' | 'tokenizerProblem' | 'example' | 'ownTemplate'>

async function tokenizerOf(weights: LlamaWeights): Promise<TokenizerPart> {
  try {
    const tokenizer = await openTextTokenizer(weights.source)
    checkVocabulary(weights, tokenizer)
    return {
      tokenizer: {
        tokens: tokenizer.size,
        begin: tokenizer.begin === null ? '' : tokenizer.show(tokenizer.begin),
        end: tokenizer.show(tokenizer.end),
        special: tokenizer.special.size,
      },
      tokenizerProblem: '',
      example: exampleOf(tokenizer),
      ownTemplate: tokenizer.chatTemplate !== '',
    }
  } catch (error) {
    return { tokenizer: null, tokenizerProblem: (error as Error).message, example: [], ownTemplate: false }
  }
}

/** @throws WeightsError if a tokenizer has ids for which a model has no rows */
export function checkVocabulary({ source, vocabulary }: LlamaWeights, tokenizer: TextTokenizer): void {
  if (tokenizer.size > vocabulary)
    throw new WeightsError(
      `${source}: its tokenizer has ${tokenizer.size} tokens, but the embedding table ${vocabulary} rows; the two do not belong together`,
    )
}

/** The example in runs of tokens that are learned and runs that are not. */
function exampleOf(tokenizer: TextTokenizer): ModelDescription['example'] {
  const { ids, learned } = chatLayout(tokenizer).layOut(EXAMPLE)
  const runs: { ids: number[]; learned: boolean }[] = []
  for (const [at, id] of ids.entries()) {
    const last = runs.at(-1)
    if (last && last.learned === learned[at]) last.ids.push(id)
    else runs.push({ ids: [id], learned: learned[at] ?? false })
  }
  return runs.map((run) => ({ text: run.ids.map((id) => tokenizer.show(id)).join(''), learned: run.learned }))
}
