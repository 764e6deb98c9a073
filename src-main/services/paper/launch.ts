import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { PaperExperiment } from '../../../src-shared/contract/paper.ts'
import type { Machine } from '../../../src-shared/contract/plan.ts'
import type { Preset } from '../../../src-shared/contract/presets.ts'
import { familyLabel } from '../../../src-shared/paper/config-words.ts'
import { experimentOf } from '../../../src-shared/paper/experiments.ts'
import { type PaperTable, type RunSize, runSizes } from '../../../src-shared/paper/tables.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { newRunId } from '../../jobs/run-id.ts'
import type { NewRun } from '../../store/runs-store.ts'
import { sourceWords } from '../../training/stage-one/provenance.ts'
import type { Context } from '../context.ts'
import { badRequest, conflict, withConfigProblems } from '../errors.ts'
import { missingOf } from '../missing.ts'
import type { createPlanService } from '../plan.ts'
import { queueNewRuns } from '../queue-runs.ts'
import { sizeLines, runSizes as sizesOfConfig } from './run-sizes.ts'

/** What the paper's size is planned for, since no machine is stated: eight devices of a kind that the time had. */
const MACHINE: Machine = {
  devices: 8,
  deviceMemory: 80,
  throughput: { unit: 'TFLOP/s', value: 250, utilisation: 0.4 },
}
const MACHINE_WORDS = '8 devices of 80 GB and 250 TFLOP/s, 40 % of which training reaches'
/** Pictures of LCS-558K. */
const PAPER_PICTURES = 558_128

type Taken = Pick<PaperExperiment, 'minutes' | 'memoryBytes' | 'missing' | 'problems' | 'machine'>

export interface RunRequest {
  rows: readonly number[]
  size: Exclude<RunSize, 'paper'>
  seeds: readonly number[]
}

/** The paper's rows as runs: what they would take, and their start. */
export function createLaunch(context: Context, plan: ReturnType<typeof createPlanService>, presets: () => Preset[]) {
  const configOf = (table: PaperTable, row: number, size: RunSize): ExperimentConfig => {
    const named = table.rows[row]
    const config = withConfigProblems(() => experimentOf(table, row, size, presets()))
    if (config) return config
    throw badRequest(
      `"${named?.name ?? row}" of table ${table.id} is not trained here`,
      named?.outside ?? `The table has ${table.rows.length} rows.`,
    )
  }

  const here = async (config: ExperimentConfig): Promise<Taken> => {
    const asPreset = { id: 'row', group: 'minutes', title: config.name, description: '', baseline: config } as const
    const [outlook] = await plan.outlook([{ ...asPreset, factors: [], seeds: [0] }])
    const { minutes = null, memoryBytes = null, missing = [] } = outlook ?? {}
    return { minutes, memoryBytes, missing, problems: [], machine: null }
  }
  const elsewhere = async (config: ExperimentConfig): Promise<Taken> => {
    const asked = { name: config.name, baseline: config, factors: [], seeds: [0] }
    const { preflight, problems } = await plan.preflight({ ...asked, machine: MACHINE, pictures: PAPER_PICTURES })
    const told = preflight?.elsewhere
    return {
      minutes: told?.hoursPerRun == null ? null : told.hoursPerRun * 60,
      memoryBytes: told?.sharded.bytes ?? null,
      missing: preflight?.missing ?? [],
      problems,
      machine: MACHINE_WORDS,
    }
  }

  return {
    /** What a row takes at each size. Nothing is opened for it: the data are not decoded to count them. */
    async experiments(table: PaperTable, row: number): Promise<PaperExperiment[]> {
      const all: PaperExperiment[] = []
      for (const size of runSizes) {
        const config = configOf(table, row, size)
        const preset = table.rows[row]?.runs?.[size].preset ?? table.runs[size].preset ?? ''
        const label = familyLabel({ ...table, varies: [] }, config, sourceWords(config.data.source))
        const sizes = sizeLines(config, sizesOfConfig(config, config.language.vocabulary))
        all.push({ size, preset, label, sizes, ...(size === 'paper' ? await elsewhere(config) : await here(config)) })
      }
      return all
    },

    /** Stores rows × seeds as an ablation whose arms are the rows, and queues the first seed of every row first. */
    run(table: PaperTable, { rows, size, seeds }: RunRequest): { id: string; runIds: string[] } {
      if (new Set(seeds).size < seeds.length)
        throw badRequest(`the seeds ${seeds.join(', ')} list one twice`, 'Give each seed once.')
      const chosen = [...new Set(rows)].sort((a, b) => a - b)
      const arms = chosen.map((row) => ({ row, name: table.rows[row]?.name ?? '', config: configOf(table, row, size) }))
      const [first] = arms
      if (!first) throw badRequest('no row was chosen', 'Choose a row that is trained here.')
      for (const { name, config } of arms) {
        const [missing] = missingOf(config, context.home.directory)
        if (missing) throw conflict(`"${name}" cannot be trained yet: ${missing.message}`, missing.remedy)
      }
      const createdAt = Date.now()
      const baseline = arms.find(({ row }) => row === table.baseline)?.config ?? first.config
      const ablation = {
        id: newRunId(),
        name: `Table ${table.id}: ${table.title} (${size})`,
        createdAt,
        baseline,
        factors: [{ path: table.rowKey, values: arms.map(({ name }) => name) }],
        seeds: [...seeds],
      }
      const ids = Array.from({ length: arms.length * seeds.length }, () => newRunId()).sort()
      const newRuns = seeds.flatMap((seed, seedIndex) =>
        arms.map(
          ({ name, config }, armIndex): NewRun => ({
            id: ids[seedIndex * arms.length + armIndex] as string,
            config: parseConfig({ ...config, seed, name: `${name} · seed ${seed} · table ${table.id}`.slice(0, 120) }),
            createdAt,
            parentId: null,
            cell: { ablationId: ablation.id, armIndex, armLabel: name, armSettings: { [table.rowKey]: name } },
          }),
        ),
      )
      queueNewRuns(context, newRuns, ablation)
      return { id: ablation.id, runIds: ids }
    },
  }
}
