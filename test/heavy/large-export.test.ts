import { execFileSync } from 'node:child_process'
import { statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { type ExportedFunction, exportFunctions } from '../../src-main/engine/export.ts'
import type { StoredWeight } from '../../src-main/engine/export-weights.ts'
import { float32 } from '../../src-main/engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { temporaryFolder } from '../fakes/temporary-folder.ts'
import { pythonForTests } from '../onnxruntime-python.ts'

/** Nine tables of 256 MiB: more than protobuf, and a 32-bit offset, can hold. */
const TABLES = 9
const [ROWS, WIDTH] = [2 ** 16, 2 ** 10]
const BYTES = TABLES * ROWS * WIDTH * 4
const ROWS_TO_TAKE = [0, 1, 40_000, ROWS - 1]

/** Small whole numbers that tell table, row and column apart, and whose sums are exact. */
const element = (table: number, row: number, column: number): number => ((table + 1) * (row + 3) + 7 * column) % 4093

function tableOf(table: number): StoredWeight {
  const shape = [ROWS, WIDTH]
  return {
    shape,
    dtype: 'float32',
    read() {
      const data = new Float32Array(ROWS * WIDTH)
      for (let row = 0; row < ROWS; row++)
        for (let column = 0; column < WIDTH; column++) data[row * WIDTH + column] = element(table, row, column)
      return float32(data, shape)
    },
  }
}

const names = Array.from({ length: TABLES }, (_, table) => `table.${table}`)
const large: ExportedFunction = {
  name: 'large',
  about: 'Adds up the same rows of many tables.',
  step: (tensors) => ({
    sums: tf.addN(names.map((name) => tf.gather(tensors[name] as Tensor, tensors.rows as tf.Tensor1D))),
  }),
  inputs: { rows: { shape: [ROWS_TO_TAKE.length], dtype: 'int32', range: `0 to ${ROWS - 1}`, meaning: 'which rows' } },
  outputs: { sums: { range: 'any', meaning: 'their sums' } },
  weights: Object.fromEntries(names.map((name, table) => [name, tableOf(table)])),
}

const wanted = ROWS_TO_TAKE.flatMap((row) =>
  Array.from({ length: WIDTH }, (_, column) =>
    names.reduce((sum, _name, table) => sum + element(table, row, column), 0),
  ),
)

const free = () => {
  const { bavail, bsize } = statfsSync(tmpdir())
  return bavail * bsize
}

const RUN = `
import json, sys
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("large.onnx", providers=["CPUExecutionProvider"])
print(json.dumps(session.run(None, {"rows": np.array(json.loads(sys.argv[1]), np.int32)})[0].ravel().tolist()))
`

describe('a model of more than 2 GB', () => {
  it('is exported one weight at a time, and runs in Node and in Python', async () => {
    if (free() < 1.2 * BYTES) throw new Error(`${tmpdir()} has ${free()} bytes left; this check takes ${BYTES}`)
    const folder = temporaryFolder()
    const before = process.memoryUsage().rss
    const files = await exportFunctions([large], { folder, title: 'Large', external: 'auto' })
    const peak = process.resourceUsage().maxRSS * 1024
    const grown = peak - before
    process.stdout.write(`exported ${BYTES} bytes; memory grew by ${grown} at its peak\n`)
    expect(BYTES).toBeGreaterThan(2 ** 31)
    // One table is held at a time, and up to a few before it wait to be collected.
    expect(grown).toBeLessThan(BYTES / 2)
    expect(files.map((path) => statSync(path).size)).toEqual([BYTES, expect.any(Number), expect.any(Number)])

    const session = await ort.InferenceSession.create(join(folder, 'large.onnx'))
    const { sums } = await session.run({ rows: new ort.Tensor('int32', Int32Array.from(ROWS_TO_TAKE), [4]) })
    await session.release()
    expect(Array.from(sums?.data as Float32Array)).toEqual(wanted)

    const python = pythonForTests()
    if (python.missing) {
      process.stdout.write(`not run in Python: ${python.missing}\n`)
      return
    }
    const printed = execFileSync(python.path as string, ['-c', RUN, JSON.stringify(ROWS_TO_TAKE)], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(JSON.parse(printed)).toEqual(wanted)
  })
})
