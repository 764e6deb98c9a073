import { compile } from '../../engine/compile.ts'
import { float32, floats, type Program, type Runtime } from '../../engine/runtimes/runtime.ts'
import { tf } from '../../engine/tf.ts'

/** Vectors: [count, width], flat. */
export interface Vectors {
  count: number
  width: number
  values: Float32Array | Float64Array
}

/** Inner products of each vector of one set with each of another: [x.count, y.count], flat. */
export type Products = (x: Vectors, y: Vectors) => Promise<Float32Array | Float64Array>

/** In float64, which is exact but slow: for small sets. */
export const exactProducts: Products = async (x, y) => {
  const products = new Float64Array(x.count * y.count)
  for (let i = 0; i < x.count; i++)
    for (let j = 0; j < y.count; j++) {
      let sum = 0
      for (let at = 0; at < x.width; at++)
        sum += (x.values[i * x.width + at] as number) * (y.values[j * y.width + at] as number)
      products[i * y.count + j] = sum
    }
  return products
}

/** Vectors of a side of one product on a runtime; smaller sets are filled up with zeros. */
const TILE = 1024

export interface RuntimeProducts {
  products: Products
  dispose(): Promise<void>
}

/** In float32 by a runtime, fifty times as fast. The sums have relative errors of about 1e-6. */
export function runtimeProducts(runtime: Runtime): RuntimeProducts {
  const programs = new Map<number, Promise<Program>>()
  const programOf = (width: number): Promise<Program> => {
    let made = programs.get(width)
    if (!made) {
      const shape = [TILE, width]
      made = compile(
        runtime,
        runtime.createState({}),
        'inner-products',
        { x: { shape }, y: { shape } },
        [],
        ({ x, y }) => ({ products: tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, false, true) }),
      )
      programs.set(width, made)
    }
    return made
  }
  return {
    async products(x, y) {
      const { width } = x
      const program = await programOf(width)
      const all = new Float32Array(x.count * y.count)
      for (let top = 0; top < x.count; top += TILE)
        for (let left = 0; left < y.count; left += TILE) {
          const out = await program.run({ x: tileOf(x, top), y: tileOf(y, left) })
          const tile = floats(out, 'products')
          const columns = Math.min(TILE, y.count - left)
          for (let row = 0; row < Math.min(TILE, x.count - top); row++)
            all.set(tile.subarray(row * TILE, row * TILE + columns), (top + row) * y.count + left)
        }
      return all
    },
    async dispose() {
      for (const program of programs.values()) await (await program).dispose()
    },
  }
}

function tileOf({ values, width, count }: Vectors, from: number) {
  const tile = new Float32Array(TILE * width)
  tile.set(values.subarray(from * width, Math.min(count, from + TILE) * width))
  return float32(tile, [TILE, width])
}
