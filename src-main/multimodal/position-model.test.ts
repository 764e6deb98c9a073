import { describe, expect, it } from 'vitest'
import type { MultimodalConfig } from '../../src-shared/multimodal.ts'
import { tinyConfig } from '../../test/fixtures/tiny-experiment.ts'
import { branch, prefixed } from '../engine/parameters.ts'
import { onnxRuntime } from '../engine/runtimes/onnx.ts'
import { floats, type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, uniformSource } from '../engine/testing/programs.ts'
import { tf } from '../engine/tf.ts'
import { openDecoderOver } from '../language/decoder.ts'
import { type LlamaShape, llamaSpecs, llamaStates } from '../language/llama.ts'
import { embedPositions, multimodalSpecs, outputLogits, PLACES, type Reading, slotWeights } from './model.ts'
import { positionModel } from './position-model.ts'
import { type Position, type PositionShape, positionTensors } from './positions.ts'

const WORDS = 17
const CODES = 11
const SLOTS = 5
/** Heads of width 24, which attention with a cache does not take as they are. */
const llama: LlamaShape = { width: 48, layers: 2, heads: 2, keyValueHeads: 1, feedForward: 32 }
const runtime = onnxRuntime({ threads: 1 })

const CELLS = 4

const cases: [
  MultimodalConfig['paradigm'],
  MultimodalConfig['input'],
  MultimodalConfig['aggregation'],
  MultimodalConfig['places'],
][] = [
  ['unified', 'aggregated', 'sum', 'none'],
  ['unified', 'aggregated', 'concatenation', 'learned'],
  ['unified', 'flattened', 'mean', 'none'],
  ['unified', 'features', 'concatenation', 'none'],
  ['visual-tokenizer', 'flattened', 'cumulative', 'learned'],
  ['visual-encoder', 'features', 'sum', 'learned'],
]

describe('decoding text and pictures with a cache', () => {
  it.each(cases)(
    'gives what a pass without one gives: %s, %s, %s, places %s',
    async (paradigm, input, aggregation, places) => {
      const config = tinyConfig((own) => {
        Object.assign(own.language, llama)
        Object.assign(own.multimodal, { paradigm, input, aggregation, places })
      })
      const encoder = paradigm === 'visual-encoder'
      const shape: PositionShape = {
        slots: encoder ? 0 : SLOTS,
        features: encoder || input === 'features' ? llama.width : 0,
        weights: slotWeights(aggregation, SLOTS),
        places: places === 'learned' ? CELLS : 0,
      }
      // Flattened codes are read as rows of the language model's table, which they are some of.
      const rows = paradigm === 'unified' && input === 'flattened'
      if (rows) config.multimodal.vectors = 'language'
      const reading: Reading = { config, shape, table: 'table', ids: rows ? 'ids' : null }
      const drawn = (specs: Record<string, { shape: readonly number[] }>): Record<string, HostTensor> =>
        Object.fromEntries(
          Object.entries(specs).map(([name, spec], seed) => [name, randomFloats(seed, [...spec.shape], -0.4, 0.4)]),
        )
      const parameters = {
        ...prefixed(drawn(llamaSpecs(llama, WORDS)), 'language'),
        ...prefixed(drawn(multimodalSpecs(config, shape, CODES)), 'multimodal'),
        table: randomFloats(99, [CODES, llama.width]),
        ids: int32(Int32Array.from({ length: CODES }, (_, code) => code + 4), [CODES]), // biome-ignore format: one table
      }
      const draw = uniformSource(5)
      const below = (end: number) => Math.floor(draw(0, end))
      const kinds: Position['kind'][] = ['text', ...(shape.slots ? (['code', 'cell'] as const) : []), 'nothing']
      if (shape.features) kinds.push('features')
      const position = (): Position => {
        const kind = kinds[below(kinds.length)] as Position['kind']
        switch (kind) {
          case 'text':
            return { kind, token: below(WORDS) }
          case 'code':
            return { kind, code: below(CODES), cell: below(CELLS), slot: below(SLOTS) }
          case 'cell':
            return { kind, codes: Array.from({ length: SLOTS }, () => below(CODES)), cell: below(CELLS) }
          case 'features':
            return { kind, features: Array.from({ length: llama.width }, () => draw(-1, 1)), cell: below(CELLS) }
          default:
            return { kind }
        }
      }
      const positions = (count: number) => Array.from({ length: count }, position)
      const outputs = paradigm === 'visual-tokenizer' ? WORDS + CODES : WORDS

      const length = 28
      async function uncached(sequences: readonly Position[][]): Promise<Float32Array[]> {
        const size = { batch: sequences.length, length }
        const inputs = positionTensors(sequences, shape, size, 0)
        const out = await runOnce(runtime, { ...parameters, ...inputs }, (tensors) => {
          const embedded = tf.reshape(embedPositions(tensors, reading), [size.batch, length, llama.width])
          const states = llamaStates(branch(tensors, 'language'), embedded, llama)
          return { logits: outputLogits(tensors, states, llama, reading) }
        })
        const logits = floats(out, 'logits')
        return sequences.map((sequence, row) => {
          const at = row * length + sequence.length - 1
          return logits.subarray(at * outputs, (at + 1) * outputs)
        })
      }

      const sequences = [positions(20), positions(6)]
      const state = runtime.createState(parameters)
      const model = positionModel(llama, reading, { vocabulary: outputs, pad: 0, reads: state.names() })
      const decoder = await openDecoderOver(runtime, state, model, { batch: 2, context: length })
      let logits = await decoder.prompt(sequences)
      for (let step = 0; step < 4; step++) {
        for (const [row, want] of (await uncached(sequences)).entries())
          for (const [at, value] of want.entries()) expect(logits[row * outputs + at]).toBeCloseTo(value, 4)
        const fresh = [position(), position()]
        for (const [row, sequence] of sequences.entries()) sequence.push(fresh[row] as Position)
        logits = await decoder.next(fresh)
      }
      await decoder.dispose()
      expect(state.names()).toEqual(Object.keys(parameters))
    },
  )
})

