import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tfjs from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { floats } from '../../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../../engine/testing/programs.ts'
import type { Tensor } from '../../engine/tf.ts'
import { readExportedLiteral } from './javascript-literal.ts'
import { kerasNetwork } from './keras-network.ts'
import { FEATURES, openMobileNetV2, STAGES } from './mobilenet-v2.ts'

const folder = join(dirname(createRequire(import.meta.url).resolve('nsfwjs')), '..', 'models', 'mobilenet_v2')
const exported = (file: string) => readExportedLiteral(readFileSync(join(folder, file), 'utf8'), file)

interface KerasModel {
  modelTopology: {
    model_config: {
      config: { layers: { name: string; config: { batch_input_shape?: unknown } }[]; output_layers: unknown }
    }
  }
  weightsManifest: tfjs.io.WeightsManifestConfig
}

describe('the packaged MobileNetV2', () => {
  it('gives the maps that TensorFlow.js’s own layers give from the same files', async () => {
    const model = structuredClone(exported('model.min.js')) as KerasModel
    const side = 32
    const { config: whole } = model.modelTopology.model_config
    whole.layers = whole.layers.slice(0, whole.layers.findIndex(({ name }) => name === FEATURES) + 1)
    whole.output_layers = [[FEATURES, 0, 0]]
    for (const { config } of whole.layers)
      if (config.batch_input_shape) config.batch_input_shape = [null, side, side, 3]
    const bytes = Buffer.from(exported('group1-shard1of1.min.js') as string, 'base64')
    const images = randomFloats(1, [2, side, side, 3], 0, 1)
    const { stages } = openMobileNetV2()
    const [runtime] = runtimes as [(typeof runtimes)[0]]
    const got = await runOnce(runtime, { images }, ({ images }) =>
      Object.fromEntries(
        stages
          .bind()(images as Tensor)
          .map((map, at) => [STAGES[at] as string, map]),
      ),
    )
    await tfjs.setBackend('cpu')
    const layers = await tfjs.loadLayersModel(
      tfjs.io.fromMemory({
        modelTopology: model.modelTopology,
        weightSpecs: model.weightsManifest.flatMap(({ weights }) => weights),
        weightData: new Uint8Array(bytes).buffer,
      }),
      { strict: false },
    )
    const taps = tfjs.model({
      inputs: layers.inputs,
      outputs: STAGES.map((name) => layers.getLayer(name).output as tfjs.SymbolicTensor),
    })
    const want = taps.predict(tfjs.tensor(images.data as Float32Array, [...images.shape])) as tfjs.Tensor[]
    for (const [at, name] of STAGES.entries()) {
      const [theirs, ours] = [(want[at] as tfjs.Tensor).dataSync(), floats(got, name)]
      expect(ours.length, name).toBe(theirs.length)
      for (const [place, value] of theirs.entries())
        expect(Math.abs((ours[place] as number) - value), name).toBeLessThan(2e-3)
    }
  }, 60_000)

  it('says which files it comes from, and has block 13’s 576 features', async () => {
    const { source, features, stages } = openMobileNetV2()
    expect(source.file).toMatch(/^nsfwjs \d+\.\d+\.\d+/)
    expect(source.sha256).toMatch(/^[\da-f]{64}$/)
    expect(features.parameters).toBe(stages.parameters)
    const [runtime] = runtimes as [(typeof runtimes)[0]]
    const got = await runOnce(runtime, { images: randomFloats(1, [1, 64, 64, 3], 0, 1) }, ({ images }) => ({
      map: features.bind()(images as Tensor)[0] as Tensor,
    }))
    expect(got.map?.shape).toEqual([1, 4, 4, 576])
  })

  it('is refused, by the name of what is wrong, where a layer is unknown or weights are short', () => {
    const model = exported('model.min.js')
    const bytes = Buffer.from(exported('group1-shard1of1.min.js') as string, 'base64')
    expect(() => kerasNetwork(model, bytes, ['block_99'])).toThrow('no layer "block_99"')
    expect(() => kerasNetwork(model, bytes.subarray(0, 1000), [FEATURES])).toThrow(
      /weights end within ".+": 1000 bytes/,
    )
    expect(() => kerasNetwork({ modelTopology: {} }, bytes, [FEATURES])).toThrow()
  })
})

describe('the value that a bundled module exports', () => {
  const read = (text: string) =>
    readExportedLiteral(`!function(e){x=n[_]={exports:{}}}({1:[function(e,a){a.exports=${text}}]})`, 'file.js')
  it('is read without running anything', () => {
    expect(read('{a:1,"b c":[-.5,1e-3,!0,!1,null,{}],d:"x\\"y\\u0041\\n",$e:\'z\'}')).toEqual({
      a: 1,
      'b c': [-0.5, 0.001, true, false, null, {}],
      d: 'x"yA\n',
      $e: 'z',
    })
  })

  it('is refused where it is anything but data', () => {
    expect(() => read('{a:process.exit()}')).toThrow(/file\.js holds "process\.exit\(\)/)
    expect(() => read('{a:1]')).toThrow('"]" where "," belongs')
    expect(() => read('"abc')).toThrow('a string without an end')
    expect(() => read(`${'['.repeat(100)}`)).toThrow('levels')
    expect(() => readExportedLiteral('module.exports=f()', 'file.js')).toThrow('exports no object')
  })
})
