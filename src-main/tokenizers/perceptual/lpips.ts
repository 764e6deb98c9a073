import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Tensor, tf } from '../../engine/tf.ts'
import { openSafetensors, type SafetensorsWeights } from '../../language/weights/safetensors.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'
import type { PerceptualNetwork } from './perceptual-network.ts'

/**
 * LPIPS with VGG16 (Zhang et al. 2018, version 0.1): features after the last ReLU of each of five stages, scaled to
 * length 1 over channels, squared differences weighted per channel, summed over channels, averaged over positions, and
 * summed over the stages. The weights are the user's: torchvision's vgg16 ("features.0.weight" …) and the linear layers
 * of the lpips package ("lin0.model.1.weight" …), in one or more safetensors files. Channel counts are the files' own.
 */

/** Numbers of torchvision's convolutions, by stage; a 2 × 2 maximum stands between stages. */
const STAGES = [
  [0, 2],
  [5, 7],
  [10, 12, 14],
  [17, 19, 21],
  [24, 26, 28],
]
/** The scaling layer of lpips, for RGB in [−1, 1]. */
const SHIFT = [-0.03, -0.088, -0.188]
const SCALE = [0.458, 0.448, 0.45]
/** Squared length below which a feature counts as none; the gradient stays finite at 0. */
const EPSILON = 1e-20

interface Convolution {
  /** HWIO */
  kernel: Float32Array
  shape: [number, number, number, number]
  bias: Float32Array
}
interface Stage {
  convolutions: Convolution[]
  /** Weight of each channel. */
  linear: Float32Array
}

/**
 * @param path folder or safetensors file
 * @throws WeightsError naming the tensor that is missing or has another shape than its place asks for
 */
export async function openLpips(path: string): Promise<PerceptualNetwork> {
  const files = await safetensorsAt(path)
  const opened: SafetensorsWeights[] = []
  try {
    for (const file of files) opened.push(await openSafetensors(file))
    const read = reader(path, opened)
    const stages: Stage[] = []
    let channels = 3
    for (const [index, numbers] of STAGES.entries()) {
      const convolutions: Convolution[] = []
      for (const number of numbers) {
        const weight = await read(`features.${number}.weight`, [null, channels, 3, 3])
        const outputs = weight.shape[0] as number
        const bias = await read(`features.${number}.bias`, [outputs])
        convolutions.push({ kernel: toHwio(weight), shape: [3, 3, channels, outputs], bias: bias.data })
        channels = outputs
      }
      const linear = await read(`lin${index}.model.1.weight`, [1, channels, 1, 1])
      stages.push({ convolutions, linear: linear.data })
    }
    return {
      source: {
        name: 'LPIPS (VGG16)',
        file: files.map((file) => basename(file)).join(', '),
        sha256: await hashOf(files),
      },
      definition:
        'LPIPS 0.1 with VGG16: relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3, scaled to length 1 over channels, squared differences weighted by the linear layers, averaged over positions and summed; pictures at their own size.',
      bind: () => bind(stages),
    }
  } finally {
    for (const file of opened) await file.close()
  }
}

function bind(stages: readonly Stage[]) {
  const bound = stages.map(({ convolutions, linear }) => ({
    convolutions: convolutions.map(({ kernel, shape, bias }) => ({
      kernel: tf.tensor4d(kernel, shape),
      bias: tf.tensor1d(bias),
    })),
    linear: tf.tensor1d(linear),
  }))
  const [shift, scale] = [tf.tensor1d(SHIFT), tf.tensor1d(SCALE)]
  const features = (images: Tensor): Tensor[] => {
    let x = tf.div(tf.sub(images, shift), scale) as tf.Tensor4D
    return bound.map(({ convolutions }, stage) => {
      if (stage > 0) x = halve(x)
      for (const { kernel, bias } of convolutions) x = tf.relu(tf.add(tf.conv2d(x, kernel, 1, 'same'), bias))
      return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 3, true), EPSILON)))
    })
  }
  return (x: Tensor, y: Tensor): Tensor => {
    const [left, right] = [features(x), features(y)]
    return tf.addN(
      bound.map(({ linear }, stage) => {
        const difference = tf.squaredDifference(left[stage] as Tensor, right[stage] as Tensor)
        return tf.mean(tf.sum(tf.mul(difference, linear), 3), [1, 2])
      }),
    )
  }
}

/** Maximum of each 2 × 2 block; a last odd row or column is left out. @throws Error for a map of one row or column */
function halve(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  if (rows < 1 || columns < 1)
    throw new Error('pictures below 16 px leave nothing for the last stage of VGG16; use larger ones')
  const whole = height % 2 || width % 2 ? tf.slice(x, [0, 0, 0, 0], [batch, 2 * rows, 2 * columns, channels]) : x
  return tf.max(tf.reshape(whole, [batch, rows, 2, columns, 2, channels]), [2, 4]) as tf.Tensor4D
}

interface Read {
  shape: readonly number[]
  data: Float32Array
}

/** Reads a tensor from whichever file has it; null in a shape stands for any size. */
const reader =
  (path: string, files: readonly SafetensorsWeights[]) =>
  async (name: string, shape: readonly (number | null)[]): Promise<Read> => {
    const file = files.find(({ names }) => names.includes(name))
    if (!file)
      throw new WeightsError(
        `${path} has no tensor "${name}"; LPIPS needs torchvision's vgg16 (features.*) and the linear layers of lpips (lin0.model.1.weight to lin4.model.1.weight)`,
      )
    const tensor = file.tensor(name)
    if (tensor.shape.length !== shape.length || shape.some((size, at) => size !== null && size !== tensor.shape[at]))
      throw new WeightsError(
        `${path}: "${name}" is [${tensor.shape}], but [${shape.map((size) => size ?? 'any')}] belongs there`,
      )
    return { shape: tensor.shape, data: await tensor.read() }
  }

/** [out, in, 3, 3] → [3, 3, in, out] */
function toHwio({ shape, data }: Read): Float32Array {
  const [outputs, inputs] = shape as [number, number]
  const kernel = new Float32Array(data.length)
  for (let out = 0; out < outputs; out++)
    for (let from = 0; from < inputs; from++)
      for (let tap = 0; tap < 9; tap++)
        kernel[(tap * inputs + from) * outputs + out] = data[(out * inputs + from) * 9 + tap] as number
  return kernel
}

async function safetensorsAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new WeightsError(`there is no ${path}; losses.perceptual.path names VGG16 and LPIPS weights`)
  if (!found.isDirectory()) return [path]
  const files = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort()
  if (files.length === 0) throw new WeightsError(`${path} holds no safetensors file`)
  return files.map((name) => join(path, name))
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) await pipeline(createReadStream(file), hash, { end: false })
  return hash.digest('hex')
}
