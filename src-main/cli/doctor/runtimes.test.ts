import { expect, it } from 'vitest'
import type { RuntimeChoice } from '../../engine/runtimes/load-runtime.ts'
import type { TrialAnswer } from '../../engine/runtimes/trial/try-runtime.ts'
import { examineRuntimes } from './runtimes.ts'

const took = (msPerStep: number, losses = [1, 0.9]): TrialAnswer => ({ trial: { losses, msPerStep } })

/** Examines a Windows machine on which trials go as told. */
const examine = (answers: Record<string, TrialAnswer>) => {
  const attempt = async (choice: RuntimeChoice): Promise<TrialAnswer> =>
    answers[choice.runtime === 'onnx' ? choice.provider : 'tensorflow'] ?? { problem: 'not here; set it up' }
  return examineRuntimes(2, '/home/runtimes/tensorflow', attempt, 'win32', 'x64')
}

it('lists every runtime and provider of the system, with the time of a step', async () => {
  const findings = await examine({ cpu: took(20), dml: took(3.14), webgpu: took(4), tensorflow: took(10) })
  expect(findings.map(({ name, ok, needed }) => [name, ok, needed])).toEqual([
    ['onnxruntime on the processor', true, true],
    ['onnxruntime on DirectML', true, false],
    ['onnxruntime on WebGPU', true, false],
    ['TensorFlow', true, false],
  ])
  expect(findings[1]?.detail).toBe('3.1 ms a small training step')
})

it('tells what failed and how to mend it', async () => {
  const [processor, directml] = await examine({
    cpu: took(20),
    dml: { problem: 'no driver; see (a; b) and install it' },
  })
  expect(processor?.ok).toBe(true)
  expect(directml).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/no driver/),
    remedy: expect.stringMatching(/install it\.$/),
  })
})

it('does not call a device in order that computes something else than the processor', async () => {
  const findings = await examine({ cpu: took(20), dml: took(1, [1, 0.7]) })
  expect(findings[1]).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/computes wrongly: the loss at step 2/),
  })
})
