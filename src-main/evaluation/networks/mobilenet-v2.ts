import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Tensor, tf } from '../../engine/tf.ts'
import { readExportedLiteral } from './javascript-literal.ts'
import { type KerasNetwork, kerasNetwork } from './keras-network.ts'
import type { NetworkSource } from './network-source.ts'

/**
 * The MobileNetV2 that the npm package nsfwjs carries: a Keras layers model for pictures in [0, 1], 224 px, its weights
 * in 8 bits. Its files are read as data; nothing of the package is run.
 */
export interface MobileNetV2 {
  /** Last layers of each resolution before it is halved, at 1/2, 1/4, 1/8 and 1/16 of the picture's side. */
  stages: KerasNetwork
  /** block_13_expand_relu alone: 576 channels at 1/16 of the side. */
  features: KerasNetwork
  source: NetworkSource
}

export const STAGES = ['block_1_expand_relu', 'block_3_expand_relu', 'block_6_expand_relu', 'block_13_expand_relu']
export const FEATURES = 'block_13_expand_relu'
/** Side that the network was trained at. */
export const MOBILENET_SIDE = 224

let opened: MobileNetV2 | null = null

/** @throws Error if the package is not installed, or does not hold what it held */
export function openMobileNetV2(): MobileNetV2 {
  if (opened) return opened
  const require = createRequire(import.meta.url)
  const files = ['model.min.js', 'group1-shard1of1.min.js']
  // The package names no such path among its exports; its main file stands at dist/cjs/index.js.
  const folder = join(dirname(require.resolve('nsfwjs')), '..', 'models', 'mobilenet_v2')
  const [model, shard] = files.map((file) => readFileSync(join(folder, file))) as [Buffer, Buffer]
  const topology = readExportedLiteral(model.toString('utf8'), files[0] as string)
  const encoded = readExportedLiteral(shard.toString('utf8'), files[1] as string)
  if (typeof encoded !== 'string') throw new Error(`${files[1]} holds no string of weights`)
  const weights = Buffer.from(encoded, 'base64')
  const { version } = JSON.parse(readFileSync(join(folder, '..', '..', '..', 'package.json'), 'utf8'))
  opened = {
    stages: kerasNetwork(topology, weights, STAGES),
    features: kerasNetwork(topology, weights, [FEATURES]),
    source: {
      name: 'MobileNetV2',
      file: `nsfwjs ${version}, dist/models/mobilenet_v2`,
      sha256: createHash('sha256').update(model).update(shard).digest('hex'),
    },
  }
  return opened
}

/** [−1, 1] → [0, 1], what the network wants. */
export const toUnitRange = (images: Tensor): Tensor => tf.mul(tf.add(images, 1), 0.5)
