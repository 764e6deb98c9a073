/** What goes wrong in the engine, each with the model line where there is one, the value it had and what to do. */
export class EngineError extends Error {
  override name = 'EngineError'
}

/** A tensor whose shape or type is not the one that a program or a kernel wants. */
export class ShapeError extends EngineError {
  override name = 'ShapeError'
}

/** An operation that the runtime, or this provider of it, does not have. */
export class MissingOperationError extends EngineError {
  override name = 'MissingOperationError'
}

/** A runtime or provider that cannot be used on this machine: a library, a driver or a device is missing. */
export class ProviderError extends EngineError {
  override name = 'ProviderError'
}

/** The processor's or the device's memory does not suffice. The state is as it was before the step. */
export class OutOfMemoryError extends EngineError {
  override name = 'OutOfMemoryError'
}

/** JavaScript's own way to say that there is no memory for an array, as an error of ours; any other error as it is. */
export function explainAllocation(error: unknown): unknown {
  if (
    !(error instanceof RangeError) ||
    !/allocation failed|invalid (typed )?array (buffer )?length/i.test(error.message)
  )
    return error
  return new OutOfMemoryError(
    `this process has no memory left for an array (${error.message}); use a smaller batch or smaller pictures, or close other programs`,
    { cause: error },
  )
}

/** An operation that failed while it ran, such as a gather with an index out of range. */
export class OperationError extends EngineError {
  override name = 'OperationError'
}
