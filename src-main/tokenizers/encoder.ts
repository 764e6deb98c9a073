import type { TokenizerSettings } from '../../src-shared/code-maps.ts'
import type { TokenizerConfig } from '../../src-shared/config.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import { branch, type Parameters, prefixed } from '../engine/parameters.ts'
import type { Tensor } from '../engine/tf.ts'
import { encode, encoderSpecs } from './autoencoder.ts'
import { convolution, convolutionSpecs } from './layers.ts'
import { vitForward, vitSpecs } from './vit.ts'

type Settings = Pick<TokenizerSettings, 'tokenizer' | 'data'>

/** What turns pictures into the features that a quantizer reads. */
export interface Encoder {
  specs: ParameterSpecs
  /** @param images [B, S, S, 3] in [−1, 1] @returns [B, s, s, features] */
  encode(parameters: Parameters, images: Tensor): Tensor
}

/** Before the names of a vision transformer's own parameters, which may be pretrained and stay as they are. */
const VIT = 'vit'
/** The same among a tokenizer's parameters. */
export const VIT_PARAMETERS = `encoder.${VIT}`

/** Whether a parameter of a tokenizer learns: all do but those of a transformer that stays as it is. */
export const learnsParameter = ({ encoder, vit }: TokenizerConfig, name: string): boolean =>
  encoder === 'convolutional' || vit.trains || !name.startsWith(`${VIT_PARAMETERS}.`)

/** @param features channels of what it gives */
export function createEncoder({ tokenizer, data }: Settings, features: number): Encoder {
  if (tokenizer.encoder === 'convolutional')
    return {
      specs: encoderSpecs(tokenizer, features),
      encode: (parameters, images) => encode(parameters, images, tokenizer),
    }
  const { vit } = tokenizer
  return {
    specs: {
      ...prefixed(vitSpecs(vit, data.resolution), VIT),
      ...prefixed(convolutionSpecs(1, vit.width, features), 'conv_out'),
    },
    encode: (parameters, images) =>
      convolution(parameters, 'conv_out', vitForward(branch(parameters, VIT), images, vit)),
  }
}
