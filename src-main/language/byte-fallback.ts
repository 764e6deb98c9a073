import { z } from 'zod'

/**
 * Decoding of vocabularies that spell unknown characters byte by byte (<0xE2>), as LLaMA's. The packaged tokenizers library
 * decodes these otherwise than the original: it drops a lone U+FEFF, keeps what is whole of a broken run of bytes, and knows
 * no empty sequence.
 */
const step = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Replace'), pattern: z.object({ String: z.string() }), content: z.string() }),
  z.object({ type: z.literal('ByteFallback') }),
  z.object({ type: z.literal('Fuse') }),
  z.object({ type: z.literal('Strip'), content: z.string(), start: z.int().min(0), stop: z.int().min(0) }),
])
type Step = z.infer<typeof step>

const decoder = z.object({ type: z.literal('Sequence'), decoders: z.array(step) })

/** @param json "decoder" of a tokenizer.json @returns what joins tokens to a text, or null if it is one of another kind */
export function byteFallbackDecoder(json: unknown): ((tokens: readonly string[]) => string) | null {
  const parsed = decoder.safeParse(json)
  if (!parsed.success || !parsed.data.decoders.some(({ type }) => type === 'ByteFallback')) return null
  const steps = parsed.data.decoders
  return (tokens) => steps.reduce(apply, tokens).join('')
}

function apply(tokens: readonly string[], step: Step): readonly string[] {
  switch (step.type) {
    case 'Replace':
      return tokens.map((token) => token.replaceAll(step.pattern.String, step.content))
    case 'ByteFallback':
      return joinBytes(tokens)
    case 'Fuse':
      return [tokens.join('')]
    case 'Strip':
      return tokens.map((token) => strip(token, step.content, step.start, step.stop))
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Runs of byte tokens become text; each byte of a run that is no UTF-8 as a whole becomes U+FFFD. */
function joinBytes(tokens: readonly string[]): string[] {
  const joined: string[] = []
  let run: number[] = []
  const flush = () => {
    if (run.length === 0) return
    try {
      joined.push(utf8.decode(Uint8Array.from(run)))
    } catch {
      joined.push('\ufffd'.repeat(run.length))
    }
    run = []
  }
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1]
    if (byte) run.push(Number.parseInt(byte, 16))
    else {
      flush()
      joined.push(token)
    }
  }
  flush()
  return joined
}

function strip(token: string, content: string, start: number, stop: number): string {
  const characters = [...token]
  let from = 0
  while (from < Math.min(start, characters.length) && characters[from] === content) from++
  let to = characters.length
  while (to > Math.max(from, characters.length - stop) && characters[to - 1] === content) to--
  return characters.slice(from, to).join('')
}
