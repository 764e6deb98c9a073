import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { explain, loadTensorflow, TensorflowError } from './addon.ts'
import { installedTensorflow, TENSORFLOW_RECORD, TensorflowUnavailableError } from './installation.ts'

const folder = mkdtempSync(join(tmpdir(), 'workbench-tensorflow-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const record = { addon: join(folder, 'addon.node'), tensorflow: '2.21.0', tfjsNode: '4.22.0', python: 'p', gpu: false }

describe("TensorFlow's installation", () => {
  it('is null where nothing was set up, and the record where something was', () => {
    expect(installedTensorflow(join(folder, 'nothing'))).toBeNull()
    writeFileSync(join(folder, TENSORFLOW_RECORD), JSON.stringify(record))
    expect(installedTensorflow(folder)).toEqual(record)
  })

  it.each(['{ torn', '{"addon": 3}'])('refuses the record %s, naming the file and the remedy', (text) => {
    writeFileSync(join(folder, TENSORFLOW_RECORD), text)
    expect(() => installedTensorflow(folder)).toThrow(TensorflowUnavailableError)
    expect(() => installedTensorflow(folder)).toThrow(/tensorflow\.json is not the record.*npm run setup:tensorflow/s)
  })

  it('says that the addon is missing', () => {
    expect(() => loadTensorflow(record, 2)).toThrow(/addon\.node is missing; run "npm run setup:tensorflow"/)
  })

  it('says why the addon cannot be loaded', () => {
    writeFileSync(record.addon, 'no library')
    expect(() => loadTensorflow(record, 2)).toThrow(TensorflowUnavailableError)
    expect(() => loadTensorflow(record, 2)).toThrow(/addon\.node could not be loaded \(.+\).*npm run setup:tensorflow/)
  })
})

describe("TensorFlow's failures", () => {
  const origin = 'Conv2D of [2,3], [4] at src-main/model.ts:12'

  it('are told with the kernel, its shapes and its line', () => {
    const error = explain(new Error('Invalid TF_Status: 3\nMessage: shapes differ [Op:Conv2D]'), origin)
    expect(error).toBeInstanceOf(TensorflowError)
    expect(error.message).toBe(`TensorFlow failed at ${origin}: shapes differ`)
  })

  it('drop the names of nodes, which say nothing to people', () => {
    const words = 'Session fail to run with error: indices[0] = 9 is not in [0, 3)\n\t [[{{node n4}}]]'
    expect(explain(new Error(words), origin).message).toBe(
      `TensorFlow failed at ${origin}: indices[0] = 9 is not in [0, 3)`,
    )
  })

  it.each([
    'Invalid TF_Status: 8\nMessage: failed to allocate memory',
    'Session fail to run with error: OOM when allocating tensor with shape[9,9]',
  ])('tell what to do when memory runs out: %s', (words) => {
    expect(explain(new Error(words), origin).message).toMatch(
      /model\.ts:12: .*; there is not enough memory: use smaller/,
    )
  })
})
