import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { encodePng } from '../../data/png.ts'
import { readRunTokens } from '../../jobs/run-directory.ts'
import type { RunModel } from '../../jobs/speech/open-run-model.ts'
import { say } from '../../jobs/speech/spoken-answers.ts'
import { type CodeMaps, codeMapsOf } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { createProgress } from '../progress.ts'
import { runDirectory } from '../run-folder.ts'
import { addSamplingOptions, MOST_ANSWERS, type SamplingOptions, samplingOf, withRunModel } from '../run-model.ts'

interface GenerateOptions extends CommonOptions, SamplingOptions {
  count: number
  out: string
  force?: boolean
}

export function addGenerate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'generate',
    summary: 'Paint pictures from a text',
    description:
      'Let the model of a run’s second stage paint pictures. Each becomes a PNG; their codes go to codes.json, which "reconstruct --codes" reads.',
    examples: [
      'generate RUN "Draw a red apple." --count 4 --out apples',
      'generate RUN "Paint a cat." --seed 7 --top-k 100 --guidance 2',
    ],
  })
  command
    .handle(async (run: string, prompt: string, options: GenerateOptions) => {
      const { count, out, seed } = options
      if (count > MOST_ANSWERS) throw new UsageError(`--count ${count}: at most ${MOST_ANSWERS} go side by side`)
      const files = Array.from({ length: count }, (_, at) => join(out, `${nameOf(prompt)}-${at + 1}.png`))
      const codesFile = join(out, 'codes.json')
      refuseOverwriting([...files, codesFile], options.force)
      const home = homeOf(cli, options)
      const tokens = readRunTokens(runDirectory(home, run)) ?? []
      return withRunModel(home, run, options.threads, async (model) => {
        const paintings = await paint(cli, model, prompt, options)
        const { resolution, layout } = model.speaker
        for (const [at, file] of files.entries()) {
          const pixels = await model.speaker.decode(model.numbers.rows(paintings[at] as number[][]))
          writeOutput(file, await encodePng(pixels, resolution, resolution))
        }
        writeOutput(codesFile, `${JSON.stringify(mapsOf(files, paintings, layout.sides, tokens))}\n`)
        return {
          document: { run, step: model.step, prompt, seed, pictures: files, codes: codesFile },
          text: [...files, codesFile].join('\n'),
        }
      })
    })
    .argument('<run>', 'id or directory of a run')
    .argument('<prompt>', 'what to paint, as the run’s dialogues ask for it: "Draw a red apple."')
    .option('--count <n>', 'pictures', wholeNumber(1), 1)
    .option('--out <folder>', 'where the files go', '.')
    .option('--force', 'overwrite files')
  addSamplingOptions(command, 'codes', 1)
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
