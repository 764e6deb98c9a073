import { codeMapSides } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { encodeSafetensors, type StoredTensor } from '../../src-shared/safetensors.ts'
import { chance, codebookSize, valueAt } from './curves.ts'

/** The code that comes in at some place of a layer's ranking; layers share most of theirs. */
export const codeOfRank = (layer: number, rank: number, codes: number): number =>
  Math.floor(chance(`code ${rank % 5 === 0 ? layer : 0} ${rank}`) * codes)

/** A reproducible number in [0, 1) from whole numbers, for what is drawn for every code. */
function draw(a: number, b: number): number {
  let hash = Math.imul(a + 1, 2654435761) ^ Math.imul(b + 7, 2246822519)
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519)
  hash = Math.imul(hash ^ (hash >>> 13), 3266489917)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
const normal = (a: number, b: number): number =>
  Math.sqrt(-2 * Math.log(1 - draw(a, b))) * Math.cos(2 * Math.PI * draw(a, b + 1000))

interface Life {
  code: number
  birth: number
  end: number
  weight: number
}

/** Codes of a layer with the steps between which they are used; some come late, some die, a few come back. */
function livesOf(config: ExperimentConfig, layer: number): Life[] {
  const codes = codebookSize(config)
  const { steps } = config.training
  const most = Math.ceil(valueAt(config, `usage.codes.${layer}`, steps) * 1.15)
  return Array.from({ length: most }, (_, rank) => {
    const birth = Math.floor(steps * 0.7 * draw(rank, layer) ** 3)
    const dies = draw(rank, layer + 20) < 0.25
    return {
      code: codeOfRank(layer, rank, codes),
      birth,
      end: dies ? birth + Math.floor(steps * (0.1 + 0.5 * draw(rank, layer + 40))) : steps + 1,
      weight: 1 / (rank + 3),
    }
  })
}

/** Everything that a sample says of its codes (events.ts, SampleLayout). */
export function codeTensors(
  config: ExperimentConfig,
  step: number,
  maps: Record<string, StoredTensor>,
): Record<string, StoredTensor> {
  const codes = codebookSize(config)
  const layers = codeMapSides(config)
  const tensors: Record<string, StoredTensor> = {}
  const int = (data: Int32Array): StoredTensor => ({ dtype: 'I32', shape: [data.length], data })
  const float = (data: Float32Array): StoredTensor => ({ dtype: 'F32', shape: [data.length], data })
  const before = step - config.training.sampleEvery
  const age = new Float32Array(codes)
  for (const [layer, side] of layers.entries()) {
    const birth = new Int32Array(codes).fill(-1)
    const lastUse = new Int32Array(codes).fill(-1)
    const window = new Int32Array(codes)
    const tokens = side * side * config.training.batchSize
    for (const { code, birth: from, end, weight } of livesOf(config, layer)) {
      if (from > step) continue
      birth[code] = birth[code] === -1 ? from : Math.min(birth[code] as number, from)
      lastUse[code] = Math.max(lastUse[code] as number, Math.min(step, end))
      age[code] = Math.max(age[code] as number, Math.min(1, (Math.min(step, end) - from) / 200))
      const active = Math.max(0, Math.min(step, end) - Math.max(before, from))
      const swing = 0.6 + 0.8 * draw(code, Math.floor(step / config.training.sampleEvery) + 100 * layer)
      window[code] = (window[code] as number) + Math.round(weight * tokens * active * 0.2 * swing)
    }
    tensors[`history.birth.${layer}`] = int(birth)
    tensors[`history.lastUse.${layer}`] = int(lastUse)
    tensors[`history.window.${layer}`] = int(window)
  }
  const restarts = new Int32Array(codes)
  const lastRestart = new Int32Array(codes).fill(-1)
  if (config.codebook.paradigm !== 'frozen')
    for (let code = 0; code < codes; code++) {
      if (draw(code, 9) > 0.06) continue
      for (let turn = 0; turn < 1 + 3 * draw(code, 11); turn++) {
        const at = Math.floor(draw(code, 300 + turn) * config.training.steps * 0.6)
        if (at > step) continue
        restarts[code]!++
        lastRestart[code] = Math.max(lastRestart[code] as number, at)
        age[code] = Math.max(age[code] as number, 0.3)
      }
    }
  tensors['history.restarts'] = int(restarts)
  tensors['history.lastRestart'] = int(lastRestart)
  tensors.norm = float(
    Float32Array.from({ length: codes }, (_, k) => 2.4 + 1.2 * draw(k, 1) - 0.8 * (age[k] as number) * draw(k, 2)),
  )
  tensors.projection = {
    dtype: 'F32',
    shape: [codes, 3],
    data: Float32Array.from({ length: codes * 3 }, (_, at) => normal(Math.floor(at / 3), 50 + (at % 3))),
  }
  if (config.codebook.paradigm === 'independent') return tensors
  const reach = Math.sqrt(Math.max(0, 1 - valueAt(config, 'drift.cosine', step)))
  const drift = age.map((value, k) => value * reach * (0.5 + draw(k, 3)))
  tensors['drift.cosine'] = float(drift.map((value) => 1 - Math.min(1, value ** 2)))
  tensors['drift.distance'] = float(drift.map((value) => value * Math.SQRT2))
  tensors['drift.rank'] = int(
    Int32Array.from(drift, (value, k) => (value < 0.35 ? 0 : Math.floor(codes * (value - 0.35) ** 3 * draw(k, 4)))),
  )
  const rows = mapOfRows(codes)
  tensors['map.rows'] = { dtype: 'F32', shape: [codes, 2], data: rows }
  tensors['map.codes'] = { dtype: 'F32', shape: [codes, 2], data: moved(rows, drift) }
  Object.assign(tensors, nearestTensors(codes, drift, maps))
  return tensors
}

