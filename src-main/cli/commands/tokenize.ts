import { join } from 'node:path'
import type { Command } from 'commander'
import { codeMapArrays, codeMapsOf } from '../code-maps.ts'
import { addCommand, type Cli, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { readPictures } from '../pictures.ts'
import { noteUnreadable, type TokenizerOptions, withTokenizer } from '../tokenizer.ts'

interface TokenizeOptions extends CommonOptions, TokenizerOptions {
  out?: string
  force?: boolean
}

export function addTokenize(cli: Cli, program: Command): void {
  addCommand(cli, program, {
    name: 'tokenize',
    summary: 'Turn pictures into code maps',
    description:
      'Turn pictures into the code maps of a trained tokenizer. Without --out the code maps are printed as JSON: layers coarse first, each with its side and one row-by-row list of codes per picture, and the text of each code id. With --out FILE.json they go to that file, with --out FOLDER to codes.<layer>.npy (int32 [pictures, h, w]).',
    examples: ['tokenize 20261124-112233-k3x9qa pictures/', 'tokenize RUN apple.png pear.jpg --out codes'],
  })
    .handle(async (run: string, paths: string[], options: TokenizeOptions) => {
      const { out } = options
      return withTokenizer(
        homeOf(cli, options),
        run,
        options,
        cli.terminal,
        async ({ tokenizer, config, tokens, step }) => {
          const arrays = tokenizer.sides.map((_, layer) => `codes.${layer}.npy`)
          const targets = out === undefined ? [] : out.endsWith('.json') ? [out] : arrays.map((name) => join(out, name))
          refuseOverwriting(targets, options.force)
          const pictures = await readPictures(paths, config)
          noteUnreadable(cli.terminal, pictures.unreadable)
          const layers = await tokenizer.encode(pictures.pixels, pictures.names.length)
          const maps = codeMapsOf(pictures.names, layers, tokenizer.sides, tokens)
          const document = { run, step, ...maps, unreadable: pictures.unreadable }
          if (out === undefined) return { document, text: JSON.stringify(document) }
          if (out.endsWith('.json')) writeOutput(out, `${JSON.stringify(document)}\n`)
          else for (const { name, bytes } of codeMapArrays(maps)) writeOutput(join(out, name), bytes)
          return {
            document: { run, step, files: targets, pictures: maps.pictures, unreadable: pictures.unreadable },
            text: `${maps.pictures.length} pictures as ${maps.layers.map(({ side }) => `${side} × ${side}`).join(' + ')} codes in ${targets.join(', ')}`,
          }
        },
      )
    })
    .argument('<run>', 'id or directory of a run')
    .argument('<pictures...>', 'files, or folders with pictures')
    .option('--out <path>', 'FILE.json, or a folder for .npy files')
    .option('--step <n>', 'checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
    .option('--force', 'overwrite files')
}
