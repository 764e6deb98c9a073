import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { encodePng } from '../../data/png.ts'
import { readRunTokens } from '../../jobs/run-directory.ts'
import type { RunModel } from '../../jobs/speech/open-run-model.ts'
import { hasPrior } from '../../jobs/speech/run-handlers.ts'
import { say } from '../../jobs/speech/spoken-answers.ts'
import { type CodeMaps, codeMapsOf } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import type { Painter } from '../painted.ts'
import { priorPainter } from '../prior-painter.ts'
import { createProgress } from '../progress.ts'
import { runDirectory } from '../run-folder.ts'
import { addSamplingOptions, MOST_ANSWERS, type SamplingOptions, samplingOf, withRunModel } from '../run-model.ts'

interface GenerateOptions extends CommonOptions, SamplingOptions {
  count: number
  batch?: number
  out: string
  force?: boolean
}

export function addGenerate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'generate',
    summary: 'Paint pictures from a text, or of a class',
    description:
      'Let the model of a run’s second stage paint pictures from a text, or a run’s prior paint pictures of a class, or of none. Each becomes a PNG; their codes go to codes.json, which "reconstruct --codes" reads.',
    examples: [
      'generate RUN "Draw a red apple." --count 4 --out apples',
      'generate RUN "Paint a cat." --seed 7 --top-k 100 --guidance 2',
      'generate RUN-OF-A-PRIOR food-fruit --count 64 --batch 32 --guidance 2 --out fruit',
    ],
  })
  command
    .handle(async (run: string, prompt: string | undefined, options: GenerateOptions) => {
      const { count, out, seed } = options
      const home = homeOf(cli, options)
      const directory = runDirectory(home, run)
      const painter = hasPrior(directory)
        ? priorPainter(cli, home, directory, prompt ?? '', options)
        : languagePainter(cli, home, run, prompt, options)
      const files = Array.from({ length: count }, (_, at) => join(out, `${nameOf(prompt ?? '')}-${at + 1}.png`))
      const codesFile = join(out, 'codes.json')
      refuseOverwriting([...files, codesFile], options.force)
      const tokens = readRunTokens(directory) ?? []
      const step = await painter(async ({ step, codes, sides, resolution, pictures }) => {
        let at = 0
        for await (const pixels of pictures())
          writeOutput(files[at++] as string, await encodePng(pixels, resolution, resolution))
        writeOutput(codesFile, `${JSON.stringify(mapsOf(files, codes, sides, tokens))}\n`)
        return step
      })
      return {
        document: { run, step, prompt: prompt ?? '', seed, pictures: files, codes: codesFile },
        text: [...files, codesFile].join('\n'),
      }
    })
    .argument('<run>', 'id or directory of a run')
    .argument(
      '[prompt]',
      'what to paint, as the run’s dialogues ask for it: "Draw a red apple."; of a prior the name of a class, or nothing for none',
    )
    .option('--count <n>', 'pictures', wholeNumber(1), 1)
    .option('--batch <n>', 'pictures that a prior paints side by side (default: 16)', wholeNumber(1))
    .option('--out <folder>', 'where the files go', '.')
    .option('--force', 'overwrite files')
  addSamplingOptions(command, 'codes', 1)
}

/** @throws UsageError for what a language model cannot be asked */
function languagePainter(
  cli: Cli,
  home: string,
  run: string,
  prompt: string | undefined,
  options: GenerateOptions,
): Painter {
  const { count, batch, threads } = options
  if (prompt === undefined) throw new UsageError('say what to paint: generate RUN "Draw a red apple."')
  if (count > MOST_ANSWERS) throw new UsageError(`--count ${count}: at most ${MOST_ANSWERS} go side by side`)
  if (batch !== undefined) throw new UsageError('--batch is for priors; a language model paints all of --count at once')
  return (use) =>
    withRunModel(home, run, threads, async (model) => {
      const codes = await paint(cli, model, prompt, options)
      const { speaker, numbers, step } = model
      const { resolution, layout } = speaker
      async function* pictures(): AsyncGenerator<Uint8Array> {
        for (const maps of codes) yield await speaker.decode(numbers.rows(maps))
      }
      return use({ step, codes, sides: layout.sides, resolution, pictures })
    })
}

/** @returns for each picture the codes of every layer */
async function paint(
  { terminal }: Cli,
  model: RunModel,
  question: string,
  options: GenerateOptions,
): Promise<number[][][]> {
  const { count, seed, guidance } = options
  const sampling = samplingOf(options)
  const { cells, slots } = model.speaker.layout
  const progress = createProgress(terminal)
  const paintings: number[][][] = []
  let done = 0
  try {
    await say(
      model,
      { question },
      {
        settings: { text: sampling, codes: sampling, guidance, seed, newTokens: cells * slots },
        answers: count,
        paint: { first: [] },
      },
      {
        signal: new AbortController().signal,
        part: (event) => {
          if (event.kind === 'painted') paintings[event.answer] = event.codes
          if (event.kind === 'code') progress.show(++done / (count * cells * slots), 'painting')
        },
      },
    )
  } finally {
    progress.end()
  }
  return paintings
}

function mapsOf(
  files: string[],
  paintings: readonly number[][][],
  sides: readonly number[],
  tokens: string[],
): CodeMaps {
  const layers = sides.map((_, layer) => Int32Array.from(paintings.flatMap((maps) => maps[layer] as number[])))
  return codeMapsOf(
    files.map((file) => basename(file)),
    layers,
    sides,
    tokens,
  )
}

/** A file name out of a prompt: "Draw a red apple." becomes draw-a-red-apple. */
const nameOf = (prompt: string): string =>
  prompt
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60) || 'picture'
