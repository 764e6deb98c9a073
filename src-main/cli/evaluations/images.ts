import { existsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { type MetricCard, metricCardLines } from '../../../src-shared/metric-card.ts'
import { nearestName } from '../../../src-shared/nearest-name.ts'
import { DataError } from '../../data/source.ts'
import { FeatureSetError } from '../../evaluation/frechet-distance.ts'
import { ImageEvaluationError, type ImageMetric, imageMetrics } from '../../evaluation/images/evaluate-images.ts'
import { ExtractorError } from '../../evaluation/images/extractor.ts'
import { conventions } from '../../evaluation/images/input-conventions.ts'
import { EvaluationStopped } from '../../evaluation/images/progress.ts'
import { CaptionsError } from '../../jobs/image-evaluation/captions.ts'
import { isStatistics, type ReferencePlace, type Split } from '../../jobs/image-evaluation/open-reference.ts'
import {
  type ExtractorChoice,
  type ImageEvaluationRequest,
  runImageEvaluation,
} from '../../jobs/image-evaluation/run-image-evaluation.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'
import { type CommandResult, wholeNumber } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { refuseOverwriting } from '../output-files.ts'
import { createProgress } from '../progress.ts'
import { runDirectory } from '../run-folder.ts'
import { duration, short, table } from '../table.ts'
import { note, type Terminal } from '../terminal.ts'
import { noteUnreadable } from '../tokenizer.ts'

export interface ImageOptions {
  images: string
  reference?: string
  split: Split
  as: 'samples' | 'reconstructions'
  extractor?: string[]
  resize?: string
  metrics?: string
  seed: number
  size?: number
  lpips?: string
  clipText?: string
  clipTokenizer?: string
  captions?: string
  saveStatistics?: string
  threads?: number
  force?: boolean
}

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, text]

/** Options of `evaluate --images` alone. */
export const addImageOptions = (command: Command): Command =>
  command
    .option('--images <folder>', 'pictures to score')
    .option('--reference <place>', 'what they are compared with: a folder, statistics as .npz, or a run')
    .addOption(new Option('--split <name>', 'pictures of a run').choices(['training', 'held-out']).default('held-out'))
    .addOption(
      new Option(
        '--as <what>',
        'samples (gFID), or reconstructions of the reference’s pictures of the same names (rFID)',
      )
        .choices(['samples', 'reconstructions'])
        .default('samples'),
    )
    .option(
      '--extractor <network>',
      'mobilenet-v2 (packaged, the default), or NAME=FILE.onnx: inception, clip, vgg16 or any other (repeatable)',
      collect,
    )
    .option('--resize <convention>', 'instead of the extractor’s own: tf1, half-pixel, clean, clip, imagenet, plain')
    .option(
      '--metrics <list>',
      'fd,kid,precision-recall,is,clip,psnr,ssim,l1,mse,lpips (default: all that is possible)',
    )
    .option('--size <px>', 'crop and scale every picture to this side first (default: its own size)', wholeNumber(1))
    .option('--lpips <path>', 'VGG16 and LPIPS weights, safetensors')
    .option('--clip-text <file>', 'CLIP’s text side, ONNX')
    .option('--clip-tokenizer <file>', 'its tokenizer.json')
    .option('--captions <file>', 'JSON { "picture": "text" } (default: the .txt beside each picture)')
    .option('--save-statistics <file>', 'write mean and covariance of the pictures’ features as .npz')

/** Errors about what was named on the command line. */
const unusable = [DataError, ImageEvaluationError, ExtractorError, FeatureSetError, CaptionsError, WeightsError]

const PACKAGED = 'mobilenet-v2'

/** `evaluate --images`. @throws UsageError naming what cannot be used */
export async function evaluateImageFolder(
  home: string,
  options: ImageOptions,
  terminal: Terminal,
): Promise<CommandResult> {
  const request = requestOf(home, options)
  if (request.saveStatistics !== null) refuseOverwriting([request.saveStatistics], options.force)
  const progress = createProgress(terminal)
  const stop = new AbortController()
  const interrupt = listenForInterrupt(terminal, 'Stopping. Ctrl-C again ends at once.', () => stop.abort())
  const pace = createPace()
  try {
    const { cards, unreadable } = await runImageEvaluation(
      request,
      { cache: join(home, 'cache'), threads: options.threads ?? availableParallelism() },
      {
        signal: stop.signal,
        onProgress: (done, total, what) =>
          progress.show(done / total, `${what} ${done}/${total}${pace(what, done, total)}`),
      },
    )
    progress.end()
    noteUnreadable(terminal, unreadable)
    return { document: { images: options.images, cards, unreadable }, text: cardsText(cards) }
  } catch (error) {
    progress.end()
    if (error instanceof EvaluationStopped) {
      note(terminal, error.message)
      return { document: { stopped: true }, text: '', exitCode: exitCodes.interrupted }
    }
    if (unusable.some((kind) => error instanceof kind)) throw new UsageError((error as Error).message, { cause: error })
    throw error
  } finally {
    interrupt.release()
  }
}

