import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { booksOf } from '../../codebook/books.ts'
import { chooseRows } from '../../codebook/choose-rows.ts'
import { kMeans } from '../../codebook/k-means.ts'
import { rowsOf, squaredNorms } from '../../codebook/nearest-rows.ts'
import { eachDialogue } from '../../data/dialogues.ts'
import { createRandom } from '../../data/random.ts'
import { float32, floats, int32, ints, type Program, scalar } from '../../engine/runtimes/runtime.ts'
import { rampsToLanguage } from './codebook-update.ts'
import { ASSIGNED_AT_ONCE } from './programs.ts'
import type { Run } from './run.ts'
import { CODES, IDS, LANGUAGE_TABLE, SCALE, SUMS } from './state.ts'
import { nextImages } from './training-pictures.ts'

/** What a codebook is before the first tokenizer step: rows of the language model as it then stands, chance, or k-means. */
export async function startCodebook(run: Run): Promise<void> {
  if (run.config.codebook.paradigm !== 'independent') await takeRows(run)
  else if (run.config.codebook.start === 'kmeans') await takeCentres(run)
  // Nothing asks for these again.
  for (const program of [run.programs.features, run.programs.assign]) await program?.dispose()
}

const log = ({ options }: Run, level: 'info' | 'warning', message: string): void =>
  options.recorder.event({ kind: 'log', level, message })

async function takeRows(run: Run): Promise<void> {
  const { config, state } = run
  const table = await state.read(LANGUAGE_TABLE)
  if (config.codebook.rows === 'all') await state.write(CODES, table)
  else {
    const width = table.shape[1] as number
    const { ids, sentence } = chooseRows(config.codebook, {
      norms: squaredNorms(table.data as Float32Array, width).map(Math.sqrt),
      frequencies: config.codebook.rows === 'frequent' ? await tokenFrequencies(run, table.shape[0] as number) : null,
      random: createRandom(config.seed, 'codebook rows'),
    })
    log(run, 'info', sentence)
    await state.write(IDS, int32(ids, [ids.length]))
    await state.write(CODES, float32(rowsOf(table.data as Float32Array, width, ids), [ids.length, width]))
    run.options.recorder.codes(ids)
  }
  if (rampsToLanguage(config)) await startRamp(run)
}

/** [V] occurrences of each token in the training texts, their layout included. */
async function tokenFrequencies({ options, language }: Run, vocabulary: number): Promise<Int32Array> {
  const counts = new Int32Array(vocabulary)
  for await (const turns of eachDialogue(options.texts.training))
    for (const id of language.layout.layOut(turns).ids) counts[id] = (counts[id] as number) + 1
  return counts
}

/**
 * Release rule at r = 0: the codes point where their rows do and are as long as the features, so that the EMA begins at
 * the language model.
 */
async function startRamp(run: Run): Promise<void> {
  const { state } = run
  const { data, shape } = await state.read(CODES)
  const [codes, width] = shape as [number, number]
  const rows = data as Float32Array
  const norms = squaredNorms(rows, width).map(Math.sqrt)
  const features = Object.values(await featuresOf(run, 0)).flatMap((layer) => [...squaredNorms(layer, width)])
  const featureNorm = features.reduce((sum, square) => sum + Math.sqrt(square), 0) / features.length
  const scale = featureNorm / Math.max(1e-12, norms.reduce((sum, norm) => sum + norm, 0) / codes)
  const table = rows.map((value, at) => {
    const norm = norms[Math.floor(at / width)] as number
    return (value * featureNorm) / Math.max(1e-12, norm)
  })
  await state.write(CODES, float32(table, shape))
  await state.write(
    SUMS,
    float32(
      rows.map((value) => value * scale),
      shape,
    ),
  )
  await state.write(SCALE, scalar(scale))
}

/** The vectors of each layer that a training batch is quantized from. @param step of the batch, from 0 */
async function featuresOf({ config, options, programs }: Run, step: number): Promise<Float32Array[]> {
  const out = await wanted(programs.features).run({ images: await nextImages(options, step) })
  return Array.from({ length: config.tokenizer.layers }, (_, layer) => floats(out, `features.${layer}`))
}

