import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../../src-shared/safetensors.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { randomFloats } from '../../engine/testing/programs.ts'
import { loraSpecs } from '../lora.ts'
import { type Adapter, readAdapter, writeAdapter } from './peft.ts'
import { WeightsError } from './weight-file.ts'

const shape = { width: 8, layers: 2, heads: 2, keyValueHeads: 1, feedForward: 12 }
const adapter: Adapter = {
  alpha: 6,
  baseModel: 'some/model',
  dropout: 0.05,
  parameters: Object.fromEntries(
    Object.entries(loraSpecs(shape, { rank: 3, targets: ['q', 'down'] })).map(([name, { shape }], seed) => [
      name,
      randomFloats(seed, shape),
    ]),
  ),
}
const PREFIX = 'base_model.model.model.layers.'

async function written(): Promise<string> {
  const folder = temporaryFolder()
  await writeAdapter(folder, adapter)
  return folder
}
/** An adapter folder with entries of its config replaced. */
async function withConfig(changes: object): Promise<string> {
  const folder = await written()
  const path = join(folder, 'adapter_config.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
  return folder
}
/** An adapter folder with tensors replaced or, if undefined, taken out. */
async function withTensors(changes: Record<string, StoredTensor | undefined>): Promise<string> {
  const folder = await written()
  const path = join(folder, 'adapter_model.safetensors')
  const { tensors } = decodeSafetensors(readFileSync(path))
  const kept = Object.entries({ ...tensors, ...changes }).filter(([, tensor]) => tensor !== undefined)
  writeFileSync(path, encodeSafetensors(Object.fromEntries(kept) as Record<string, StoredTensor>))
  return folder
}

describe('a LoRA adapter in the format of PEFT', () => {
  it('is read as it was written', async () => {
    expect(await readAdapter(await written())).toEqual(adapter)
  })

  it('has the names and the config that PEFT reads', async () => {
    const folder = await written()
    const { tensors, metadata } = decodeSafetensors(readFileSync(join(folder, 'adapter_model.safetensors')))
    const shapes = Object.entries(tensors).map(([name, { shape }]) => [name.replace(PREFIX, ''), shape])
    expect(Object.fromEntries(shapes)).toEqual({
      '0.self_attn.q_proj.lora_A.weight': [3, 8],
      '0.self_attn.q_proj.lora_B.weight': [8, 3],
      '0.mlp.down_proj.lora_A.weight': [3, 12],
      '0.mlp.down_proj.lora_B.weight': [8, 3],
      '1.self_attn.q_proj.lora_A.weight': [3, 8],
      '1.self_attn.q_proj.lora_B.weight': [8, 3],
      '1.mlp.down_proj.lora_A.weight': [3, 12],
      '1.mlp.down_proj.lora_B.weight': [8, 3],
    })
    expect(metadata).toEqual({ format: 'pt' })
    expect(JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      r: 3,
      lora_alpha: 6,
      lora_dropout: 0.05,
      target_modules: ['down_proj', 'q_proj'],
      base_model_name_or_path: 'some/model',
    })
  })

  it('scales by α over the root of the rank where it is rank-stabilised', async () => {
    const { alpha } = await readAdapter(await withConfig({ use_rslora: true }))
    expect(alpha / 3).toBeCloseTo(6 / Math.sqrt(3), 12)
  })

  it.each([
    ['another method', { peft_type: 'LOHA' }, 'peft_type'],
    ['decomposed weights', { use_dora: true }, 'use_dora'],
    ['trained biases', { bias: 'all' }, 'bias'],
    ['whole modules beside it', { modules_to_save: ['lm_head'] }, 'modules_to_save'],
    ['an α for some layers', { alpha_pattern: { q_proj: 4 } }, 'alpha_pattern'],
    ['no rank', { r: 0 }, 'r'],
  ])('with %s is refused by name', async (_what, changes, name) => {
    const reading = readAdapter(await withConfig(changes))
    await expect(reading).rejects.toThrow(WeightsError)
    await expect(reading).rejects.toThrow(
      new RegExp(`adapter_config\\.json: plain LoRA adapters can be loaded, but[^]*at ${name}\\b`),
    )
  })

  it('with tensors that do not belong together is refused', async () => {
    const a = `${PREFIX}0.self_attn.q_proj.lora_A.weight`
    const wide: StoredTensor = { dtype: 'F32', shape: [4, 8], data: new Float32Array(32) }
    await expect(readAdapter(await withTensors({ [a]: undefined }))).rejects.toThrow(
      'the adapter of layer0.q has A missing and B [8,3]',
    )
    await expect(readAdapter(await withTensors({ [a]: wide }))).rejects.toThrow('has A [4,8] and B [8,3]')
    for (const name of [
      'base_model.model.lm_head.lora_A.weight',
      `${PREFIX}0.self_attn.q_proj.lora_magnitude_vector`,
      a.slice(11),
    ])
      await expect(readAdapter(await withTensors({ [name]: wide }))).rejects.toThrow(
        `"${name}" is no adapter of a linear layer`,
      )
  })

  it('of several ranks is not written', async () => {
    const parameters = { ...adapter.parameters, 'layer0.q.lora_a': randomFloats(1, [2, 8]) }
    await expect(writeAdapter(temporaryFolder(), { ...adapter, parameters })).rejects.toThrow('has ranks 2, 3')
  })
})
