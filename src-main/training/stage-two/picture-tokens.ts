import type { PictureReference } from '../../multimodal/dialogue.ts'
import type { TokenizedPicture } from '../../multimodal/sequence.ts'
import type { PictureEncoder } from './picture-encoder.ts'

/** Pictures kept, and at most so many bytes of features, which are much larger than codes. */
const KEPT = 20_000
const KEPT_BYTES = 64e6

/** Pictures as the tokenizer of Stage I gives them, each worked out when it is first wanted. */
export interface PictureTokens {
  of(references: readonly PictureReference[]): Promise<TokenizedPicture[]>
  dispose(): Promise<void>
}

/**
 * @param pixelsOf U8 [S, S, 3] of a picture at the side at which pictures are read
 */
export function pictureTokens(
  encoder: PictureEncoder,
  pixelsOf: (reference: PictureReference) => Promise<Uint8Array>,
): PictureTokens {
  const known = new Map<string, TokenizedPicture>()

  return {
    async of(references) {
      const keys = references.map((reference) => JSON.stringify(reference))
      const missing = new Map<string, PictureReference>()
      for (const [at, key] of keys.entries()) if (!known.has(key)) missing.set(key, references[at] as PictureReference)
      const fresh = [...missing]
      const found = new Map<string, TokenizedPicture>()
      for (const key of keys) if (known.has(key)) found.set(key, known.get(key) as TokenizedPicture)
      for (let begin = 0; begin < fresh.length; begin += encoder.batch) {
        const part = fresh.slice(begin, begin + encoder.batch)
        const pixels: Uint8Array[] = []
        for (const [, reference] of part) pixels.push(await pixelsOf(reference))
        const encoded = await encoder.encode(pixels)
        for (const [at, [key]] of part.entries()) found.set(key, encoded[at] as TokenizedPicture)
      }
      for (const [key] of fresh) known.set(key, found.get(key) as TokenizedPicture)
      const bytes = found.values().next().value?.features.byteLength ?? 0
      const most = bytes === 0 ? KEPT : Math.min(KEPT, Math.floor(KEPT_BYTES / bytes))
      for (const key of known.keys()) {
        if (known.size <= most) break
        known.delete(key)
      }
      return keys.map((key) => found.get(key) as TokenizedPicture)
    },
    dispose: () => encoder.dispose(),
  }
}
