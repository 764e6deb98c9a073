import { ORPCError } from '@orpc/server'

/**
 * Options of both hosts' RPC handlers. Errors that the contract does not name go to stderr in full; the window gets
 * their sentence, so that a fault is seen on both sides.
 */
export const rpcOptions = { clientInterceptors: [reportFaults] }

async function reportFaults(options: { next(): Promise<unknown> }): Promise<unknown> {
  try {
    return await options.next()
  } catch (error) {
    // A call that the window gave up is no fault; an ORPCError is an answer.
    if (error instanceof ORPCError || (error instanceof Error && error.name === 'AbortError')) throw error
    console.error(error)
    const message = error instanceof Error ? error.message : String(error)
    throw new ORPCError('INTERNAL_SERVER_ERROR', { message, cause: error })
  }
}