function wanted(program: Program | null): Program {
  if (program) return program
  throw new Error('the codebook begins with the features of the first batches, but no program gives them')
}

/** Vectors a centre should have, and batches that are looked at for them at most. */
const VECTORS_PER_CENTRE = 8
const MOST_BATCHES = 64

/**
 * K-means over the features of the first training batches, as many as give every centre eight vectors, and at most an
 * epoch or 64. Codebooks of single layers begin one after the other, since what a layer quantizes depends on those
 * before it; a shared one begins with the features of all layers, as the codebook of chance makes them.
 */
async function takeCentres(run: Run): Promise<void> {
  const { config, state } = run
  const books = booksOf(config, run.codes)
  for (const [index, book] of books.entries()) {
    const count = book.end - book.first
    const { vectors, batches } = await firstFeatures(run, books.length > 1 ? index : null, count)
    const table = await state.read(CODES)
    const width = table.shape[1] as number
    const found = vectors.length / width
    const random = createRandom(config.seed, 'k-means', index)
    const centres = await kMeans(vectors, width, count, random, (now) => assignAll(run, vectors, now, width))
    ;(table.data as Float32Array).set(centres, book.first * width)
    await state.write(CODES, table)
    // N begins at 1, and so m at the centres.
    await state.write(SUMS, table)
    const of = books.length > 1 ? ` of layer ${index}` : ''
    log(run, 'info', `k-means over ${found} vectors of ${batches} batches gave the ${count} codes${of}`)
    if (found < count)
      log(
        run,
        'warning',
        `there are fewer vectors than codes${of}: each vector is a code, and the other ${count - found} are copies of some with a little noise; lower codebook.size, or raise training.batchSize`,
      )
  }
}

/** @param layer the one whose features are wanted; null: all of them */
async function firstFeatures(
  run: Run,
  layer: number | null,
  count: number,
): Promise<{ vectors: Float32Array; batches: number }> {
  const { config, options } = run
  const epoch = Math.ceil(options.pictures.epoch / config.training.batchSize)
  const width = run.state.typeOf(CODES).shape[1] as number
  const parts: Float32Array[] = []
  let length = 0
  let batches = 0
  while (length < VECTORS_PER_CENTRE * count * width && batches < Math.min(epoch, MOST_BATCHES)) {
    const layers = await featuresOf(run, batches++)
    for (const part of layer === null ? layers : [layers[layer] as Float32Array]) {
      parts.push(part)
      length += part.length
    }
  }
  const vectors = new Float32Array(length)
  let at = 0
  for (const part of parts) {
    vectors.set(part, at)
    at += part.length
  }
  return { vectors, batches }
}

async function assignAll(
  { programs }: Run,
  vectors: Float32Array,
  centres: Float32Array,
  width: number,
): Promise<Int32Array> {
  const total = vectors.length / width
  const nearest = new Int32Array(total)
  const given = float32(centres, [centres.length / width, width])
  for (let begin = 0; begin < total; begin += ASSIGNED_AT_ONCE) {
    const part = new Float32Array(ASSIGNED_AT_ONCE * width)
    part.set(vectors.subarray(begin * width, (begin + ASSIGNED_AT_ONCE) * width))
    const out = await wanted(programs.assign).run({
      vectors: float32(part, [ASSIGNED_AT_ONCE, width]),
      centres: given,
    })
    nearest.set(ints(out, 'nearest').subarray(0, Math.min(ASSIGNED_AT_ONCE, total - begin)), begin)
  }
  return nearest
}

/** Token ids of the codes of a run that goes on, for the recorder. */
export async function recordCodes({ config, state, options, position }: Run): Promise<void> {
  if (!choosesRows(config) || position.step === 0) return
  options.recorder.codes((await state.read(IDS)).data as Int32Array)
}

const choosesRows = ({ codebook }: ExperimentConfig): boolean =>
  codebook.paradigm !== 'independent' && codebook.rows !== 'all'
