import { decodeSafetensors, SafetensorsError } from '../../src-shared/safetensors.ts'
import type { Pixels } from './PictureTile.tsx'
import { rgba } from './paint.ts'

/**
 * Pictures out of a safetensors file that holds them as U8 [S, S, 3], or several as [N, S, S, 3].
 * @throws SafetensorsError naming the tensor that is missing or no picture
 */
export function picturesOf(bytes: Uint8Array, name: string): Pixels[] {
  const { tensors } = decodeSafetensors(bytes)
  const tensor = tensors[name]
  if (!tensor)
    throw new SafetensorsError(`picture file: tensor "${name}" is missing; it holds ${Object.keys(tensors).join(', ')}`)
  const { data, shape } = tensor
  const [height = 0, width = 0, channels] = shape.slice(-3)
  if (!(data instanceof Uint8Array) || channels !== 3 || shape.length > 4)
    throw new SafetensorsError(
      `picture file: tensor "${name}" is ${tensor.dtype} [${shape.join(', ')}], expected U8 [S, S, 3] or [N, S, S, 3]`,
    )
  const size = width * height * 3
  const count = shape.length === 4 ? (shape[0] as number) : 1
  return Array.from({ length: count }, (_, index) => ({
    data: rgba(data.subarray(index * size, (index + 1) * size)),
    width,
    height,
  }))
}

/** The one picture of that name. @throws SafetensorsError */
export function pictureOf(bytes: Uint8Array, name: string): Pixels {
  const [picture] = picturesOf(bytes, name)
  if (!picture) throw new SafetensorsError(`picture file: tensor "${name}" holds no picture`)
  return picture
}
