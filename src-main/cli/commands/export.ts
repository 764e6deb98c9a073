import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { codeMapSides } from '../../../src-shared/code-maps.ts'
import { SAMPLE_CAPTIONS } from '../../../src-shared/events.ts'
import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { modelFile, README, weightsFile } from '../../engine/export.ts'
import { stepFileName, stepsIn } from '../../jobs/checkpoints.ts'
import { readEvents } from '../../jobs/events-file.ts'
import { runFiles } from '../../jobs/run-directory.ts'
import { ADAPTER_FILES, writeAdapter } from '../../language/weights/peft.ts'
import { trainedAdapter } from '../../training/trained-adapter.ts'
import { TOKENIZER_MODELS } from '../../training/trained-tokenizer.ts'
import { type CodeMaps, codeMapArrays, codeMapsOf } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { metricsCsv, metricsDocument, metricTable, provenanceCsv, provenanceIn } from '../metrics-export.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { openCheckpoint, openRunFolder, type RunFolder } from '../run-folder.ts'
import { note } from '../terminal.ts'
import { withTokenizer } from '../tokenizer.ts'

interface ExportOptions extends CommonOptions {
  metrics?: string
  codes?: string
  onnx?: string
  adapter?: string
  external?: boolean
  step?: number
  force?: boolean
}

/** Every file that an export of a tokenizer may write. */
const tokenizerFiles = (folder: string): string[] =>
  [...TOKENIZER_MODELS.flatMap((name) => [modelFile(name), weightsFile(name)]), README].map((name) =>
    join(folder, name),
  )

interface Output {
  path: string
  content: Uint8Array | string
}

export function addExport(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'export',
    summary: 'Write metrics, code maps, the tokenizer or the adapter of a run to files',
    description:
      'Write the metrics of a run (CSV or JSON, every recorded step, with the provenance card of each metric in the JSON or in FILE.provenance.csv), the code maps of its held-out sample pictures (JSON, or one .npy per layer: int32 [pictures, h, w]), or its tokenizer as encoder.onnx (pictures to code maps) and decoder.onnx (code maps to pictures) with a README.md of their inputs and outputs; with --external the weights go to .data files beside them. The low-rank adapters of a run with language.tuning "lora" go to a folder as PEFT keeps them. Works from the run directory, while it trains as well.',
    examples: [
      'export RUN --metrics metrics.csv',
      'export RUN --codes codes --step 200',
      'export RUN --onnx tokenizer --external',
      'export RUN --adapter adapter',
    ],
  })
    .handle(async (run: string, options: ExportOptions) => {
      if (!options.metrics && !options.codes && !options.onnx && !options.adapter)
        throw new UsageError(
          'say what to export: --metrics FILE.csv|FILE.json, --codes FILE.json|FOLDER, --onnx FOLDER, --adapter FOLDER',
        )
      if (options.external && !options.onnx)
        throw new UsageError('--external says where the weights of --onnx FOLDER go; give that too')
      const folder = openRunFolder(homeOf(cli, options), run)
      const outputs = [
        ...(options.metrics ? metricsOutput(folder, options.metrics) : []),
        ...(options.codes ? codesOutput(folder, options.codes, options.step) : []),
      ]
      const target = options.onnx
      const models = target ? tokenizerFiles(target) : []
      const adapter = options.adapter
      const adapters = adapter ? ADAPTER_FILES.map((name) => join(adapter, name)) : []
      refuseOverwriting([...outputs.map(({ path }) => path), ...models, ...adapters], options.force)
      const files = outputs.map(({ path }) => path)
      for (const { path, content } of outputs) writeOutput(path, content)
      if (target)
        files.push(
          ...(await withTokenizer(homeOf(cli, options), run, options, cli.terminal, ({ tokenizer }) =>
            tokenizer.exportOnnx(target, options.external ? true : 'auto'),
          )),
        )
      if (adapter) {
        const { file } = openCheckpoint(folder.directory, options.step, (message) => note(cli.terminal, message))
        await writeAdapter(adapter, trainedAdapter(file, folder.config))
        files.push(...adapters)
      }
      return { document: { run, files }, text: files.join('\n') }
    })
    .argument('<run>', 'id or directory of a run')
    .option('--metrics <file>', 'metrics to FILE.csv or FILE.json')
    .option('--codes <path>', 'code maps to FILE.json, or a folder for .npy files')
    .option('--onnx <folder>', 'tokenizer as ONNX to a folder')
    .option('--adapter <folder>', 'low-rank adapters to a folder, as PEFT keeps them')
    .option('--external', 'weights of --onnx in files of their own (always so above 2 GB)')
    .option('--step <n>', 'sample or checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--force', 'overwrite files')
}

function metricsOutput({ directory, config }: RunFolder, path: string): Output[] {
  if (!/\.(csv|json)$/.test(path)) throw new UsageError(`--metrics ${path}: wanted a file that ends in .csv or .json`)
  const { events } = readEvents(runFiles(directory).events)
  const [metrics, cards] = [metricTable(events), provenanceIn(events)]
  if (metrics.rows.length === 0) throw new UsageError(`${directory} has not recorded any metrics yet`)
  if (path.endsWith('.json'))
    return [{ path, content: `${JSON.stringify(metricsDocument(metrics, config, cards), null, 2)}\n` }]
  return [
    { path, content: metricsCsv(metrics) },
    { path: path.replace(/csv$/, 'provenance.csv'), content: provenanceCsv(metrics, cards) },
  ]
}

function codesOutput(folder: RunFolder, path: string, step: number | undefined): Output[] {
  const maps = sampleCodeMaps(folder, step)
  if (path.endsWith('.json')) return [{ path, content: `${JSON.stringify(maps)}\n` }]
  return codeMapArrays(maps).map(({ name, bytes }) => ({ path: join(path, name), content: bytes }))
}

/** Code maps of the held-out sample pictures of one step, with their captions as names. */
function sampleCodeMaps(
  { directory, config, tokens, ids }: RunFolder,
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
    return ids ? codes.map((code) => ids[code] as number) : codes
  })
  const captions: unknown = JSON.parse(metadata[SAMPLE_CAPTIONS] ?? '[]')
  const count = tensors['codes.0']?.shape[0] ?? 0
  const names = Array.from({ length: count }, (_, at) => (Array.isArray(captions) ? String(captions[at] ?? '') : ''))
  return { step, ...codeMapsOf(names, layers, sides, tokens) }
}
