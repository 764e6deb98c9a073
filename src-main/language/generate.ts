import type { Decoder } from './decoder.ts'
import { checkSampling, guide, type SamplingSettings, sampleTokens, tokenRandom } from './sampling.ts'

export interface GenerationOptions {
  sampling: SamplingSettings
  seed: number
  /** Most new tokens of a sequence. */
  newTokens: number
  /** A sequence ends after one of these. */
  stop?: readonly number[]
  /** Token ids that a sequence may choose from at a step (of `allowedTokens`); null: all. */
  allowed?: (sequence: number, produced: readonly number[]) => Int32Array | null
  /**
   * Classifier-free guidance: a prompt without the condition for each sequence, which then gets the same tokens, and the
   * scale s of u + s (c − u). The decoder's batch is twice the number of sequences.
   */
  guidance?: { unconditional: readonly (readonly number[])[]; scale: number }
}

/** A token as it comes: of which sequence, and whether it was the last one there. */
export interface GeneratedToken {
  sequence: number
  token: number
  last: boolean
}

/**
 * Continues prompts side by side, token by token. The same seed gives the same tokens, whatever else is in the batch.
 * @throws RangeError for settings out of range, and for prompts that are not the decoder's batch or do not fit its context
 */
export async function* generate(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions,
): AsyncGenerator<GeneratedToken> {
  const { sampling, seed, newTokens, stop = [], allowed, guidance } = options
  checkSampling(sampling)
  if (guidance && guidance.unconditional.length !== prompts.length)
    throw new RangeError(
      `${guidance.unconditional.length} unconditional prompts for ${prompts.length} sequences; give one for each`,
    )
  const longest = Math.max(
    ...prompts.map((tokens) => tokens.length),
    ...(guidance?.unconditional ?? []).map((p) => p.length),
  )
  if (longest + newTokens > decoder.context)
    throw new RangeError(
      `a prompt of ${longest} tokens and ${newTokens} new ones do not fit the context of ${decoder.context}`,
    )
  const produced = prompts.map((): number[] => [])
  const ended = prompts.map(() => false)
  let logits = await decoder.prompt(guidance ? [...prompts, ...guidance.unconditional] : prompts)
  for (let step = 0; step < newTokens && ended.includes(false); step++) {
    const rows = guidance ? guidedRows(logits, prompts.length, decoder.vocabulary, guidance.scale) : logits
    const randoms = prompts.map((_, sequence) => tokenRandom(seed, sequence, step))
    const sets = prompts.map((_, sequence) => allowed?.(sequence, produced[sequence] as number[]) ?? null)
    const tokens = [...sampleTokens(rows, sampling, randoms, sets)]
    for (const [sequence, token] of tokens.entries()) {
      if (ended[sequence]) continue
      produced[sequence]?.push(token)
      const last = stop.includes(token) || step === newTokens - 1
      if (last) ended[sequence] = true
      yield { sequence, token, last }
    }
    // A sequence that has ended goes on unheard: the others need its place in the batch.
    if (ended.includes(false) && step < newTokens - 1)
      logits = await decoder.next(guidance ? [...tokens, ...tokens] : tokens)
  }
}

/** Rows of the first half guided away from those of the second. */
function guidedRows(logits: Float32Array, count: number, vocabulary: number, scale: number): Float32Array {
  const guided = new Float32Array(count * vocabulary)
  const row = (at: number) => logits.subarray(at * vocabulary, (at + 1) * vocabulary)
  for (let at = 0; at < count; at++) guided.set(guide(row(at), row(count + at), scale), at * vocabulary)
  return guided
}
