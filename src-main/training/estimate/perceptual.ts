import type { LossesConfig } from '../../../src-shared/config.ts'

type Network = LossesConfig['perceptual']['network']

/** A convolution: side of the kernel, channels in and out (`depthwise`: a filter a channel), how far the picture has been halved. */
interface Layer {
  kernel: number
  from: number
  to: number
  halvings: number
  depthwise?: boolean
}

/** Channels of VGG16's thirteen convolutions by how far the picture has been halved (Simonyan & Zisserman 2015, D). */
const VGG16 = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
]

function vgg16(): Layer[] {
  let from = 3
  return VGG16.flatMap((block, halvings) =>
    block.map((to) => {
      const layer = { kernel: 3, from, to, halvings }
      from = to
      return layer
    }),
  )
}

/** MobileNetV2's blocks (Sandler et al. 2018, table 2): expansion, channels, how many, stride of the first. */
const MOBILENET_V2 = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
] as const
/** Index of the last block whose expansion is read, counted as Keras does; the block's own convolution is not. */
const LAST_BLOCK = 13

function mobileNetV2(): Layer[] {
  const layers: Layer[] = [{ kernel: 3, from: 3, to: 32, halvings: 1 }]
  let [from, halvings, block] = [32, 1, 0]
  for (const [expansion, to, count, stride] of MOBILENET_V2)
    for (let index = 0; index < count && block <= LAST_BLOCK; index++, block++) {
      const wide = from * expansion
      if (expansion > 1) layers.push({ kernel: 1, from, to: wide, halvings })
      if (block === LAST_BLOCK) return layers
      if (index === 0 && stride === 2) halvings++
      layers.push(
        { kernel: 3, from: wide, to: wide, halvings, depthwise: true },
        { kernel: 1, from: wide, to, halvings },
      )
      from = to
    }
  return layers
}

const layersOf = (network: Network): Layer[] =>
  network === 'lpips-vgg16' ? vgg16() : network === 'mobilenet-v2' ? mobileNetV2() : []

/** Weights of one layer: with a bias in VGG16; in MobileNetV2 with the four vectors of batch normalisation. */
const countOf = (network: Network, { kernel, from, to, depthwise }: Layer): number =>
  kernel * kernel * (depthwise ? 1 : from) * to + (network === 'lpips-vgg16' ? to : 4 * to)

/** LPIPS weighs the channels of VGG16's five blocks. */
const LPIPS_WEIGHTS = VGG16.reduce((sum, block) => sum + (block.at(-1) as number), 0)

/** Weights that are read, up to the last layer that is compared; none of them learns. */
export const perceptualParameters = (network: Network): number =>
  layersOf(network).reduce((sum, layer) => sum + countOf(network, layer), network === 'lpips-vgg16' ? LPIPS_WEIGHTS : 0)

/** MobileNetV2 gets pictures of at least so many pixels: smaller ones are enlarged a whole number of times. */
const SMALLEST_FOR_MOBILENET = 64

/** Operations and output values of one picture on the way forward. @param pictureSide in pixels */
export function perceptualWork(network: Network, pictureSide: number): { operations: number; outputs: number } {
  let [operations, outputs] = [0, 0]
  const times = network === 'mobilenet-v2' ? Math.ceil(SMALLEST_FOR_MOBILENET / pictureSide) : 1
  const side = times * pictureSide
  for (const { kernel, from, to, halvings, depthwise } of layersOf(network)) {
    const positions = Math.ceil(side / 2 ** halvings) ** 2
    operations += 2 * kernel * kernel * (depthwise ? 1 : from) * to * positions
    outputs += to * positions
  }
  return { operations, outputs }
}
