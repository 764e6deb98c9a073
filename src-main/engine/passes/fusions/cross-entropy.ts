import { type Attribute, type Node, sizeOf, type Value, type ValueFactory } from '../../ir.ts'
import { reducedAxes } from '../../kernels.ts'
import { IGNORED_LABEL } from '../../operations/softmax-cross-entropy.ts'
import { call, either, type Fusion, type Term } from '../matching.ts'

const hot = either(call('OneHot', ['labels'], isPlain), call('Cast', [call('OneHot', ['labels'], isPlain)]))
const overRows = ({ inputs: [x], attributes }: Node): boolean =>
  attributes.keepDims === true && reducedAxes(x?.shape ?? [], attributes).join() === `${(x?.shape.length ?? 0) - 1}`
const shifted = call('Sub', ['logits', call('Max', ['logits'], overRows)])
/** As TensorFlow.js writes it. */
const composed = call('Sub', [shifted, call('Log', [call('Sum', [call('Exp', [shifted])], overRows)])])
const picked: Term = call('Multiply', [either(call('LogSoftmax', ['logits']), composed), hot])
const perRow = call('Sum', [picked], ({ inputs: [x], attributes, outputs: [y] }) => {
  const axes = reducedAxes(x?.shape ?? [], attributes)
  return x?.shape.length === 2 && axes.join() === '1' && y?.shape.length === 1
})

function isPlain({ attributes: { onValue, offValue } }: Node): boolean {
  return Number(onValue ?? 1) === 1 && Number(offValue ?? 0) === 0
}

export const logSoftmaxFusion: Fusion = {
  name: 'log-softmax',
  root: [composed],
  build: ({ values: { logits } }, root) =>
    logits ? [{ ...root, kernel: 'LogSoftmax', inputs: [logits], attributes: {} }] : null,
}

/**
 * The sum or mean over all rows of Σ log-softmax(logits) · one-hot(labels), of which cross-entropy is the negative.
 * A one-hot row of a label out of range is zero, but counts in the mean: such labels are ignored, and the mean is taken
 * over all rows afterwards.
 */
export const crossEntropyFusion: Fusion = {
  name: 'softmax cross-entropy',
  root: [call('Sum', [perRow], isOverAll), call('Mean', [perRow], isOverAll)],
  build: ({ values: { logits, labels } }, root, made) => {
    const [result] = root.outputs
    if (!logits || labels?.dtype !== 'int32' || labels.shape.length !== 1 || result?.shape.length !== 0) return null
    const rows = sizeOf(labels.shape)
    const steps = new Steps(root, made)
    const counting = steps.bool('LogicalAnd', [
      steps.bool('GreaterEqual', [labels, steps.fill(labels, 0)]),
      steps.bool('Less', [labels, steps.fill(labels, logits.shape[1] as number)]),
    ])
    const safe = steps.like(labels, 'Select', [counting, labels, steps.fill(labels, IGNORED_LABEL)])
    const [loss, counted] = [made.create([], 'float32'), made.create([], 'float32')]
    steps.nodes.push({
      ...root,
      kernel: 'SoftmaxCrossEntropy',
      inputs: [logits, safe],
      attributes: {},
      outputs: [loss, counted, made.create(logits.shape, 'float32')],
    })
    const total = steps.like(loss, 'Neg', [steps.like(loss, 'Multiply', [loss, counted])])
    const divisor = steps.fill(loss, root.kernel === 'Mean' ? rows : 1)
    steps.nodes.push({ ...root, kernel: 'RealDiv', inputs: [total, divisor], attributes: {}, outputs: [result] })
    return steps.nodes
  },
}

function isOverAll({ attributes, outputs: [y] }: Node): boolean {
  return y?.shape.length === 0 && attributes.keepDims !== true
}

/** Nodes of one line of the model, made one after the other. */
class Steps {
  readonly nodes: Node[] = []
  readonly #root: Node
  readonly #made: ValueFactory
  constructor(root: Node, made: ValueFactory) {
    this.#root = root
    this.#made = made
  }
  fill = (like: Value, value: number): Value =>
    this.#add('Fill', [], { shape: like.shape, value, dtype: like.dtype }, like.shape, like.dtype)
  bool = (kernel: string, inputs: [Value, Value]): Value => this.#add(kernel, inputs, {}, inputs[0].shape, 'bool')
  like = (type: Value, kernel: string, inputs: Value[]): Value => this.#add(kernel, inputs, {}, type.shape, type.dtype)

  #add(
    kernel: string,
    inputs: Value[],
    attributes: Record<string, Attribute>,
    shape: readonly number[],
    dtype: Value['dtype'],
  ): Value {
    const output = this.#made.create(shape, dtype)
    this.nodes.push({ kernel, inputs, attributes, outputs: [output], source: this.#root.source })
    return output
  }
}
