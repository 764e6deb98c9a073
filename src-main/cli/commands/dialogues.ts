import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { openPictures } from '../../data/open-pictures.ts'
import { officialNames, writeOfficialFiles } from '../../multimodal/official-files.ts'
import { builtInSettings } from '../../multimodal/open-dialogues.ts'
import { pictureLayout } from '../../multimodal/picture-layout.ts'
import { readPresets } from '../../services/presets.ts'
import {
  addCommand,
  addExperimentOptions,
  type Cli,
  type ExperimentOptions,
  homeOf,
  overridesOf,
  wholeNumber,
} from '../command.ts'
import { readPlan } from '../experiment.ts'
import { refuseOverwriting } from '../output-files.ts'

interface DialoguesOptions extends ExperimentOptions {
  out: string
  side: 'training' | 'heldOut'
  limit: number
  force?: boolean
}

export function addDialogues(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'dialogues',
    summary: 'Write the built-in dialogues in the official formats',
    description:
      'Write the dialogues about pictures that a second stage learns from, or is held to, so that other programs can use them: LLaVA json of every task that asks about pictures, POPE json lines (random, popular, adversarial), an MMBench tsv with rotations, and the pictures as PNG.',
    examples: ['dialogues paradigms-mllm-quick --out tasks --side heldOut --limit 500'],
  }).argument('<preset|config.json>', 'id of a preset, or a JSON file: its pictures, its split and its tasks')
  addExperimentOptions(command)
  command
    .requiredOption('--out <folder>', 'folder to write into; made if needed')
    .addOption(new Option('--side <side>', 'side of the split').choices(['training', 'heldOut']).default('heldOut'))
    .option('--limit <n>', 'dialogues of each task at most (0: all)', wholeNumber(0), 0)
    .option('--force', 'overwrite files')
  command.handle(async (what: string, options: DialoguesOptions) => {
    const { baseline } = readPlan(what, readPresets(), overridesOf(options))
    const { out, side, limit } = options
    refuseOverwriting(
      officialNames.map((name) => join(out, name)),
      options.force,
    )
    const pictures = await openPictures(baseline.data, { cacheDir: join(homeOf(cli, options), 'cache') })
    try {
      const settings = builtInSettings(baseline, pictureLayout(baseline).cells)
      await writeOfficialFiles(pictures, settings, { folder: out, side, limit })
    } finally {
      await pictures.close()
    }
    return {
      document: { folder: out, side, limit },
      text: `wrote the ${side === 'heldOut' ? 'held-out' : 'training'} dialogues to ${out}`,
    }
  })
}
