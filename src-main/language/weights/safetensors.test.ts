import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { openSafetensors } from './safetensors.ts'
import { WeightsError } from './weight-file.ts'

function written(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'model.safetensors')
  writeFileSync(path, bytes)
  return path
}
/** A file with this header and so many bytes of data. */
const withHeader = (header: string, data = 0): Buffer => {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)])
}
const entry = (dtype: string, shape: readonly number[], from: number, to: number) =>
  JSON.stringify({ w: { dtype, shape, data_offsets: [from, to] } })

describe('a safetensors file', () => {
  it('is read tensor by tensor, and only weights are', async () => {
    const stored = encodeSafetensors(
      {
        w: { dtype: 'F32', shape: [2, 1], data: Float32Array.of(1, -2) },
        ids: { dtype: 'I64', shape: [1], data: BigInt64Array.of(5n) },
      },
      { format: 'pt' },
    )
    const file = await openSafetensors(written(stored))
    expect(file.names).toEqual(['w', 'ids'])
    expect(file.metadata).toEqual({ format: 'pt' })
    const tensor = file.tensor('w')
    expect(tensor.shape).toEqual([2, 1])
    expect(await tensor.read()).toEqual(Float32Array.of(1, -2))
    expect(() => file.tensor('ids')).toThrow('"ids" is I64; weights are read from F32, F16, BF16')
    expect(() => file.tensor('other')).toThrow('has no tensor "other"')
    await file.close()
  })

  it.each([
    ['shorter than its first number', Buffer.from('abc'), 'has 3 bytes'],
    [
      'with a header beyond its end',
      Buffer.concat([Buffer.from('ffffffffffffff7f', 'hex'), Buffer.alloc(9)]),
      'a header of',
    ],
    ['with a header that is no JSON', withHeader('{"w":'), 'header is not JSON'],
    ['with a header that is a list', withHeader('[]'), 'header is not a JSON object'],
    [
      'with data beyond its end',
      withHeader(entry('F32', [3], 0, 12), 8),
      'ends at byte 12 of 8 bytes of data: truncated',
    ],
    ['with a shape that does not fit', withHeader(entry('F32', [1e9], 0, 8), 8), '8 bytes between its offsets'],
    ['with offsets the wrong way about', withHeader(entry('F32', [1], 8, 4), 8), '-4 bytes between its offsets'],
    ['with a negative offset', withHeader(entry('F32', [1], -4, 0), 8), 'are not two offsets'],
    [
      'with a size that is no number',
      withHeader('{"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}', 4),
      'is not a list of sizes',
    ],
    ['of a type that there is not', withHeader(entry('F5', [1], 0, 4), 4), 'dtype "F5" is not one of'],
    [
      'whose tensors share bytes',
      withHeader(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
      'tensors "a" and "b" share bytes from 4 on',
    ],
    ['of an inherited type', withHeader(entry('toString', [1], 0, 4), 4), 'dtype "toString" is not one of'],
  ])('%s is refused', async (_what, bytes, message) => {
    const opened = openSafetensors(written(bytes))
    await expect(opened).rejects.toThrow(WeightsError)
    await expect(opened).rejects.toThrow(message)
  })

  it('that is cut off after it was opened is an error, not zeros', async () => {
    const path = written(
      encodeSafetensors({ w: { dtype: 'F32', shape: [1000], data: new Float32Array(1000).fill(1) } }),
    )
    const file = await openSafetensors(path)
    truncateSync(path, 1000)
    await expect(file.tensor('w').read()).rejects.toThrow('has become shorter while it was read')
    await file.close()
  })
})
