import { PAINTING_REQUESTS } from '../../src-shared/events.ts'
import type { StoredTensor } from '../../src-shared/safetensors.ts'

/**
 * Painted pictures as the contents of a painting file (PaintingLayout).
 * @param pixels U8 [P, S, S, 3]
 * @param codes per layer int32 [P · h · w], by the ids that people see
 * @param requests what each was asked for; '' for nothing
 */
export function paintingFile(
  { pixels, side }: { pixels: Uint8Array; side: number },
  codes: readonly Int32Array[],
  sides: readonly number[],
  requests: readonly string[],
): { tensors: Record<string, StoredTensor>; metadata: Record<string, string> } {
  const count = requests.length
  const tensors: Record<string, StoredTensor> = {
    painting: { dtype: 'U8', shape: [count, side, side, 3], data: pixels },
  }
  for (const [layer, map] of codes.entries()) {
    const cells = sides[layer] as number
    tensors[`codes.${layer}`] = { dtype: 'I32', shape: [count, cells, cells], data: map }
  }
  return { tensors, metadata: { [PAINTING_REQUESTS]: JSON.stringify(requests) } }
}