it('adds the vector of its cell to what is read of a picture, and that of its slot to a code', async () => {
  const config = tinyConfig((own) => Object.assign(own.language, llama))
  const vectorsOf = async (places: number): Promise<number[][]> => {
    const shape: PositionShape = { slots: SLOTS, features: llama.width, weights: slotWeights('sum', SLOTS), places }
    const read: Position[] = [
      { kind: 'text', token: 3 },
      { kind: 'cell', codes: [1, 2, 3, 4, 5], cell: 2 },
      { kind: 'code', code: 7, cell: 3, slot: 1 },
      { kind: 'features', features: new Float32Array(llama.width), cell: 0 },
      { kind: 'nothing' },
    ]
    const out = await runOnce(
      runtime,
      {
        'language.embedding': randomFloats(1, [WORDS, llama.width]),
        table: randomFloats(2, [CODES, llama.width]),
        [`multimodal.${PLACES}`]: randomFloats(3, [CELLS + SLOTS, llama.width]),
        ...positionTensors([read], shape, { batch: 1, length: read.length }, 0),
      },
      (tensors) => ({ rows: embedPositions(tensors, { config, shape, table: 'table', ids: null }) }),
    )
    const rows = floats(out, 'rows')
    return read.map((_, at) => [...rows.subarray(at * llama.width, (at + 1) * llama.width)])
  }
  const [plain, placed] = [await vectorsOf(0), await vectorsOf(CELLS)]
  const table = randomFloats(3, [CELLS + SLOTS, llama.width]).data
  const added = [[], [2], [3, CELLS + 1], [0], []]
  for (const [at, rows] of added.entries())
    for (const [column, value] of (plain[at] as number[]).entries()) {
      const place = rows.reduce((sum, row) => sum + (table[row * llama.width + column] as number), 0)
      expect(placed[at]?.[column]).toBeCloseTo(value + place, 5)
    }
})
