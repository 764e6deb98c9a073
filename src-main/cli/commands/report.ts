import { join } from 'node:path'
import type { Command } from 'commander'
import { ablationReport } from '../../services/report/ablation-report.ts'
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
    summary: 'Write an ablation’s results as a page with curves and pictures',
    description:
      'Write an ablation as report.md in a folder: its result table with the 95 % interval of each difference, a curve per metric as SVG, the reconstructions of its arms, and what they painted and answered.',
    examples: ['report 01JABCDEF --out docs/results/quick'],
  })
    .argument('<ablation>', 'id of an ablation, as `ablate --json` and the window’s address show it')
    .requiredOption('--out <folder>', 'folder to write into; made if needed')
    .option('--force', 'overwrite what is there')
    .handle(async (id: string, options: ReportOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        const detail = await client.ablations.get({ id })
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
        return { document: { ablation: id, files: paths }, text: `wrote ${paths.length} files to ${options.out}` }
      }),
    )
}
