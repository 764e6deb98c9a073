import type { InstructionPair } from '../data/picture-set.ts'
import { IGNORED_LABEL } from '../engine/operations/softmax-cross-entropy.ts'
import { type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import type { TextLayout } from './text-layout.ts'

export interface TextBatch {
  /** int32 [B, L] */
  tokens: HostTensor
  /** int32 [B · L]: target of each position; IGNORED_LABEL everywhere but on the answer and its closing token (Eq. 6) */
  labels: HostTensor
  /** Dialogues without any label: no answer token of theirs lies within the context. */
  masked: number
}

/**
 * Dialogues cut at `context` tokens. What is learned at a position is the token after it.
 * One whose questions alone fill the context has no labels: it is counted, not masked silently.
 */
export function textBatch(
  dialogues: readonly (readonly InstructionPair[])[],
  layout: TextLayout,
  context: number,
): TextBatch {
  const tokens = new Int32Array(dialogues.length * context).fill(layout.pad)
  const labels = new Int32Array(dialogues.length * context).fill(IGNORED_LABEL)
  let masked = 0
  for (const [row, turns] of dialogues.entries()) {
    const { ids, learned } = layout.layOut(turns)
    const length = Math.min(ids.length, context)
    let labelled = false
    for (let at = 0; at < length; at++) {
      tokens[row * context + at] = ids[at] as number
      if (at === 0 || !learned[at]) continue
      labels[row * context + at - 1] = ids[at] as number
      labelled = true
    }
    if (!labelled) masked++
  }
  return { tokens: int32(tokens, [dialogues.length, context]), labels: int32(labels, [labels.length]), masked }
}

/** Dialogues of which no answer token fits into the context. */
export const withoutLabels = <Turns extends readonly InstructionPair[]>(
  dialogues: readonly Turns[],
  layout: TextLayout,
  context: number,
): Turns[] => dialogues.filter((turns) => !layout.layOut(turns).learned.slice(1, context).includes(true))
