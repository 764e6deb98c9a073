import { branch, type Parameters } from '../engine/parameters.ts'
import type { Tensor } from '../engine/tf.ts'
import type { Prior, PriorShape } from './prior.ts'
import { stack } from './stack.ts'

/**
 * What each code of whole pictures is predicted from: from codes of earlier draws alone, and from the class.
 * @param codes int32 [B, h, w] per layer @param classes int32 [B]
 * @returns per layer [B · h · w, width] in the order of its map
 */
export function codeFeatures(
  prior: Prior,
  shape: PriorShape,
  parameters: Parameters,
  codes: readonly Tensor[],
  classes: Tensor,
): Tensor[] {
  const body = stack(branch(parameters, 'body'), prior.read(parameters, codes, classes), shape, shape.layers)
  return prior.arrange(prior.predict(parameters, codes, body))
}
