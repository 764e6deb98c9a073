import { eventIterator, type } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './procedure.ts'

export interface Status {
  version: string
  home: string
  device: string
  cores: number
  memoryTotal: number
  /** Resident memory of the app and its training processes, bytes. */
  memoryUsed: number
  running: number
  queued: number
  concurrency: number
  runningJobs: { id: string; name: string; step: number; steps: number; secondsLeft: number | null }[]
}

/** Something changed; the renderer refetches what it shows. Sent at most ten times a second. */
export type Change =
  | { topic: 'run'; id: string }
  | { topic: 'ablation'; id: string }
  | { topic: 'status' }
  | { topic: 'data'; message: string }
  | { topic: 'models' }
  | { topic: 'paper' }
  | { topic: 'evaluations' }

/** The app as a whole. */
export const app = {
  status: procedure.output(type<Status>()),
  /** Long-lived; yields batches of changes. */
  changes: procedure.output(eventIterator(type<Change[]>())),
  setConcurrency: procedure
    .input(z.object({ concurrency: z.int().min(1).max(64) }))
    .output(type<{ concurrency: number }>()),
  /** Settings of the window that belong to no run, such as the theme. */
  settings: procedure.output(type<Record<string, unknown>>()),
  saveSetting: procedure
    .input(z.object({ key: z.string().max(80), value: z.unknown() }))
    .output(type<{ saved: true }>()),
}
