/**
 * The alphabet in which byte-level BPE (GPT-2) writes its tokens: printable bytes of Latin-1 stand for themselves, the
 * 68 others for the characters from U+0100 on, in order.
 */
const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)

const BYTE_OF: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>()
  let others = 0
  for (let byte = 0; byte < 256; byte++) map.set(String.fromCodePoint(printable(byte) ? byte : 0x100 + others++), byte)
  return map
})()

/** Bytes of a token in that alphabet, or null if it has other characters. */
export function bytesOfToken(token: string): Uint8Array | null {
  const bytes: number[] = []
  for (const character of token) {
    const byte = BYTE_OF.get(character)
    if (byte === undefined) return null
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text where they are UTF-8, else each as <0xE2>. */
export function showBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return Array.from(bytes, (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join('')
  }
}
