import type { CropDraw } from './crop.ts'
import { createRandom } from './random.ts'

/** What chance decides about a training picture each time it is seen: a pure function of (seed, epoch, picture). */
export interface TrainingDraw extends CropDraw {
  mirrored: boolean
}

export function trainingDraw(seed: number, epoch: number, picture: number): TrainingDraw {
  const random = createRandom(seed, 'crop', epoch, picture)
  const [size, left, top] = [random.uniform(), random.uniform(), random.uniform()]
  return { size, left, top, mirrored: random.uniform() < 0.5 }
}

/** Turns a picture's left to its right, in place. @param pixels U8 [side, side, 3] */
export function mirror(pixels: Uint8Array, side: number): void {
  for (let row = 0; row < side; row++)
    for (let at = 0; at < side >> 1; at++) {
      const [left, right] = [(row * side + at) * 3, (row * side + side - 1 - at) * 3]
      for (let channel = 0; channel < 3; channel++) {
        const kept = pixels[left + channel] as number
        pixels[left + channel] = pixels[right + channel] as number
        pixels[right + channel] = kept
      }
    }
}
