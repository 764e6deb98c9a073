import { describe, expect, it, vi } from 'vitest'
import { hasGraphicsDevice } from './hardware.ts'
import { chooseProvider, openRuntime, type Surroundings } from './open-runtime.ts'
import type { OnnxProvider } from './providers.ts'
import type { TrialAnswer } from './trial/try-runtime.ts'

const took = (msPerStep: number, losses = [1, 0.9]): TrialAnswer => ({ trial: { losses, msPerStep } })

/** A machine on which trials go as told; asking for any other provider fails the test. */
function machine(answers: Partial<Record<OnnxProvider, TrialAnswer>>, about: Partial<Surroundings> = {}) {
  const attempt = vi.fn(async (provider: OnnxProvider) => {
    const answer = answers[provider]
    if (!answer) throw new Error(`${provider} was not to be tried`)
    return answer
  })
  return { platform: 'linux' as const, cudaLibraries: false, graphicsDevice: false, attempt, ...about }
}

describe('auto', () => {
  it('tries nothing on a machine with a processor alone', async () => {
    const plain = machine({})
    expect(await chooseProvider(plain)).toEqual({ provider: 'cpu', because: 'auto: no other device here' })
    expect(plain.attempt).not.toHaveBeenCalled()
  })

  it('takes CUDA where its libraries load, and does not look further', async () => {
    const best = await chooseProvider(
      machine({ cpu: took(20), cuda: took(30) }, { cudaLibraries: true, graphicsDevice: true }),
    )
    expect(best).toEqual({ provider: 'cuda', because: 'auto: 30.0 ms a trial step, the processor 20.0 ms' })
  })

  it('goes on to the next candidate where one fails, and says why at the end', async () => {
    const answers = { cpu: took(20), cuda: { problem: 'no driver' }, webgpu: took(50) }
    const best = await chooseProvider(machine(answers, { cudaLibraries: true, graphicsDevice: true }))
    expect(best.provider).toBe('cpu')
    expect(best.because).toMatch(/CUDA: no driver; WebGPU: slower, 50\.0 ms/)
  })

  it.each([
    ['win32', 'dml'],
    ['darwin', 'coreml'],
  ] as const)('takes what %s has only if it is right and faster', async (platform, provider) => {
    const choose = (answer: TrialAnswer) => chooseProvider(machine({ cpu: took(20), [provider]: answer }, { platform }))
    expect((await choose(took(5))).provider).toBe(provider)
    expect((await choose(took(25))).provider).toBe('cpu')
    const wrong = await choose(took(5, [1, 0.5]))
    expect(wrong.provider).toBe('cpu')
    expect(wrong.because).toMatch(/computes wrongly: the loss at step 2 is 0\.5, and 0\.9 on the processor/)
    expect((await choose(took(5, [1, Number.NaN]))).provider).toBe('cpu')
  })
})

describe('a graphics device', () => {
  it('is a render node or a device of NVIDIA or WSL, but no driver that computes on the processor', () => {
    expect(hasGraphicsDevice('linux', {}, ['null', 'card0'])).toBe(false)
    for (const name of ['renderD128', 'nvidia0', 'dxg']) expect(hasGraphicsDevice('linux', {}, [name])).toBe(true)
    for (const variable of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'])
      for (const driver of ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json'])
        expect(hasGraphicsDevice('linux', { [variable]: driver }, ['renderD128'])).toBe(false)
    expect(hasGraphicsDevice('darwin', {}, [])).toBe(true)
  })
})

describe('the runtime of a config', () => {
  it('is the provider that it names, and is told in a sentence', async () => {
    const { choice, sentence } = await openRuntime(
      { runtime: 'onnx', provider: 'cpu', threads: 0 },
      { threads: 2, tensorflow: '/nowhere' },
    )
    expect(choice).toEqual({ runtime: 'onnx', provider: 'cpu', threads: 2 })
    expect(sentence).toBe('Computes with onnxruntime on the processor, 2 threads (as configured).')
  })

  it('refuses a provider that TensorFlow does not have', async () => {
    await expect(
      openRuntime({ runtime: 'tensorflow', provider: 'dml', threads: 0 }, { threads: 1, tensorflow: '/nowhere' }),
    ).rejects.toThrow(/no provider "dml"; set engine\.provider to auto, cpu or cuda/)
  })

  it('says how to set TensorFlow up where it is not', async () => {
    const engine = { runtime: 'tensorflow', provider: 'auto', threads: 0 } as const
    await expect(openRuntime(engine, { threads: 1, tensorflow: '/nowhere' })).rejects.toThrow(
      'TensorFlow is not set up in /nowhere; run "npm run setup:tensorflow", or set engine.runtime to "onnx"',
    )
  })
})
