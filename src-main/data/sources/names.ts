import { DataError } from '../source.ts'

/**
 * A list of texts in two flat arrays: 1,000,000 paths of 30 bytes take 34 MB, where as many strings would take three
 * times that and be walked by every garbage collection.
 */
export class Names {
  #bytes: Buffer = Buffer.alloc(1 << 12)
  /** Where each text ends; it begins where the one before ends. */
  #ends = new Uint32Array(1 << 8)
  #order: Uint32Array | null = null
  length = 0

  add(text: string): void {
    const from = this.length === 0 ? 0 : (this.#ends[this.length - 1] as number)
    // A UTF-16 unit takes three bytes at most.
    const most = from + text.length * 3
    if (most >= 2 ** 32 - 1) throw new DataError('the names of the pictures take more than 4 GB; use fewer of them')
    if (most > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(most, Math.min(2 ** 32 - 1, Math.ceil(this.#bytes.length * 1.5))))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    if (this.length === this.#ends.length) {
      const larger = new Uint32Array(Math.ceil(this.length * 1.5))
      larger.set(this.#ends)
      this.#ends = larger
    }
    this.#ends[this.length++] = from + this.#bytes.write(text, from)
  }

  at(index: number): string {
    const place = this.#order === null ? index : (this.#order[index] as number)
    return this.#bytes.toString('utf8', this.#from(place), this.#ends[place])
  }

  /** Puts the texts in the order of their bytes. Nothing may be added afterwards. */
  sort(): void {
    const bytes = this.#bytes
    const ends = this.#ends
    this.#order = Uint32Array.from({ length: this.length }, (_, at) => at).sort((a, b) =>
      bytes.compare(bytes, this.#from(b), ends[b], this.#from(a), ends[a]),
    )
  }

  /** Place of a text among sorted ones; −1 if it is not there. */
  indexOf(text: string): number {
    const order = this.#order
    if (order === null) throw new Error('names are searched before they are sorted')
    const wanted = Buffer.from(text)
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const place = order[middle] as number
      const compared = this.#bytes.compare(wanted, 0, wanted.length, this.#from(place), this.#ends[place])
      if (compared === 0) return middle
      if (compared < 0) low = middle + 1
      else high = middle
    }
    return -1
  }

  /** Takes part in a hash of everything that is listed. */
  hashInto(hash: { update(bytes: Uint8Array): unknown }): void {
    for (let at = 0; at < this.length; at++) {
      const place = this.#order === null ? at : (this.#order[at] as number)
      hash.update(this.#bytes.subarray(this.#from(place), this.#ends[place]))
      hash.update(SEPARATOR)
    }
  }

  #from(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] as number)
  }
}

const SEPARATOR = Buffer.of(0)
