import { describe, expect, it } from 'vitest'
import { compile } from '../engine/compile.ts'
import { floats } from '../engine/runtimes/runtime.ts'
import { randomFloats, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { bilinearWeights, resizeBilinear } from './resize.ts'

const [BATCH, CHANNELS] = [2, 3]

describe.each(runtimes)('bilinear resizing on $name', (runtime) => {
  it.each([
    { height: 6, width: 9, side: 4 },
    { height: 3, width: 5, side: 8 },
    { height: 7, width: 7, side: 7 },
  ])('of $height × $width to $side weighs every pixel by its row’s and its column’s weight', async (sizes) => {
    const { height, width, side } = sizes
    const images = randomFloats(3, [BATCH, height, width, CHANNELS])
    const specs = { images: { shape: images.shape } }
    const state = runtime.createState({})
    const program = await compile(runtime, state, 'resize', specs, [], (tensors) => ({
      // A copy, as an output must be something else than the input.
      resized: tf.mul(resizeBilinear(tensors.images as Tensor, side), 1),
    }))
    const got = floats(await program.run({ images }), 'resized')
    await program.dispose()
    const [down, across] = [bilinearWeights(height, side), bilinearWeights(width, side)]
    const pixels = images.data as Float32Array
    for (let at = 0; at < got.length; at++) {
      const channel = at % CHANNELS
      const column = Math.floor(at / CHANNELS) % side
      const row = Math.floor(at / CHANNELS / side) % side
      const picture = Math.floor(at / CHANNELS / side / side)
      let sum = 0
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          sum +=
            (down[row * height + y] as number) *
            (across[column * width + x] as number) *
            (pixels[((picture * height + y) * width + x) * CHANNELS + channel] as number)
      expect(got[at], `place ${at}`).toBeCloseTo(sum, 5)
    }
  })
})
