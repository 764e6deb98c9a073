import type { InstructionPair } from '../data/picture-set.ts'
import { IGNORED_LABEL } from '../engine/operations/softmax-cross-entropy.ts'
import { type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import { SPECIAL, type WordTokenizer } from './word-tokenizer.ts'

export interface TextBatch {
  /** int32 [B, L] */
  tokens: HostTensor
  /** int32 [B · L]: target of each position; IGNORED_LABEL everywhere but on the answer and its closing token (Eq. 6) */
  labels: HostTensor
}

/**
 * "<s> question answer </s>", cut at `context` tokens.
 * A pair whose question alone fills the context has no labels: it is reported by `pairsWithoutLabels`, not masked silently.
 */
export function textBatch(pairs: readonly InstructionPair[], tokenizer: WordTokenizer, context: number): TextBatch {
  const tokens = new Int32Array(pairs.length * context).fill(SPECIAL.pad)
  const labels = new Int32Array(pairs.length * context).fill(IGNORED_LABEL)
  for (const [row, { question, answer }] of pairs.entries()) {
    const prompt = [SPECIAL.begin, ...tokenizer.encode(question)]
    const ids = [...prompt, ...tokenizer.encode(answer), SPECIAL.end].slice(0, context)
    tokens.set(ids, row * context)
    for (let at = prompt.length; at < ids.length; at++) labels[row * context + at - 1] = ids[at] as number
  }
  return { tokens: int32(tokens, [pairs.length, context]), labels: int32(labels, [pairs.length * context]) }
}

/** Pairs of which no answer token fits into the context. */
export const pairsWithoutLabels = (
  pairs: readonly InstructionPair[],
  tokenizer: WordTokenizer,
  context: number,
): InstructionPair[] => pairs.filter(({ question }) => 1 + tokenizer.encode(question).length >= context)
