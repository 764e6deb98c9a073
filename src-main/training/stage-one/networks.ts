import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { mobileNetDistance } from '../../tokenizers/perceptual/mobilenet-distance.ts'
import { openPerceptualNetwork } from '../../tokenizers/perceptual/open.ts'
import type { PerceptualNetwork } from '../../tokenizers/perceptual/perceptual-network.ts'

/** Networks that never change, by which a run loses or is measured. */
export interface StageOneNetworks {
  /** Of the perceptual loss; null without one. */
  loss: PerceptualNetwork | null
  /** Of the perceptual distances of held-out reconstructions, by metric. */
  heldOut: Readonly<Record<string, PerceptualNetwork>>
}

/** The packaged network always measures; the user's LPIPS does where the config names it. */
export async function openNetworks({ losses: { perceptual } }: ExperimentConfig): Promise<StageOneNetworks> {
  const loss = await openPerceptualNetwork(perceptual)
  return {
    loss,
    heldOut: {
      'heldout.mobileNetV2Distance': mobileNetDistance(),
      ...(loss && perceptual.network === 'lpips-vgg16' ? { 'heldout.lpips': loss } : {}),
    },
  }
}
