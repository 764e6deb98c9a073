import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { codeMapSides } from '../../../src-shared/config.ts'
import { SAMPLE_CAPTIONS } from '../../../src-shared/events.ts'
import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { stepFileName, stepsIn } from '../../jobs/checkpoints.ts'
import { readEvents } from '../../jobs/events-file.ts'
import { runFiles } from '../../jobs/run-directory.ts'
import { type CodeMaps, codeMapArrays, codeMapsOf } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { metricsCsv, metricsDocument, metricTable } from '../metrics-export.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { openRunFolder, type RunFolder } from '../run-folder.ts'
import { withTokenizer } from '../tokenizer.ts'

interface ExportOptions extends CommonOptions {
  metrics?: string
  codes?: string
  onnx?: string
  step?: number
  force?: boolean
}

interface Output {
  path: string
  content: Uint8Array | string
}

export function addExport(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'export',
    summary: 'Write metrics, code maps or the tokenizer of a run to files',
    description:
      'Write the metrics of a run (CSV or JSON, every recorded step), the code maps of its held-out sample pictures (JSON, or one .npy per layer: int32 [pictures, h, w]), or its tokenizer as encoder.onnx (pictures to code maps) and decoder.onnx (code maps to pictures). Works from the run directory, while it trains as well.',
    examples: [
      'export RUN --metrics metrics.csv',
      'export RUN --codes codes --step 200',
      'export RUN --onnx tokenizer',
    ],
  })
    .handle(async (run: string, options: ExportOptions) => {
      if (!options.metrics && !options.codes && !options.onnx)
        throw new UsageError(
          'say what to export: --metrics FILE.csv|FILE.json, --codes FILE.json|FOLDER, --onnx FOLDER',
        )
      const folder = openRunFolder(homeOf(cli, options), run)
      const outputs = [
        ...(options.metrics ? metricsOutput(folder, options.metrics) : []),
        ...(options.codes ? codesOutput(folder, options.codes, options.step) : []),
      ]
      const models = options.onnx
        ? ['encoder.onnx', 'decoder.onnx'].map((name) => join(options.onnx as string, name))
        : []
      const files = [...outputs.map(({ path }) => path), ...models]
      refuseOverwriting(files, options.force)
      if (models.length > 0)
        outputs.push(
          ...(await withTokenizer(homeOf(cli, options), run, options, cli.terminal, async ({ tokenizer }) =>
            [tokenizer.exportEncoder(), tokenizer.exportDecoder()].map((content, at) => ({
              path: models[at] as string,
              content,
            })),
          )),
        )
      for (const { path, content } of outputs) writeOutput(path, content)
      return { document: { run, files }, text: files.join('\n') }
    })
    .argument('<run>', 'id or directory of a run')
    .option('--metrics <file>', 'metrics to FILE.csv or FILE.json')
    .option('--codes <path>', 'code maps to FILE.json, or a folder for .npy files')
    .option('--onnx <folder>', 'tokenizer as ONNX to a folder')
    .option('--step <n>', 'sample or checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--force', 'overwrite files')
}

function metricsOutput({ directory, config }: RunFolder, path: string): Output[] {
  if (!/\.(csv|json)$/.test(path)) throw new UsageError(`--metrics ${path}: wanted a file that ends in .csv or .json`)
  const metrics = metricTable(readEvents(runFiles(directory).events).events)
  if (metrics.rows.length === 0) throw new UsageError(`${directory} has not recorded any metrics yet`)
  const content = path.endsWith('.csv')
    ? metricsCsv(metrics)
    : `${JSON.stringify(metricsDocument(metrics, config), null, 2)}\n`
  return [{ path, content }]
}

function codesOutput(folder: RunFolder, path: string, step: number | undefined): Output[] {
  const maps = sampleCodeMaps(folder, step)
  if (path.endsWith('.json')) return [{ path, content: `${JSON.stringify(maps)}\n` }]
  return codeMapArrays(maps).map(({ name, bytes }) => ({ path: join(path, name), content: bytes }))
}

/** Code maps of the held-out sample pictures of one step, with their captions as names. */
function sampleCodeMaps(
  { directory, config, tokens }: RunFolder,
  wanted: number | undefined,
): CodeMaps & { step: number } {
  const samples = runFiles(directory).samples
  const steps = stepsIn(samples)
  const step = wanted ?? steps.at(-1)
  if (step === undefined || !steps.includes(step))
    throw new UsageError(
      `${directory} has no sample${step === undefined ? ' yet' : ` of step ${step}; it has ${steps.join(', ')}`}`,
    )
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(samples, stepFileName(step))))
  const sides = codeMapSides(config)
  const layers = sides.map((_, layer) => {
    const codes = tensors[`codes.${layer}`]?.data
    if (!(codes instanceof Int32Array))
      throw new Error(`the sample of step ${step} lacks the codes of layer ${layer}; it is damaged`)
    return codes
  })
  const captions: unknown = JSON.parse(metadata[SAMPLE_CAPTIONS] ?? '[]')
  const count = tensors['codes.0']?.shape[0] ?? 0
  const names = Array.from({ length: count }, (_, at) => (Array.isArray(captions) ? String(captions[at] ?? '') : ''))
  return { step, ...codeMapsOf(names, layers, sides, tokens) }
}
