/** What a model's process cannot do, in a sentence for people, and what to do about it. */
export class ModelError extends Error {
  override name = 'ModelError'
  readonly code: ModelErrorCode
  readonly hint: string
  constructor(code: ModelErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}

/**
 * bad-request: it can never be done. conflict: not with this model, or not now. not-found, unreadable: of what is on disk.
 * ended: the process is gone.
 */
export const modelErrorCodes = ['bad-request', 'conflict', 'not-found', 'unreadable', 'ended'] as const
export type ModelErrorCode = (typeof modelErrorCodes)[number]
