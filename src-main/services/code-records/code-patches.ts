import type { CodePatches } from '../../../src-shared/contract/code-records.ts'
import { SAMPLE_CAPTIONS } from '../../../src-shared/events.ts'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import { stepsIn } from '../../jobs/checkpoints.ts'
import { cutPatch, patchRegion } from './patch-geometry.ts'
import { layersIn, readSteps } from './recorded-steps.ts'
import type { TensorParts } from './tensor-parts.ts'

interface Patch {
  step: number
  layer: number
  picture: number
  cell: number
  side: number
  input: Uint8Array
  reconstruction: Uint8Array
  caption: string
}

/**
 * The regions of the held-out pictures that a code paints, newest sample first. A region that the code still paints is
 * shown once, as it is now; older samples add those that it has left.
 * @param margin cells of surroundings on each side
 */
export async function codePatches(
  folder: string,
  { code, step, limit, margin }: { code: number; step: number; limit: number; margin: number },
): Promise<CodePatches> {
  const patches: Patch[] = []
  const seen = new Set<string>()
  const failures: CodePatches['unreadable'] = []
  for (const at of stepsIn(folder)
    .filter((one) => one <= step)
    .reverse()) {
    if (patches.length >= limit) break
    const { unreadable } = await readSteps(
      folder,
      async (parts) => {
        for (const patch of await patchesOfStep(parts, at, code, margin, seen, limit - patches.length))
          patches.push(patch)
      },
      [at],
    )
    failures.push(...unreadable)
  }
  return {
    patches: patches.map(({ input: _, reconstruction: __, ...place }) => place),
    unreadable: failures,
    file: new Blob([
      encodeSafetensors(
        Object.fromEntries(
          patches.flatMap(({ input, reconstruction, side }, index) => [
            [`input.${index}`, { dtype: 'U8' as const, shape: [side, side, 4], data: input }],
            [`reconstruction.${index}`, { dtype: 'U8' as const, shape: [side, side, 4], data: reconstruction }],
          ]),
        ),
      ) as Uint8Array<ArrayBuffer>,
    ]),
  }
}

async function patchesOfStep(
  parts: TensorParts,
  step: number,
  code: number,
  margin: number,
  seen: Set<string>,
  room: number,
): Promise<Patch[]> {
  const [, pictureSide = 0] = parts.shape('input') ?? []
  const captions = JSON.parse(parts.metadata[SAMPLE_CAPTIONS] ?? '[]') as unknown[]
  const patches: Patch[] = []
  const bytes = pictureSide * pictureSide * 3
  for (let layer = 0; layer < layersIn(parts); layer++) {
    const [, rows = 1, columns = 1] = parts.shape(`codes.${layer}`) ?? []
    const codes = await parts.read(`codes.${layer}`, 'I32')
    for (let at = codes.indexOf(code); at >= 0 && patches.length < room; at = codes.indexOf(code, at + 1)) {
      const picture = Math.floor(at / (rows * columns))
      const cell = at % (rows * columns)
      const key = `${layer} ${at}`
      if (seen.has(key)) continue
      seen.add(key)
      const region = patchRegion({ rows, columns }, cell, pictureSide, margin)
      const cut = async (name: string) =>
        cutPatch(await parts.read(name, 'U8', picture * bytes, bytes), pictureSide, region)
      patches.push({
        step,
        layer,
        picture,
        cell,
        side: region.size,
        input: await cut('input'),
        reconstruction: await cut('reconstruction'),
        caption: String(captions[picture] ?? `picture ${picture + 1}`),
      })
    }
  }
  return patches
}
