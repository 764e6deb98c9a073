import type { LanguageConfig } from '../../../src-shared/config.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import type { HostTensor } from '../../engine/runtimes/runtime.ts'
import { readAdapter } from '../../language/weights/peft.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'

/**
 * Adapters that a run starts from, out of a PEFT folder.
 * @param wanted the adapters that the config asks for, by name
 * @throws WeightsError if the folder holds others: other layers, another rank, another α
 */
export async function startFromAdapter(
  { lora }: LanguageConfig,
  wanted: ParameterSpecs,
): Promise<Record<string, HostTensor>> {
  const { alpha, parameters } = await readAdapter(lora.start)
  const wrong: string[] = []
  if (alpha !== lora.alpha) wrong.push(`language.lora.alpha is ${lora.alpha}, the adapter has ${alpha}`)
  for (const [name, { shape }] of Object.entries(wanted)) {
    const found = parameters[name]
    if (!found) wrong.push(`it has no "${name}"`)
    else if (`${found.shape}` !== `${shape}`)
      wrong.push(`its "${name}" is [${found.shape}], the config makes it [${shape}]`)
  }
  for (const name of Object.keys(parameters)) if (!wanted[name]) wrong.push(`it has "${name}" besides`)
  if (wrong.length > 0)
    throw new WeightsError(
      `the adapter ${lora.start} does not fit language.lora: ${wrong.slice(0, 4).join('; ')}${wrong.length > 4 ? `; and ${wrong.length - 4} more` : ''}`,
    )
  return parameters
}
