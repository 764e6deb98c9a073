import { cpus, totalmem } from 'node:os'
import type { Status } from '../../src-shared/contract/app.ts'
import type { Context } from './context.ts'
import { appVersion } from './resources.ts'

/** Settings of the window; the app's own have another prefix. */
const WINDOW = 'window.'
export const CONCURRENCY = 'app.concurrency'

/** The app itself: what it does at the moment, and settings that belong to no run. */
export function createAppService(context: Context) {
  const { home, runs, scheduler, settings, changes, cores } = context
  const version = appVersion()
  return {
    status(): Status {
      const ids = scheduler.running()
      const running = ids.length > 0 ? runs.summaries(ids) : []
      const trainingBytes = running.reduce((sum, { latest }) => sum + (latest['memory.resident'] ?? 0) * 1e6, 0)
      return {
        version,
        home: home.directory,
        device: `${cpus()[0]?.model.trim() || process.arch}, ${cores} cores`,
        cores,
        memoryTotal: totalmem(),
        memoryUsed: process.memoryUsage.rss() + trainingBytes,
        running: running.length,
        queued: scheduler.queued().length,
        concurrency: scheduler.concurrency(),
        runningJobs: running.map(({ id, name, step, steps, secondsLeft }) => ({ id, name, step, steps, secondsLeft })),
      }
    },
    setConcurrency(concurrency: number): { concurrency: number } {
      scheduler.setConcurrency(concurrency)
      settings.put(CONCURRENCY, concurrency)
      changes.emit({ topic: 'status' })
      return { concurrency }
    },
    settings: (): Record<string, unknown> => settings.withPrefix(WINDOW),
    saveSetting(key: string, value: unknown): { saved: true } {
      settings.put(WINDOW + key, value)
      return { saved: true }
    },
  }
}
