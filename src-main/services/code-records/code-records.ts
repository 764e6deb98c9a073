import type {
  CodeHistory,
  CodePatches,
  PatchQuery,
  UsageOverTime,
  UsageQuery,
} from '../../../src-shared/contract/code-records.ts'
import { runFiles } from '../../jobs/run-directory.ts'
import { runPath } from '../../jobs/run-id.ts'
import type { Context } from '../context.ts'
import { notFound } from '../errors.ts'
import { codeHistory } from './code-history.ts'
import { codePatches } from './code-patches.ts'
import { createColumnCache } from './recorded-steps.ts'
import { readSync, syncSteps } from './syncs.ts'
import { usageOverTime } from './usage-over-time.ts'

export type CodeRecordsService = ReturnType<typeof createCodeRecordsService>

/** What a run's samples say of its codes. Every method throws the contract's errors. */
export function createCodeRecordsService({ home, runs }: Pick<Context, 'home' | 'runs'>) {
  const column = createColumnCache()
  const filesOf = (id: string) => {
    if (!runs.row(id)) throw notFound(`there is no run ${id}`, 'It may have been removed; reload the list of runs.')
    return runFiles(runPath(home.runs, id))
  }
  return {
    usageOverTime: async ({ id, ...query }: UsageQuery): Promise<UsageOverTime> =>
      usageOverTime(filesOf(id).samples, query, column),
    codeHistory: async (id: string, code: number): Promise<CodeHistory> => codeHistory(filesOf(id).samples, code),
    codePatches: async ({ id, ...query }: PatchQuery): Promise<CodePatches> => codePatches(filesOf(id).samples, query),
    syncs: (id: string): { steps: number[] } => ({ steps: syncSteps(filesOf(id).syncs) }),
    sync: (id: string, step: number): { step: number; file: Blob } => ({
      step,
      file: readSync(filesOf(id).syncs, step),
    }),
  }
}
