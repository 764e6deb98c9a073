import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import { float32, floats, type HostTensor, number } from '../../engine/runtimes/runtime.ts'
import { coordinatesOn, type PrincipalAxes } from '../../evaluation/principal-components.ts'
import { MOVED } from './code-sample.ts'
import type { Run } from './run.ts'

/** Applies Eq. 3 and records what it did: the drift before and after, and the way of every code that had left its row. */
export async function syncWithLanguage({ options, config, programs, position, record }: Run): Promise<void> {
  const { plane } = record
  if (!plane) throw new Error(`no plane to draw the sync of step ${position.step} on: the first sample makes it`)
  const width = plane.mean.length
  const out = await programs.sync.run({ plane: float32(transposed(plane.directions, width), [width, 2]) })
  const side = (when: 'before' | 'after') => ({
    cosine: number(out, `${when}.cosine`),
    distance: number(out, `${when}.distance`),
  })
  options.recorder.event({ kind: 'sync', step: position.step, before: side('before'), after: side('after') })
  options.recorder.sync(position.step, syncTensors(out, plane, config.codebook.syncLambda))
}

/** The codes that had left their rows, and where they were and are on the plane (SyncLayout). */
function syncTensors(
  out: Record<string, HostTensor>,
  plane: PrincipalAxes,
  lambda: number,
): Record<string, StoredTensor> {
  const distance = floats(out, 'distance')
  const moved = Int32Array.from([...distance.keys()].filter((code) => (distance[code] as number) > MOVED))
  const [points, rowPoints] = [floats(out, 'points'), floats(out, 'rowPoints')]
  const [before, after] = [new Float32Array(2 * moved.length), new Float32Array(2 * moved.length)]
  // The plane's origin is the rows' mean.
  const origin = coordinatesOn({ ...plane, mean: new Float32Array(plane.mean.length) }, plane.mean)
  for (const [at, code] of moved.entries())
    for (const axis of [0, 1]) {
      const from = points[2 * code + axis] as number
      const to = lambda * from + (1 - lambda) * (rowPoints[2 * code + axis] as number)
      before[2 * at + axis] = from - (origin[axis] as number)
      after[2 * at + axis] = to - (origin[axis] as number)
    }
  const pairs = (data: Float32Array): StoredTensor => ({ dtype: 'F32', shape: [moved.length, 2], data })
  return {
    moved: { dtype: 'I32', shape: [moved.length], data: moved },
    before: pairs(before),
    after: pairs(after),
  }
}

/** [rows, width] → [width, rows] */
function transposed(matrix: Float32Array, width: number): Float32Array {
  const rows = matrix.length / width
  return Float32Array.from(
    { length: matrix.length },
    (_, at) => matrix[(at % rows) * width + Math.floor(at / rows)] as number,
  )
}
