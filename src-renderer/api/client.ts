import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../src-shared/contract/index.ts'
import { createConnection } from './connection.ts'
import { openTransport } from './transport.ts'

const connection = createConnection(openTransport)

/**
 * The API of the app, the same in every host. The connection is made by the first call and made again when it is
 * lost. A call made without a connection fails with a ConnectionError; nothing is sent twice.
 */
export const api: ContractRouterClient<Contract> = createORPCClient(connection)

/** Zustand store of the connection: `useStore(connectionState, (s) => s.state)`; `connect()` tries at once. */
export const connectionState = connection.store
