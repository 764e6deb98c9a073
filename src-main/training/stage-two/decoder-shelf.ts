import { type Decoder, openDecoderOver } from '../../language/decoder.ts'
import { positionModel } from '../../multimodal/position-model.ts'
import type { Position } from '../../multimodal/positions.ts'
import type { OpenedModel } from './open-model.ts'
import { readBy } from './programs.ts'

/** Decoders kept at a time; each has the memory of its cache. */
const MOST = 2

/** Decoders by how many sequences they take, each a power of two. One is lent at a time: its cache is of one use alone. */
export class DecoderShelf {
  readonly #opened: OpenedModel
  readonly #context: number
  /** By the sequences they take, in order of their last use. */
  readonly #decoders = new Map<number, Decoder<Position>>()
  #last: Promise<void> = Promise.resolve()

  /** @param context most positions of a sequence */
  constructor(opened: OpenedModel, context: number) {
    this.#opened = opened
    this.#context = context
  }

  /** @param rows sequences that go side by side @param use waits until every use before it has ended */
  async *lend<Event>(rows: number, use: (decoder: Decoder<Position>) => AsyncGenerator<Event>): AsyncGenerator<Event> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    try {
      yield* use(await this.#get(2 ** Math.ceil(Math.log2(rows))))
    } finally {
      resolve()
    }
  }

  async dispose(): Promise<void> {
    const decoders = [...this.#decoders.values()]
    this.#decoders.clear()
    for (const decoder of decoders) await decoder.dispose()
  }

  async #get(batch: number): Promise<Decoder<Position>> {
    const known = this.#decoders.get(batch)
    this.#decoders.delete(batch)
    if (known) {
      this.#decoders.set(batch, known)
      return known
    }
    for (const [oldest, decoder] of this.#decoders) {
      if (this.#decoders.size < MOST) break
      this.#decoders.delete(oldest)
      await decoder.dispose()
    }
    const { language, runtime, state, model, rules, pad } = this.#opened
    const ownCodes = model.reading.config.multimodal.paradigm === 'visual-tokenizer'
    const decoder = await openDecoderOver(
      runtime,
      state,
      positionModel(model.llama, model.reading, {
        vocabulary: ownCodes ? rules.tokens.outputs : language.vocabulary,
        pad,
        reads: readBy(state, model, []),
      }),
      { batch, context: this.#context },
    )
    this.#decoders.set(batch, decoder)
    return decoder
  }
}
