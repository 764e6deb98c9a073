import { describe, expect, it } from 'vitest'
import { compile } from '../engine/compile.ts'
import { valueAndGradients } from '../engine/gradients.ts'
import { softmaxCrossEntropy } from '../engine/operations/softmax-cross-entropy.ts'
import { parameter } from '../engine/parameters.ts'
import { onnxRuntime } from '../engine/runtimes/onnx.ts'
import { float32, floats, type HostTensor, int32, number, STATE_PREFIX, scalar } from '../engine/runtimes/runtime.ts'
import { randomFloats, randomIntegers, runOnce, runtimes } from '../engine/testing/programs.ts'
import { adamUpdate, initialMoments, type UpdateInputs, updateInputs } from '../training/optimizer.ts'
import { llama, llamaFromEmbeddings, llamaSpecs } from './llama.ts'

const shape = { width: 16, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 24 }
const VOCABULARY = 11
const [BATCH, LENGTH] = [2, 6]

/** Parameters that differ from 0 and 1 everywhere, norms too. */
function randomParameters(of = shape): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(llamaSpecs(of, VOCABULARY)).map(([name, { shape }], seed) => [
      name,
      shape.length === 1 ? randomFloats(seed, shape, 0.5, 1.5) : randomFloats(seed, shape, -0.5, 0.5),
    ]),
  )
}
const tokens = randomIntegers(7, [BATCH, LENGTH], VOCABULARY)

const logitsOf = (
  runtime: (typeof runtimes)[number],
  parameters: Record<string, HostTensor>,
  ids: HostTensor,
  of = shape,
) =>
  runOnce(runtime, { ...parameters, ids }, (tensors) => ({
    logits: llama(tensors, parameter(tensors, 'ids'), of),
  })).then((outputs) => floats(outputs, 'logits'))

describe.each(runtimes)('the language model on $name', (runtime) => {
  it('looks back only: a later token changes no earlier logit, and changes those from its place on', async () => {
    const before = await logitsOf(runtime, randomParameters(), tokens)
    const at = 3
    const changed = Int32Array.from(tokens.data)
    changed[at] = ((changed[at] as number) + 1) % VOCABULARY
    const after = await logitsOf(runtime, randomParameters(), int32(changed, [BATCH, LENGTH]))
    const rows = (logits: Float32Array, from: number, to: number) => [
      ...logits.subarray(from * VOCABULARY, to * VOCABULARY),
    ]
    expect(rows(after, 0, at)).toEqual(rows(before, 0, at))
    for (let row = at; row < LENGTH; row++) expect(rows(after, row, row + 1)).not.toEqual(rows(before, row, row + 1))
    // The other sequence of the batch knows nothing of it.
    expect(rows(after, LENGTH, 2 * LENGTH)).toEqual(rows(before, LENGTH, 2 * LENGTH))
  })

  it('depends on the order of what came before', async () => {
    const swapped = Int32Array.from(tokens.data)
    ;[swapped[0], swapped[1]] = [5, 6]
    const turned = Int32Array.from(swapped)
    ;[turned[0], turned[1]] = [6, 5]
    const last = (logits: Float32Array) => [...logits.subarray((LENGTH - 1) * VOCABULARY, LENGTH * VOCABULARY)]
    const one = last(await logitsOf(runtime, randomParameters(), int32(swapped, [BATCH, LENGTH])))
    const other = last(await logitsOf(runtime, randomParameters(), int32(turned, [BATCH, LENGTH])))
    expect(Math.max(...one.map((value, at) => Math.abs(value - (other[at] as number))))).toBeGreaterThan(1e-3)
  })

  it('shares key-value heads among query heads: the same as each head with a copy of its own', async () => {
    const grouped = randomParameters()
    const [d, group] = [shape.width / shape.heads, shape.heads / shape.keyValueHeads]
    /** Rows of each key-value head, once for every query head that it serves. */
    const repeated = ({ data }: HostTensor): HostTensor =>
      float32(
        Float32Array.from({ length: shape.width ** 2 }, (_, at) => {
          const [row, column] = [Math.floor(at / shape.width), at % shape.width]
          const head = Math.floor(Math.floor(row / d) / group)
          return data[(head * d + (row % d)) * shape.width + column] as number
        }),
        [shape.width, shape.width],
      )
    const whole = Object.fromEntries(
      Object.entries(grouped).map(([name, tensor]) => [name, /\.[kv]$/.test(name) ? repeated(tensor) : tensor]),
    )
    const one = await logitsOf(runtime, grouped, tokens)
    const other = await logitsOf(runtime, whole, tokens, { ...shape, keyValueHeads: shape.heads })
    for (const [at, value] of one.entries()) expect(value).toBeCloseTo(other[at] as number, 4)
  })

  it('takes embeddings in place of tokens', async () => {
    const parameters = randomParameters()
    const table = parameters.embedding as HostTensor
    const embeddings = float32(
      Float32Array.from([...tokens.data].flatMap((id) => [...table.data.subarray(id * 16, (id + 1) * 16)])),
      [BATCH, LENGTH, 16],
    )
    const got = await runOnce(runtime, { ...parameters, embeddings }, (tensors) => ({
      logits: llamaFromEmbeddings(tensors, parameter(tensors, 'embeddings'), shape),
    }))
    expect(floats(got, 'logits')).toEqual(await logitsOf(runtime, parameters, tokens))
  })
})

describe('training the language model', () => {
  it('learns one batch by heart', async () => {
    const runtime = onnxRuntime({ threads: 2 })
    const initial = randomParameters()
    const names = Object.keys(initial)
    const state = runtime.createState({ ...initial, ...initialMoments(initial) })
    const optimizer = {
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      gradientClip: 1,
      warmupSteps: 10,
      schedule: 'cosine',
    } as const
    const specs = {
      tokens: { shape: [BATCH, LENGTH], dtype: 'int32' },
      labels: { shape: [BATCH * LENGTH], dtype: 'int32' },
      learningRate: { shape: [] },
      correction1: { shape: [] },
      correction2: { shape: [] },
    } as const
    const program = await compile(runtime, state, 'overfit', specs, state.names(), (tensors) => {
      const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
      const { loss, gradients } = valueAndGradients(() => {
        const logits = llama(trained, parameter(tensors, 'tokens'), shape)
        return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: {} }
      }, trained)
      const { next } = adamUpdate(tensors, gradients, optimizer, tensors as unknown as UpdateInputs)
      return { loss, ...Object.fromEntries(Object.entries(next).map(([name, value]) => [STATE_PREFIX + name, value])) }
    })
    // The tokens 2, 4 and 6 are followed by others in each sequence: only what came before tells by which.
    const ids = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 2, 8, 4, 9, 6)
    const labels = Int32Array.of(2, 3, 4, 5, 6, -100, 2, 8, 4, 9, 6, -100)
    const losses: number[] = []
    for (let count = 1; count <= 200; count++) {
      const numbers = Object.entries(updateInputs(optimizer, count, 200))
      const feeds = Object.fromEntries(numbers.map(([name, value]) => [name, scalar(value)]))
      const given = { tokens: int32(ids, [BATCH, LENGTH]), labels: int32(labels, [BATCH * LENGTH]) }
      losses.push(number(await program.run({ ...given, ...feeds }), 'loss'))
    }
    await program.dispose()
    expect(losses[0]).toBeGreaterThan(1)
    expect(losses.at(-1)).toBeLessThan(0.02)
  })
})
