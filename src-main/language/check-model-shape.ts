import type { LanguageConfig } from '../../src-shared/config.ts'
import type { ModelSizes } from '../../src-shared/models.ts'
import type { LlamaWeights } from './weights/llama-weights.ts'
import { WeightsError } from './weights/weight-file.ts'

/** A model's sizes as the config names them. */
export const modelSizes = ({ shape, vocabulary }: Pick<LlamaWeights, 'shape' | 'vocabulary'>): ModelSizes => ({
  vocabulary,
  width: shape.width,
  layers: shape.layers,
  heads: shape.heads,
  keyValueHeads: shape.keyValueHeads,
  feedForward: shape.feedForward,
  tied: !shape.untied,
})

/** @throws WeightsError naming each size of the config that is not the model's, with the right value */
export function checkModelShape(language: LanguageConfig, weights: LlamaWeights): void {
  const wrong = Object.entries(modelSizes(weights)).flatMap(([name, right]) => {
    const given = language[name as keyof typeof language]
    return given === right ? [] : [`language.${name} is ${given}, the model has ${right}`]
  })
  if (weights.context > 0 && language.context > weights.context)
    wrong.push(`language.context is ${language.context}, the model was made for up to ${weights.context}`)
  if (wrong.length > 0)
    throw new WeightsError(`the config does not describe the model ${weights.source}: ${wrong.join('; ')}`)
}
