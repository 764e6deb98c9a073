import { barrier } from './operations/barrier.ts'
import type { Parameters } from './parameters.ts'
import { type Tensor, tf } from './tf.ts'

/**
 * Runs a block of the model whose inside is not kept for the gradient: the backward pass computes it once more from its
 * inputs (Chen et al. 2016). A net of n blocks holds n inputs and the inside of one block in place of the inside of all,
 * for up to a third more time.
 *
 * @param block what to compute; everything that it depends on and that is to have a gradient comes in through its
 *   arguments. What it reads besides, such as masks and tables, gets none. It is called twice, and must be pure.
 * @param inputs computed values, float32; each is kept
 */
export function rematerialise(
  block: (inputs: readonly Tensor[], parameters: Parameters) => Tensor,
  inputs: readonly Tensor[],
  parameters: Parameters = {},
): Tensor {
  const names = Object.keys(parameters)
  const run = (tensors: readonly Tensor[]): Tensor => {
    const own = tensors.slice(inputs.length)
    return block(
      tensors.slice(0, inputs.length),
      Object.fromEntries(names.map((name, at) => [name, own[at] as Tensor])),
    )
  }
  const checkpoint = tf.customGrad((...given) => {
    const save = given.pop() as unknown as (tensors: Tensor[]) => void
    const tensors = given as Tensor[]
    const value = run(tensors)
    save(tensors)
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => gradientsAgain(run, saved, inputs.length, dy) }
  })
  return checkpoint(...inputs, ...names.map((name) => parameters[name] as Tensor))
}

/** Gradients of a block by all of its tensors, from a second run that waits for dy. */
function gradientsAgain(
  run: (tensors: readonly Tensor[]) => Tensor,
  saved: readonly Tensor[],
  inputs: number,
  dy: Tensor,
): Tensor[] {
  const tensors = [...barrier(saved.slice(0, inputs), dy), ...saved.slice(inputs)]
  // TensorFlow.js lets go of its one tape at the end of each gradient; the outer one still needs its own.
  const { state } = tf.engine()
  const tape = state.activeTape
  try {
    const { grads } = tf.engine().gradients(() => run(tensors), tensors, dy, true)
    return tensors.map((tensor, at) => grads[at] ?? tf.zerosLike(tensor))
  } finally {
    state.activeTape = tape
  }
}
