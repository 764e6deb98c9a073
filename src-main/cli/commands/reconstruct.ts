import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { encodePng } from '../../data/png.ts'
import { pictureErrors } from '../../evaluation/image-errors.ts'
import type { TrainedTokenizer } from '../../training/trained-tokenizer.ts'
import { type CodeMaps, codeMapsFromArrays, codesOf, parseCodeMaps } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { pngNames, readPictures } from '../pictures.ts'
import { short, table } from '../table.ts'
import { noteUnreadable, type TokenizerOptions, withTokenizer } from '../tokenizer.ts'

interface ReconstructOptions extends CommonOptions, TokenizerOptions {
  out: string
  codes?: string
  force?: boolean
}

export function addReconstruct(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'reconstruct',
    summary: 'Turn pictures, or code maps, into reconstructions',
    description:
      'Send pictures through a trained tokenizer and back, or decode code maps that "tokenize" wrote. Each reconstruction becomes a PNG; of pictures the MSE and PSNR are given (8-bit values, after cropping to the size the run was trained at).',
    examples: ['reconstruct RUN pictures/ --out reconstructions', 'reconstruct RUN --codes codes.json --out edited'],
  })
    .handle(async (run: string, paths: string[], options: ReconstructOptions) => {
      if ((paths.length === 0) === (options.codes === undefined))
        throw new UsageError('give pictures, or code maps with --codes, and not both')
      return withTokenizer(homeOf(cli, options), run, options, cli.terminal, async ({ tokenizer, config, step }) => {
        const pictures = options.codes === undefined ? await readPictures(paths, config) : null
        if (pictures) noteUnreadable(cli.terminal, pictures.unreadable)
        const maps = options.codes === undefined ? null : readCodeMaps(options.codes, tokenizer)
        const names = pictures?.names ?? maps?.pictures ?? []
        const files = pngNames(names).map((name) => join(options.out, name))
        refuseOverwriting(files, options.force)
        const codes = pictures ? await tokenizer.encode(pictures.pixels, names.length) : codesOf(maps as CodeMaps)
        const pixels = await tokenizer.decode(codes, names.length)
        const side = config.data.resolution
        for (const [at, file] of files.entries())
          writeOutput(
            file,
            await encodePng(pixels.subarray(at * side * side * 3, (at + 1) * side * side * 3), side, side),
          )
        const errors = pictures && pictureErrors(pictures.pixels, pixels, names.length, 255)
        const reconstructions = files.map((file, at) => ({
          picture: names[at] as string,
          file,
          ...(errors ? { mse: errors.mse[at], psnr: errors.psnr[at] } : {}),
        }))
        const unreadable = pictures?.unreadable ?? []
        const document = { run, step, reconstructions, ...(errors ? { psnrMean: errors.psnrMean } : {}), unreadable }
        const rows = reconstructions.map(({ picture, file, psnr }) => [
          picture,
          file,
          psnr === undefined ? '–' : short(psnr),
        ])
        return { document, text: table(['picture', 'reconstruction', 'PSNR dB'], rows) }
      })
    })
    .argument('<run>', 'id or directory of a run')
    .argument('[pictures...]', 'files, or folders with pictures')
    .requiredOption('--out <folder>', 'where the PNG files go')
    .option('--codes <path>', 'code maps: FILE.json, or the folder of codes.<layer>.npy')
    .option('--step <n>', 'checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
    .option('--force', 'overwrite files')
}

/** @throws UsageError if there are no code maps at the path, or they are of another tokenizer */
function readCodeMaps(path: string, { sides, codes, ids }: TrainedTokenizer): CodeMaps {
  if (!existsSync(path)) throw new UsageError(`there is no file or folder "${path}" with code maps`)
  const maps = statSync(path).isDirectory()
    ? codeMapsFromArrays(
        sides
          .map((_, layer) => join(path, `codes.${layer}.npy`))
          .filter((file) => existsSync(file))
          .map((file) => readFileSync(file)),
      )
    : parseCodeMaps(readFileSync(path, 'utf8'))
  const found = maps.layers.map(({ side }) => side)
  if (found.join() !== sides.join())
    throw new UsageError(
      `${path} has code maps of sides ${found.join(' + ')}; the tokenizer of this run has ${sides.join(' + ')}`,
    )
  const known = ids && new Set(ids)
  const wrong = maps.layers
    .flatMap((layer) => layer.codes.flat())
    .find((code) => !(known ? known.has(code) : code < codes))
  if (wrong !== undefined)
    throw new UsageError(
      `${path} holds the code ${wrong}; the codebook of this run has ${ids ? `${codes} token ids from ${ids[0]} to ${ids.at(-1)}, and not that one` : `0 to ${codes - 1}`}`,
    )
  return maps
}
