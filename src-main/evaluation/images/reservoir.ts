import { createRandom, type Random } from '../../data/random.ts'
import type { Vectors } from './products.ts'

/** Keeps so many of the vectors that pass by, each with the same chance (Vitter 1985, algorithm R); all if there are no more. */
export class Reservoir {
  readonly #width: number
  readonly #most: number
  readonly #random: Random
  #kept: Float32Array
  #seen = 0

  constructor(width: number, most: number, seed: number) {
    this.#width = width
    this.#most = most
    this.#random = createRandom(seed, 'reservoir')
    this.#kept = new Float32Array(Math.min(most, 256) * width)
  }

  /** @param vectors [n, width], flat */
  add(vectors: Float32Array): void {
    for (let from = 0; from < vectors.length; from += this.#width) {
      const place = this.#seen < this.#most ? this.#seen : this.#random.int(this.#seen + 1)
      this.#seen++
      if (place >= this.#most) continue
      if ((place + 1) * this.#width > this.#kept.length) this.#grow()
      this.#kept.set(vectors.subarray(from, from + this.#width), place * this.#width)
    }
  }

  vectors(): Vectors {
    const count = Math.min(this.#seen, this.#most)
    return { count, width: this.#width, values: this.#kept.subarray(0, count * this.#width) }
  }

  #grow(): void {
    const larger = new Float32Array(Math.min(this.#most * this.#width, 2 * this.#kept.length))
    larger.set(this.#kept)
    this.#kept = larger
  }
}
