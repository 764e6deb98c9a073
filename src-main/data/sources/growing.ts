type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

/** A typed array that grows as numbers are added: places and lengths of a million things. */
export class Growing<Kind extends Numbers> {
  #array: Kind
  readonly #make: (length: number) => Kind
  length = 0

  constructor(make: (length: number) => Kind) {
    this.#make = make
    this.#array = make(64)
  }

  static places = (): Growing<Float64Array<ArrayBuffer>> => new Growing((length) => new Float64Array(length))
  static counts = (): Growing<Uint32Array<ArrayBuffer>> => new Growing((length) => new Uint32Array(length))

  add(value: number): void {
    if (this.length === this.#array.length) {
      const larger = this.#make(Math.ceil(this.length * 1.5))
      larger.set(this.#array)
      this.#array = larger
    }
    this.#array[this.length++] = value
  }

  at(index: number): number {
    return this.#array[index] as number
  }

  /** What was added, without the room to grow. */
  done(): Kind {
    return this.#array.slice(0, this.length) as Kind
  }
}
