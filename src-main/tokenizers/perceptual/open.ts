import type { LossesConfig } from '../../../src-shared/config.ts'
import { openLpips } from './lpips.ts'
import { mobileNetDistance } from './mobilenet-distance.ts'
import type { PerceptualNetwork } from './perceptual-network.ts'

/** The network of the config's perceptual loss; null without one. @throws what the network's file is missing */
export async function openPerceptualNetwork({
  network,
  path,
}: LossesConfig['perceptual']): Promise<PerceptualNetwork | null> {
  switch (network) {
    case 'none':
      return null
    case 'mobilenet-v2':
      return mobileNetDistance()
    case 'lpips-vgg16':
      return openLpips(path)
  }
}
