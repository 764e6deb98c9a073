import { expect, it } from 'vitest'
import { onnxRuntime } from '../onnx.ts'
import { trialSteps } from './step.ts'
import { differenceFrom, tryRuntime } from './try-runtime.ts'

const processor = { runtime: 'onnx', provider: 'cpu', threads: 1 } as const

it('takes training steps in a process of its own, with the numbers that this process gets', async () => {
  const answer = await tryRuntime(processor)
  if ('problem' in answer) throw new Error(answer.problem)
  const own = await trialSteps(onnxRuntime({ threads: 1 }))
  expect(answer.trial.losses).toEqual(own.losses)
  expect(own.losses.at(-1)).toBeLessThan(own.losses[0] as number)
  expect(answer.trial.msPerStep).toBeGreaterThan(0)
  expect(differenceFrom(own, answer.trial)).toBeNull()
}, 60_000)

it('ends a trial that takes too long', async () => {
  expect(await tryRuntime(processor, { timeLimit: 1 })).toEqual({
    problem: 'a few small training steps took longer than 0.001 s',
  })
})

it('lives through a trial process that dies, and tells its last words', async () => {
  // Node refuses to start with an unknown option.
  const environment = { ...process.env, NODE_OPTIONS: '--no-such-option' }
  expect(await tryRuntime(processor, { environment })).toEqual({
    problem: expect.stringMatching(/^the trial crashed with exit code \d+; it last said: .*no-such-option/),
  })
})
