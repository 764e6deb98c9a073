import { expect, it } from 'vitest'
import { handedOver } from './checkpoint.ts'

it('is handed over once, so that nobody holds its tensors for as long as a run trains', () => {
  const file = { tensors: {}, metadata: { stage: 'two' } }
  const take = handedOver(file)
  expect(take()).toBe(file)
  expect(take).toThrow('has been taken already')
})
