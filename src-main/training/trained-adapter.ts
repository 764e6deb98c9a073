import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { branch } from '../engine/parameters.ts'
import { float32 } from '../engine/runtimes/runtime.ts'
import type { Adapter } from '../language/weights/peft.ts'

/**
 * The low-rank adapters of a run's checkpoint, as PEFT keeps them.
 * @throws Error if the run tunes the language model in another way, or the checkpoint holds none
 */
export function trainedAdapter(checkpoint: TensorFile, { language }: ExperimentConfig): Adapter {
  if (language.tuning !== 'lora')
    throw new Error(`the run's language.tuning is "${language.tuning}"; only runs with "lora" have adapters`)
  const parameters = Object.fromEntries(
    Object.entries(branch(checkpoint.tensors, 'language'))
      .filter(([name]) => /\.lora_[ab]$/.test(name))
      .map(([name, { data, shape }]) => [name, float32(data as Float32Array, shape)]),
  )
  if (Object.keys(parameters).length === 0)
    throw new Error('the checkpoint holds no adapters: it does not belong to this config')
  const baseModel = language.model === 'smollm2' ? 'HuggingFaceTB/SmolLM2-135M-Instruct' : language.path
  return { alpha: language.lora.alpha, baseModel, dropout: 0, parameters }
}
