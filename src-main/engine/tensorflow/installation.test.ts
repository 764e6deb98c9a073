import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { tensorflowFolder } from './installation.ts'

it('keeps TensorFlow in the home, or where the environment says', () => {
  expect(tensorflowFolder('/home', {})).toBe(join('/home', 'runtimes', 'tensorflow'))
  expect(tensorflowFolder('/home', { UNICODE_WORKBENCH_TENSORFLOW: 'elsewhere' })).toBe(resolve('elsewhere'))
})
