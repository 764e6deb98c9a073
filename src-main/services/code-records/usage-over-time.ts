import { setImmediate } from 'node:timers/promises'
import type { UsageOverTime, UsageQuery } from '../../../src-shared/contract/code-records.ts'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import { notFound, unreadable } from '../errors.ts'
import { type ColumnCache, readSteps } from './recorded-steps.ts'
import type { TensorParts } from './tensor-parts.ts'
import { binColumn, orderCodes, type UsageColumn } from './usage-bins.ts'

const RESTARTS = 'history.restarts'

/**
 * How often each code of a layer was used over a run's samples, brought to rows × columns of pixels, so that the whole
 * (49,152 codes × some hundred samples) never travels.
 * @throws the contract's NOT_FOUND if there is no sample, or none with these numbers; UNREADABLE if none can be read
 */
export async function usageOverTime(
  folder: string,
  query: Omit<UsageQuery, 'id'>,
  column: ColumnCache,
): Promise<UsageOverTime> {
  const { layer, order, reduce } = query
  const name = `${query.hits === 'window' ? 'history.window' : 'usage'}.${layer}`
  let latest: Float32Array | Int32Array | null = null
  let total: Float64Array | null = null
  let most = 0
  const read = async (parts: TensorParts, path: string): Promise<Int32Array> => {
    if (!parts.shape(name)) throw new MissingTensor(name)
    return column(parts, path, name)
  }
  // The order needs every step before the first column can be painted.
  const found = await readSteps(folder, async (parts, _step, path) => {
    latest = await valuesOfOrder(parts, order, layer)
    const hits = await read(parts, path)
    total ??= new Float64Array(hits.length)
    for (let code = 0; code < hits.length; code++) {
      const count = hits[code] as number
      total[code] = (total[code] ?? 0) + count
      if (count > most) most = count
    }
    await setImmediate()
    if (!parts.shape(RESTARTS)) return null
    return (await column(parts, path, RESTARTS)).reduce((sum, count) => sum + count, 0)
  })
  if (found.steps.length === 0 || !total) throw nothingFound(found.unreadable, query.hits)
  const values: Float64Array = total
  const sorted = latest as Float32Array | Int32Array | null
  const ofOrder = (code: number): number => {
    if (order === 'usage') return values[code] ?? 0
    const value = sorted?.[code] ?? Number.NaN
    return order === 'birth' && value < 0 ? Number.NaN : value
  }
  const every = Int32Array.from({ length: values.length }, (_, code) => code)
  const used = every.filter((code) => (values[code] as number) > 0)
  const shown = query.codes
    ? Int32Array.from(query.codes.filter((code) => code < values.length))
    : query.show === 'used'
      ? used
      : every
  const codes = orderCodes(shown, order, ofOrder)
  const rows = Math.min(query.rows, codes.length)
  const columns = Math.min(query.columns, found.steps.length)
  const painted: UsageColumn[] = []
  const again = await readSteps(
    folder,
    async (parts, step, path) => {
      const at = Math.floor((found.steps.indexOf(step) * columns) / found.steps.length)
      painted[at] = binColumn(await read(parts, path), { codes, rows }, reduce, painted[at])
      await setImmediate()
    },
    found.steps,
  )
  const value = new Int32Array(rows * columns)
  const top = new Int32Array(rows * columns)
  for (const [at, { value: cells, top: tops }] of painted.entries())
    for (let row = 0; row < rows; row++) {
      value[row * columns + at] = cells[row] as number
      top[row * columns + at] = tops[row] as number
    }
  const file = encodeSafetensors({
    value: { dtype: 'I32', shape: [rows, columns], data: value },
    top: { dtype: 'I32', shape: [rows, columns], data: top },
    codes: { dtype: 'I32', shape: [codes.length], data: codes },
  })
  return {
    steps: found.steps,
    columns,
    rows,
    codebookSize: values.length,
    everUsed: used.length,
    mostHits: most,
    restarts: found.values.every((count) => count !== null) ? (found.values as number[]) : [],
    unreadable: [...found.unreadable, ...again.unreadable],
    file: new Blob([file as Uint8Array<ArrayBuffer>]),
  }
}

/** The tensor that an order goes by, as the sample has it; null for orders that need none. */
async function valuesOfOrder(
  parts: TensorParts,
  order: UsageQuery['order'],
  layer: number,
): Promise<Float32Array | Int32Array | null> {
  if (order === 'id' || order === 'usage') return null
  const name = { birth: `history.birth.${layer}`, norm: 'norm', cosine: 'drift.cosine' }[order]
  if (!parts.shape(name)) throw new MissingTensor(name)
  return order === 'birth' ? parts.read(name, 'I32') : parts.read(name, 'F32')
}

const NOT_THERE = 'it has no'
class MissingTensor extends Error {
  override name = 'MissingTensor'
  constructor(tensor: string) {
    super(`${NOT_THERE} "${tensor}"`)
  }
}

function nothingFound(failures: UsageOverTime['unreadable'], hits: UsageQuery['hits']) {
  const [first] = failures
  if (!first)
    return notFound('the run has no sample yet', 'It records the first one at training.sampleEvery; wait for it.')
  const message = `none of the ${failures.length} samples can be shown: at step ${first.step}, ${first.message}`
  if (!first.message.startsWith(NOT_THERE))
    return unreadable(message, 'The files are damaged; resume or clone the run to write them again.')
  return unreadable(
    message,
    hits === 'window'
      ? 'The run was recorded before training hits were: choose held-out hits, or another order.'
      : 'Choose another order, or a layer that the tokenizer has.',
  )
}
