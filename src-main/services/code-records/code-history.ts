import type { CodeHistory } from '../../../src-shared/contract/code-records.ts'
import { badRequest, notFound } from '../errors.ts'
import { layersIn, readSteps } from './recorded-steps.ts'
import type { TensorParts } from './tensor-parts.ts'

interface Moment {
  layers: { heldOut: number; window: number | null; birth: number | null; lastUse: number | null }[]
  norm: number | null
  cosine: number | null
  distance: number | null
  rank: number | null
  restarts: number | null
  lastRestart: number | null
  nearest: Omit<NonNullable<CodeHistory['nearest']>, 'step'> | null
}

/**
 * The life of one code over a run's samples; of each file only this code's values are read.
 * @throws the contract's NOT_FOUND if there is no sample, BAD_REQUEST if the codebook has no such code
 */
export async function codeHistory(folder: string, code: number): Promise<CodeHistory> {
  let size = 0
  const found = await readSteps(folder, async (parts) => {
    size = Math.max(size, parts.shape('usage.0')?.[0] ?? 0)
    return readMoment(parts, code)
  })
  if (size > 0 && code >= size)
    throw badRequest(`the codebook has ${size} codes; there is no code ${code}`, `Choose a code from 0 to ${size - 1}.`)
  if (found.steps.length === 0)
    throw notFound(
      found.unreadable[0]
        ? `none of the ${found.unreadable.length} samples can be read: ${found.unreadable[0].message}`
        : 'the run has no sample yet',
      'Samples are recorded every training.sampleEvery steps.',
    )
  const moments = found.values
  const last = moments.at(-1) as Moment
  const nearestAt = moments.findLastIndex(({ nearest }) => nearest !== null)
  const restartSteps = [
    ...new Set(moments.flatMap(({ lastRestart }) => ((lastRestart ?? -1) >= 0 ? [lastRestart as number] : []))),
  ]
  const of = (key: 'norm' | 'cosine' | 'distance' | 'rank') => moments.map((moment) => moment[key])
  return {
    code,
    codebookSize: size,
    steps: found.steps,
    layers: last.layers.map(({ birth, lastUse }, layer) => ({
      heldOut: moments.map(({ layers }) => layers[layer]?.heldOut ?? 0),
      window: moments.map(({ layers }) => layers[layer]?.window ?? null),
      birth,
      lastUse,
    })),
    norm: of('norm'),
    cosine: of('cosine'),
    distance: of('distance'),
    rank: of('rank'),
    restarts: last.restarts,
    restartSteps: restartSteps.sort((a, b) => a - b),
    nearest:
      nearestAt < 0
        ? null
        : { step: found.steps[nearestAt] as number, ...(moments[nearestAt] as Moment & { nearest: object }).nearest },
    unreadable: found.unreadable,
  }
}

async function readMoment(parts: TensorParts, code: number): Promise<Moment> {
  /** The code's value; null where the file has no such tensor, no such code, or no number. */
  const one = async (name: string, type: 'I32' | 'F32'): Promise<number | null> => {
    const size = parts.shape(name)?.[0]
    if (size === undefined || code >= size) return null
    const [value] = await parts.read(name, type, code, 1)
    return value === undefined || !Number.isFinite(value) ? null : value
  }
  const layers: Moment['layers'] = []
  for (let layer = 0; layer < layersIn(parts); layer++)
    layers.push({
      heldOut: (await one(`usage.${layer}`, 'I32')) ?? 0,
      window: await one(`history.window.${layer}`, 'I32'),
      birth: known(await one(`history.birth.${layer}`, 'I32')),
      lastUse: known(await one(`history.lastUse.${layer}`, 'I32')),
    })
  return {
    layers,
    norm: await one('norm', 'F32'),
    cosine: await one('drift.cosine', 'F32'),
    distance: await one('drift.distance', 'F32'),
    rank: known(await one('drift.rank', 'I32')),
    restarts: await one('history.restarts', 'I32'),
    lastRestart: await one('history.lastRestart', 'I32'),
    nearest: await readNearest(parts, code),
  }
}

/** −1 stands for what has not been. */
const known = (value: number | null): number | null => (value === null || value < 0 ? null : value)

async function readNearest(parts: TensorParts, code: number): Promise<Moment['nearest']> {
  const count = parts.shape('nearest.tokens')?.[1]
  if (count === undefined || !parts.shape('nearest.codes')) return null
  const place = (await parts.read('nearest.codes', 'I32')).indexOf(code)
  if (place < 0) return null
  const row = async <T extends 'I32' | 'F32'>(name: string, type: T) => [
    ...(await parts.read(name, type, place * count, count)),
  ]
  return {
    tokens: await row('nearest.tokens', 'I32'),
    distances: await row('nearest.distances', 'F32'),
    shuffled: parts.shape('nearest.shuffled') ? await row('nearest.shuffled', 'F32') : [],
  }
}