/** A few clouds of rows, as the vocabularies of language models show them. */
function mapOfRows(codes: number): Float32Array {
  return Float32Array.from({ length: codes * 2 }, (_, at) => {
    const k = Math.floor(at / 2)
    const cloud = Math.floor(draw(k, 60) ** 2 * 5)
    const centre = (draw(cloud, 70 + (at % 2)) - 0.5) * 3
    return centre + normal(k, 80 + (at % 2)) * (0.25 + 0.35 * draw(cloud, 90))
  })
}

/** Codes that drift go towards where the pictures' features lie. */
function moved(rows: Float32Array, drift: Float32Array): Float32Array {
  return rows.map((value, at) => {
    const k = Math.floor(at / 2)
    const goal = (at % 2 === 0 ? 2.6 : 1.4) + 0.5 * normal(k, 95 + (at % 2))
    return value + (goal - value) * Math.min(1, drift[k] as number)
  })
}

function nearestTensors(
  codes: number,
  drift: Float32Array,
  maps: Record<string, StoredTensor>,
): Record<string, StoredTensor> {
  const neighbours = 8
  const used = [
    ...new Set(
      Object.entries(maps).flatMap(([name, { data }]) => (name.startsWith('codes.') ? [...(data as Int32Array)] : [])),
    ),
  ].sort((a, b) => a - b)
  const tokens = new Int32Array(used.length * neighbours)
  const distances = new Float32Array(used.length * neighbours)
  const shuffled = new Float32Array(used.length * neighbours)
  for (const [at, code] of used.entries())
    for (let n = 0; n < neighbours; n++) {
      const near = (drift[code] as number) < 0.6
      tokens[at * neighbours + n] = n === 0 && near ? code : Math.floor(draw(code, 400 + n) * codes)
      distances[at * neighbours + n] = (near ? 0.25 : 0.95) * (1 + (drift[code] as number)) + n * 0.05
      shuffled[at * neighbours + n] = 1.25 + 0.2 * draw(code, 500) + n * 0.03
    }
  const shape = [used.length, neighbours]
  return {
    'nearest.codes': { dtype: 'I32', shape: [used.length], data: Int32Array.from(used) },
    'nearest.tokens': { dtype: 'I32', shape, data: tokens },
    'nearest.distances': { dtype: 'F32', shape, data: distances },
    'nearest.shuffled': { dtype: 'F32', shape, data: shuffled },
  }
}

/** What a sync moved (events.ts, SyncLayout). */
export function syncFile(config: ExperimentConfig, step: number): Uint8Array {
  const codes = codebookSize(config)
  const rows = mapOfRows(codes)
  const placeAt = (at: number) => codeTensors(config, at, {})['map.codes']?.data as Float32Array
  const before = placeAt(step - 1)
  const goes = Array.from({ length: codes }, (_, k) => k).filter(
    (k) => Math.hypot(before[2 * k]! - rows[2 * k]!, before[2 * k + 1]! - rows[2 * k + 1]!) > 1e-3,
  )
  const pick = (place: (k: number, axis: number) => number) =>
    Float32Array.from({ length: goes.length * 2 }, (_, at) => place(goes[at >> 1] as number, at & 1))
  const shape = [goes.length, 2]
  return encodeSafetensors({
    moved: { dtype: 'I32', shape: [goes.length], data: Int32Array.from(goes) },
    before: { dtype: 'F32', shape, data: pick((k, axis) => before[2 * k + axis] as number) },
    after: {
      dtype: 'F32',
      shape,
      data: pick((k, axis) => before[2 * k + axis]! + 0.8 * (rows[2 * k + axis]! - before[2 * k + axis]!)),
    },
  })
}