function requestOf(home: string, options: ImageOptions): ImageEvaluationRequest {
  const { clipText, clipTokenizer, captions } = options
  if ((clipText === undefined) !== (clipTokenizer === undefined))
    throw new UsageError('a CLIP score needs both --clip-text and --clip-tokenizer')
  if (captions !== undefined && clipText === undefined)
    throw new UsageError('--captions is for a CLIP score, which needs --clip-text and --clip-tokenizer')
  if (options.saveStatistics !== undefined && !existsSync(dirname(options.saveStatistics)))
    throw new UsageError(`there is no folder "${dirname(options.saveStatistics)}" to write statistics into`)
  return {
    images: options.images,
    reference: options.reference === undefined ? null : placeOf(home, options.reference, options.split),
    role: options.as,
    extractors: extractorsOf(options),
    metrics: options.metrics === undefined ? null : metricsOf(options.metrics),
    seed: options.seed,
    side: options.size ?? null,
    lpips: options.lpips ?? null,
    clipText:
      clipText === undefined || clipTokenizer === undefined
        ? null
        : { model: clipText, tokenizer: clipTokenizer, captions: captions ?? null },
    saveStatistics: options.saveStatistics ?? null,
  }
}

/** A folder of pictures, a file of statistics, or a run by id or directory. */
function placeOf(home: string, given: string, split: Split): ReferencePlace {
  if (isStatistics(given)) return { statistics: given }
  const isRun = existsSync(join(given, 'config.json')) && existsSync(join(given, 'events.ndjson'))
  if (!isRun && statSync(given, { throwIfNoEntry: false })?.isDirectory()) return { folder: given }
  try {
    return { run: runDirectory(home, given), split }
  } catch (error) {
    throw new UsageError(
      `--reference ${given} is no folder of pictures, no .npz file of statistics and no run (${(error as Error).message})`,
      { cause: error },
    )
  }
}

/** "inception=FILE.onnx", "mobilenet-v2" */
function extractorsOf({ extractor = [PACKAGED], resize }: ImageOptions): ExtractorChoice[] {
  const convention = conventions.find(({ name }) => name === resize)
  if (resize !== undefined && !convention)
    throw new UsageError(`--resize ${resize} is not known; there are ${conventions.map(({ name }) => name).join(', ')}`)
  return extractor.map((choice) => {
    const at = choice.indexOf('=')
    if (at > 0) return { kind: choice.slice(0, at), path: choice.slice(at + 1), convention }
    if (choice !== PACKAGED)
      throw new UsageError(`--extractor ${choice}: give ${PACKAGED}, or a name and a file, such as inception=FILE.onnx`)
    if (convention)
      throw new UsageError('--resize is for extractors of your own; the packaged one has its own resizing')
    return { kind: PACKAGED }
  })
}

function metricsOf(list: string): ImageMetric[] {
  return list.split(',').map((word) => {
    const metric = imageMetrics.find((name) => name === word.trim())
    if (metric) return metric
    const near = nearestName(word.trim(), imageMetrics)
    throw new UsageError(
      `there is no metric "${word.trim()}"${near ? `; did you mean ${near}?` : ''} (${imageMetrics.join(', ')})`,
    )
  })
}

/** Words for the time that is left of each part of the work, from how long it has taken so far. */
function createPace(
  now: () => number = () => performance.now(),
): (what: string, done: number, total: number) => string {
  const begun = new Map<string, { at: number; done: number }>()
  return (what, done, total) => {
    const first = begun.get(what)
    if (!first) begun.set(what, { at: now(), done })
    if (!first || done <= first.done || done >= total) return ''
    return `, ${duration(((now() - first.at) / 1000 / (done - first.done)) * (total - done))} left`
  }
}

/** The figures as a table, and what each depends on. */
export function cardsText(cards: readonly MetricCard[]): string {
  const figure = (value: MetricCard['value']) => (typeof value === 'number' ? short(value) : value)
  const rows = cards.map(({ metric, value, unit, interval, count }) => [
    metric,
    figure(value),
    interval ? `${short(interval.low)} to ${short(interval.high)}` : '–',
    unit,
    String(count),
  ])
  const details = cards.map((card) =>
    [card.metric, ...metricCardLines(card).map(([name, value]) => `  ${name}: ${value}`)].join('\n'),
  )
  return [table(['metric', 'value', 'interval', 'unit', 'count'], rows), ...details].join('\n\n')
}
