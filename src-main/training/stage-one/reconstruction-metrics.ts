import { floats, type HostTensor } from '../../engine/runtimes/runtime.ts'
import { psnrOfMse } from '../../evaluation/image-errors.ts'
import { SSIM_SMALLEST, ssim } from '../../evaluation/structural-similarity.ts'

/** Smallest mean squared error that a PSNR is worked out from: identical pictures count as 126 dB, not as infinite. */
const LEAST_ERROR = 1e-12

/** Collects errors of reconstructions, batch by batch. */
export class ReconstructionMetrics {
  readonly #side: number
  /** Names of perceptual distances among the outputs. */
  readonly #distances: readonly string[]
  readonly #values: Record<string, number[]> = {}

  constructor(side: number, distances: readonly string[]) {
    this.#side = side
    this.#distances = distances
  }

  /**
   * @param images [B, S, S, 3] in [−1, 1] @param out of the program `reconstruct`
   * @param count pictures of the batch that count; the rest fills it up
   */
  add(images: HostTensor, out: Record<string, HostTensor>, count: number): void {
    const errors = floats(out, 'error').subarray(0, count)
    this.#push('heldout.mse', errors)
    this.#push('heldout.l1', floats(out, 'absolute').subarray(0, count))
    this.#push(
      'heldout.psnr',
      Array.from(errors, (error) => psnrOfMse(Math.max(error, LEAST_ERROR), 2)),
    )
    for (const name of this.#distances) this.#push(name, floats(out, name).subarray(0, count))
    if (this.#side < SSIM_SMALLEST) return
    const size = this.#side * this.#side * 3
    const shape = { height: this.#side, width: this.#side, channels: 3 }
    const [originals, painted] = [images.data as Float32Array, clipped(floats(out, 'reconstruction'))]
    const similarities = Array.from({ length: count }, (_, picture) => {
      const [from, to] = [picture * size, (picture + 1) * size]
      return ssim(originals.subarray(from, to), painted.subarray(from, to), shape, 2)
    })
    this.#push('heldout.ssim', similarities)
  }

  /** Means over all pictures so far. */
  means(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.#values).map(([name, values]) => [
        name,
        values.reduce((sum, value) => sum + value, 0) / values.length,
      ]),
    )
  }

  #push(name: string, values: ArrayLike<number>): void {
    this.#values[name] = [...(this.#values[name] ?? []), ...Array.from(values)]
  }
}

/** To [−1, 1]. */
export const clipped = (values: Float32Array): Float32Array => values.map((value) => Math.max(-1, Math.min(1, value)))
