import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tryRuntime } from '../src-main/engine/runtimes/trial/try-runtime.ts'
import { softwareGraphics } from './fixtures/swiftshader.ts'

const graphics = softwareGraphics()
if (graphics.missing !== undefined) console.log(`WebGPU is not tested: ${graphics.missing}`)

describe.skipIf(graphics.missing !== undefined)('WebGPU, on a driver that computes on the processor', () => {
  const environment = graphics.missing === undefined ? graphics.environment : {}

  it('gives the losses, gradients and updates of the processor for a tokenizer and a language model', async () => {
    const script = fileURLToPath(new URL('./fixtures/webgpu-steps.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env: environment })
    const report = JSON.parse(stdout) as Record<string, Record<string, string>>
    expect(Object.keys(report)).toEqual(['tokenizer', 'languageModel'])
    for (const [model, differences] of Object.entries(report)) {
      expect(Object.keys(differences).length).toBeGreaterThan(40)
      for (const [tensor, difference] of Object.entries(differences))
        expect(Number(difference), `${model} ${tensor}`).toBeLessThan(2e-3)
    }
  }, 180_000)

  it('passes the trial that doctor and "auto" make', async () => {
    const answer = await tryRuntime(
      { runtime: 'onnx', provider: 'webgpu', threads: 1 },
      { environment, timeLimit: 150_000 },
    )
    expect(answer).toEqual({ trial: { losses: expect.any(Array), msPerStep: expect.any(Number) } })
  }, 180_000)
})

it('says what to install where WebGPU finds no driver', async () => {
  const none = { ...process.env, VK_DRIVER_FILES: '/no/such/driver.json', VK_ICD_FILENAMES: '/no/such/driver.json' }
  const answer = await tryRuntime({ runtime: 'onnx', provider: 'webgpu', threads: 1 }, { environment: none })
  expect(answer).toEqual({
    problem: expect.stringMatching(
      /onnxruntime on WebGPU cannot be used here: .*libvulkan1.*engine\.provider to "cpu"/,
    ),
  })
}, 60_000)
