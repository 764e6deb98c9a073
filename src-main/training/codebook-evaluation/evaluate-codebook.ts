import { codeOrder } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import type { DialogueSource } from '../../data/dialogues.ts'
import type { PictureInfo, PictureSet } from '../../data/picture-set.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import { stageOf } from '../checkpoint.ts'
import type { ModelPlaces } from '../stage-one/language-side.ts'
import { sourceWords } from '../stage-one/provenance.ts'
import { openForGeneration } from '../stage-two/open-model.ts'
import { openTrainedTokenizer } from '../trained-tokenizer.ts'
import type { Measured } from './cards.ts'
import { codesAmongRows } from './likeness.ts'
import { likenessCards } from './likeness-cards.ts'
import { probeCards } from './probe-cards.ts'
import { READ_PICTURES, READ_TOKENS, readingCards } from './reading.ts'
import { codesOfPictures, type SetCodes } from './set-codes.ts'
import { streamCards, textStream } from './stream-cards.ts'
import { type SetFacts, usageCards } from './usage-cards.ts'

export interface CodebookEvaluationOptions {
  config: ExperimentConfig
  /** Of any stage. */
  checkpoint: TensorFile
  pictures: PictureSet
  texts: DialogueSource
  /** Text of each code id, as the run wrote them down. */
  tokens: readonly string[]
  /** Held-out pictures that are measured at most, drawn by the seed; 0: all of them. */
  most: number
  /** Pictures of a batch, for the definitions that go by batches. */
  batch: number
  /** What a picture's class is. */
  classes: 'group' | 'subgroup'
  seed: number
  threads: number
  tensorflow: string
  graphs?: string
  models: ModelPlaces
  progress: (share: number, words: string) => void
}

/** Training pictures that probing compares with, drawn by the seed. */
const REFERENCES = 1_000

/**
 * Everything that is measured of a run's codebook on its held-out pictures: usage and perplexity by every definition, how
 * well classes are told from codes, and how much like text the codes are.
 * @throws Error if no picture is held out; what opening the tokenizer and the language model throws
 */
export async function evaluateCodebook(options: CodebookEvaluationOptions): Promise<Measured> {
  const { config, pictures, most, seed, batch } = options
  const drawn = (indices: readonly number[], at: string, many: number): number[] => {
    const order = shuffle([...indices], createRandom(seed, 'codebook evaluation', at))
    return many === 0 ? order : order.slice(0, many)
  }
  const heldOut = drawn(pictures.heldOut, 'held out', most)
  if (heldOut.length === 0)
    throw new Error('the run holds no pictures out, so there is none to measure; train one with data.heldOut above 0')
  const classOf = (index: number): string => infoOf(pictures, index)[options.classes]
  const classed = drawn(pictures.training, 'references', 0).filter((index) => classOf(index) !== '')
  const references = classed.slice(0, REFERENCES)
  const known = new Set(references.map(classOf))
  const asked = heldOut.filter((index) => known.has(classOf(index)))
  const codes = await encoded(options, [...references, ...heldOut])
  const measured = part(codes, references.length, heldOut.length)
  const facts: SetFacts = {
    reference: `${heldOut.length === pictures.heldOut.length ? 'all' : 'some'} held-out pictures of ${sourceWords(config.data.source)} (split seed ${config.data.splitSeed})`,
    count: heldOut.length,
    resize: `${config.data.resolution} px, crop "${config.data.crop}"`,
  }
  options.progress(0, 'usage')
  const usage = usageCards(measured, { batch, shared: config.codebook.shared, seed }, facts)
  options.progress(0, 'probing')
  const where = new Map(heldOut.map((index, at) => [index, references.length + at]))
  const rows = [...references.keys(), ...asked.map((index) => where.get(index) as number)]
  const probing = probeCards(
    {
      codes: {
        sides: codes.sides,
        rows: codes.rows.map((map, layer) => rowsOf(map, (codes.sides[layer] as number) ** 2, rows)),
      },
      pixels: pixelsOf(pictures, [...references, ...asked]),
      resolution: pictures.resolution,
      known: references.map(classOf),
      asked: asked.map(classOf),
      concepts: asked.map((index) => infoOf(pictures, index).concept),
      by: options.classes,
      leftOut: heldOut.length - asked.length,
      words: `${asked.length} held-out pictures against ${references.length} training pictures of ${sourceWords(config.data.source)} (split by concept)`,
    },
    seed,
  )
  const concepts = heldOut.map((index) => infoOf(pictures, index).concept)
  const text = await textLikeness(options, measured, concepts, facts)
  const all = [usage, probing, text]
  return { cards: all.flatMap(({ cards }) => cards), notMeasured: all.flatMap(({ notMeasured }) => notMeasured) }
}

