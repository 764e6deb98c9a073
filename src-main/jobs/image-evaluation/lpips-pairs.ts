import { compile } from '../../engine/compile.ts'
import { float32, floats, type Program, type Runtime } from '../../engine/runtimes/runtime.ts'
import type { Tensor } from '../../engine/tf.ts'
import type { PairNetwork } from '../../evaluation/images/pair-measures.ts'
import type { Raster } from '../../evaluation/resampling.ts'
import { openLpips } from '../../tokenizers/perceptual/lpips.ts'

/** LPIPS of pairs of pictures of any size; a program is made for each size. @throws WeightsError */
export async function lpipsPairs(path: string, runtime: Runtime): Promise<PairNetwork & { dispose(): Promise<void> }> {
  const network = await openLpips(path)
  const programs = new Map<string, Promise<Program>>()
  const programOf = (shape: readonly number[]): Promise<Program> => {
    const key = shape.join()
    let made = programs.get(key)
    if (!made) {
      made = compile(runtime, runtime.createState({}), 'lpips', { x: { shape }, y: { shape } }, [], ({ x, y }) => ({
        distance: network.bind()(x as Tensor, y as Tensor),
      }))
      programs.set(key, made)
    }
    return made
  }
  return {
    source: network.source,
    definition: network.definition,
    async measure(x, y) {
      const shape = [1, x.height, x.width, 3]
      const input = ({ data }: Raster<Uint8Array>) =>
        float32(
          Float32Array.from(data, (byte) => byte / 127.5 - 1),
          shape,
        )
      const out = await (await programOf(shape)).run({ x: input(x), y: input(y) })
      return floats(out, 'distance')[0] as number
    },
    async dispose() {
      for (const program of programs.values()) await (await program).dispose()
    },
  }
}
