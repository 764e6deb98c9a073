/** The tokenizer of a pretrained language model, whatever file it comes from. */
export interface TextTokenizer {
  /** Tokens of the vocabulary. */
  size: number
  /** Ids of a text; special tokens written in it are taken as such, and nothing is put around it. */
  encode(text: string): number[]
  /** @throws RangeError for an id that is not in the vocabulary */
  decode(ids: readonly number[], options?: { special?: boolean }): string
  /** Text of a token as people read it; bytes that are no whole character as <0xE2>. */
  show(id: number): string
  /** Ids that stand for themselves in a text and are never made by merging. */
  special: ReadonlySet<number>
  /** Token that begins every text, or null if none is put there. */
  begin: number | null
  /** The token that templates call bos_token, put there or not; '' if there is none. */
  beginText: string
  /** Token that ends an answer. */
  end: number
  /** Fills up sequences. */
  pad: number
  /** Jinja template that lays out a dialogue; '' if there is none. */
  chatTemplate: string
}