async function encoded(options: CodebookEvaluationOptions, indices: readonly number[]): Promise<SetCodes> {
  const tokenizer = await openTrainedTokenizer(options.checkpoint, options.config, options)
  try {
    return await codesOfPictures(options.config, tokenizer, options.pictures, indices, (share) =>
      options.progress(share, 'pictures to codes'),
    )
  } finally {
    await tokenizer.dispose()
  }
}

/** How much like text the codes are; their streams alone where the codebook has nothing to do with a language model. */
async function textLikeness(
  options: CodebookEvaluationOptions,
  measured: SetCodes,
  concepts: readonly string[],
  facts: SetFacts,
): Promise<Measured> {
  const { config, checkpoint, texts, tokens, seed } = options
  const streams = Object.fromEntries(measured.rows.map((map, layer) => [`codes of layer ${layer}`, map]))
  const notMeasured: Measured['notMeasured'] = []
  if (config.codebook.paradigm === 'independent') {
    notMeasured.push({
      what: 'Likeness to the language model’s rows, text beside the streams, and reading codes as text',
      why: 'the codebook is independent: its codes are no rows of a language model',
    })
    return { cards: streamCards(streams, facts), notMeasured }
  }
  const model = await openForGeneration({ ...options, checkpoint: () => checkpoint }, { words: tokens })
  const { language } = model
  const name = language.identity === '' ? 'the run’s own language model' : language.identity
  const hits = new Int32Array(model.codes)
  for (const map of measured.rows) for (const code of map) hits[code] = (hits[code] as number) + 1
  const likeness = await codesAmongRows(model, config, hits, (share) => options.progress(share, 'codes among rows'))
  const cards = likenessCards(likeness, { vocabulary: language.vocabulary, model: name }, facts)
  const longest = Math.max(...measured.rows.map(({ length }) => length))
  const order = codeOrder(measured.sides)
  const sequence = (picture: number): number[] =>
    order
      .slice(0, READ_TOKENS)
      .map(({ layer, at }) => measured.ids[layer]?.[picture * (measured.sides[layer] as number) ** 2 + at] as number)
  const text = await textStream(texts, language.layout, Math.max(longest, READ_PICTURES * READ_TOKENS))
  if (text.length > 0) Object.assign(streams, { text: Int32Array.from(text) })
  cards.push(...streamCards(streams, facts))
  if (config.language.model === 'words')
    notMeasured.push({
      what: 'Perplexity of codes read as text',
      why: 'the run’s language model is its own over a few words, and no pretrained one',
    })
  else if (order.length < 2)
    notMeasured.push({
      what: 'Perplexity of codes read as text',
      why: 'a picture is one code, which nothing stands before',
    })
  else
    cards.push(
      ...(await readingCards(
        model,
        {
          codes: Array.from({ length: Math.min(READ_PICTURES, facts.count) }, (_, picture) => sequence(picture)),
          concepts: concepts.slice(0, READ_PICTURES),
          text,
          vocabulary: language.vocabulary,
          model: name,
          taught: stageOf(checkpoint) === 'two',
          reference: facts.reference,
          seed,
        },
        (share) => options.progress(share, 'reading codes as text'),
      )),
    )
  return { cards, notMeasured }
}

const infoOf = ({ pictures }: Pick<PictureSet, 'pictures'>, index: number): PictureInfo =>
  pictures[index] as PictureInfo

/** Of some pictures after the first ones. */
const part = (codes: SetCodes, from: number, count: number): SetCodes => {
  const cut = (maps: Int32Array[]) =>
    maps.map((map, layer) => {
      const area = (codes.sides[layer] as number) ** 2
      return map.subarray(from * area, (from + count) * area)
    })
  return { ...codes, rows: cut(codes.rows), ids: cut(codes.ids) }
}

function rowsOf(map: Int32Array, area: number, rows: readonly number[]): Int32Array {
  const chosen = new Int32Array(rows.length * area)
  for (const [at, row] of rows.entries()) chosen.set(map.subarray(row * area, (row + 1) * area), at * area)
  return chosen
}

function pixelsOf({ pixels, resolution }: PictureSet, indices: readonly number[]): Uint8Array {
  const size = resolution * resolution * 3
  const all = new Uint8Array(indices.length * size)
  for (const [at, index] of indices.entries()) all.set(pixels(index), at * size)
  return all
}
