import type { StoredTensor } from '../../src-shared/safetensors.ts'

const NEVER = -1

/**
 * The life of every code over the training batches: plain counters beside the graph, since a step touches no more of them
 * than it has tokens. Steps count from 1; −1 means never.
 */
export class CodeHistory {
  readonly codes: number
  /** [layers][K] first and last step at which the layer used the code, and hits since `endWindow`. */
  readonly birth: Int32Array[]
  readonly lastUse: Int32Array[]
  readonly window: Int32Array[]
  /** [K] restarts so far, and the step of the last one. */
  readonly restarts: Int32Array
  readonly lastRestart: Int32Array

  constructor(codes: number, layers: number) {
    const each = (value: number) => Array.from({ length: layers }, () => new Int32Array(codes).fill(value))
    this.codes = codes
    this.birth = each(NEVER)
    this.lastUse = each(NEVER)
    this.window = each(0)
    this.restarts = new Int32Array(codes)
    this.lastRestart = new Int32Array(codes).fill(NEVER)
  }

  /**
   * Takes in the code map of one layer and step.
   * @param map codes, 0 to K − 1, in any order
   * @throws RangeError for an index that is no code, or a layer that is not there
   */
  use(step: number, layer: number, map: ArrayLike<number>): void {
    const [birth, lastUse, window] = [this.birth[layer], this.lastUse[layer], this.window[layer]]
    if (!birth || !lastUse || !window) throw new RangeError(`layer ${layer} of ${this.birth.length}`)
    for (let at = 0; at < map.length; at++) {
      const code = map[at] as number
      if (!(code >= 0 && code < this.codes))
        throw new RangeError(`code ${code} at place ${at} of layer ${layer} is none of the ${this.codes} codes`)
      if (birth[code] === NEVER) birth[code] = step
      lastUse[code] = step
      window[code] = (window[code] as number) + 1
    }
  }

  /** Codes that the step replaced. */
  restart(step: number, codes: ArrayLike<number>): void {
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at] as number
      this.restarts[code] = (this.restarts[code] as number) + 1
      this.lastRestart[code] = step
    }
  }

  /** Codes that no layer has used after `step`. */
  unusedSince(step: number): number {
    let unused = 0
    for (let code = 0; code < this.codes; code++)
      if (this.lastUse.every((last) => (last[code] as number) <= step)) unused++
    return unused
  }

  /** Begins the next window of usage. */
  endWindow(): void {
    for (const hits of this.window) hits.fill(0)
  }

  /** As a sample file and a checkpoint hold it: `history.*`, int32 [K] each, copies. */
  toTensors(): Record<string, StoredTensor> {
    return Object.fromEntries(
      this.#parts().map(([name, values]) => [name, { dtype: 'I32', shape: [this.codes], data: values.slice() }]),
    )
  }

  /**
   * The inverse of toTensors.
   * @throws Error naming the tensor that is missing or of another shape
   */
  restore(tensors: Readonly<Record<string, StoredTensor>>): void {
    for (const [name, values] of this.#parts()) values.set(recorded(tensors, name, 'I32', [this.codes]) as Int32Array)
  }

  #parts(): [string, Int32Array][] {
    const perLayer = (name: string, arrays: readonly Int32Array[]): [string, Int32Array][] =>
      arrays.map((values, layer) => [`history.${name}.${layer}`, values])
    return [
      ...perLayer('birth', this.birth),
      ...perLayer('lastUse', this.lastUse),
      ...perLayer('window', this.window),
      ['history.restarts', this.restarts],
      ['history.lastRestart', this.lastRestart],
    ]
  }
}

/** Data of a tensor that a record of a checkpoint must have. @throws Error naming what does not fit */
export function recorded(
  tensors: Readonly<Record<string, StoredTensor>>,
  name: string,
  dtype: 'I32' | 'F32',
  shape: readonly number[],
): Int32Array | Float32Array {
  const stored = tensors[name]
  if (!stored) throw new Error(`the checkpoint lacks "${name}" [${shape}]: it belongs to another config or version`)
  if (stored.dtype !== dtype || `${stored.shape}` !== `${shape}`)
    throw new Error(
      `the checkpoint's "${name}" is ${stored.dtype} [${stored.shape}], the config asks for ${dtype} [${shape}]`,
    )
  return stored.data as Int32Array | Float32Array
}
