import { join } from 'node:path'
import type { Command } from 'commander'
import { ablationReport, type ReportDetail } from '../../services/report/ablation-report.ts'
import { runsAsArms } from '../../services/report/runs-as-arms.ts'
import type { Workbench } from '../../services/workbench.ts'
import { addCommand, type Cli, type CommonOptions, withWorkbench } from '../command.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'

interface ReportOptions extends CommonOptions {
  out: string
  force?: boolean
}

/** Points per curve; evaluations are fewer. */
const POINTS = 2000

export function addReport(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'report',
    summary: 'Write the results of an ablation, or of runs, as a page with curves and pictures',
    description:
      'Write an ablation as report.md in a folder: its result table with the 95 % interval of each difference, a curve per metric as SVG, the reconstructions of its arms, and what they painted and answered. Runs that were trained one by one are put together likewise: those that differ in their seed alone are one arm, and the first is the baseline.',
    examples: [
      'report 01JABCDEF --out docs/results/quick',
      'report 20260101-120000-abcdef 20260102-120000-ghijkl --out seeds',
    ],
  })
    .argument('<ids...>', 'id of an ablation, as `ablate --json` and the window’s address show it, or ids of runs')
    .requiredOption('--out <folder>', 'folder to write into; made if needed')
    .option('--force', 'overwrite what is there')
    .handle(async (ids: string[], options: ReportOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        const detail = await detailOf(client, ids)
        const files = await ablationReport({
          detail,
          series: (runIds, names) => client.runs.metrics({ runIds, names, maxPoints: POINTS }),
          sample: async (runId) => {
            const { sampleSteps } = await client.runs.get({ id: runId })
            const last = sampleSteps.at(-1)
            if (last === undefined) return null
            const { file } = await client.runs.sample({ id: runId, step: last })
            return new Uint8Array(await file.arrayBuffer())
          },
          painting: async (runId) => {
            const last = (await client.runs.get({ id: runId })).paintingSteps.at(-1)
            if (last === undefined) return null
            const { file } = await client.runs.painting({ id: runId, step: last })
            return new Uint8Array(await file.arrayBuffer())
          },
          answers: async (runId) => {
            const last = (await client.runs.get({ id: runId })).answerSteps.at(-1)
            return last === undefined ? null : (await client.runs.answers({ id: runId, step: last })).answers
          },
        })
        const paths = Object.keys(files).map((name) => join(options.out, name))
        refuseOverwriting(paths, options.force)
        for (const [name, content] of Object.entries(files)) writeOutput(join(options.out, name), content)
        return { document: { ids, files: paths }, text: `wrote ${paths.length} files to ${options.out}` }
      }),
    )
}

/** @throws what asking for a run throws, if the ids name neither one ablation nor runs */
async function detailOf(client: Workbench['client'], ids: readonly string[]): Promise<ReportDetail> {
  const [only] = ids
  if (ids.length === 1 && only !== undefined && (await client.ablations.list()).some(({ id }) => id === only))
    return client.ablations.get({ id: only })
  return runsAsArms(await Promise.all(ids.map((id) => client.runs.get({ id }))))
}
