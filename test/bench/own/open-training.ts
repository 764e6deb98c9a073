import { join } from 'node:path'
import { argv } from 'node:process'
import quick from '../../../resources/presets/quick.json' with { type: 'json' }
import { dialoguesOfPairs } from '../../../src-main/data/dialogues.ts'
import { openPictures } from '../../../src-main/data/open-pictures.ts'
import { buildTexts } from '../../../src-main/data/texts.ts'
import { trainStageOne } from '../../../src-main/training/stage-one/train.ts'
import { parseConfig } from '../../../src-shared/parse-config.ts'
import { peakMemoryMB } from '../serve.ts'

/** Opens the quick preset's training as a run does, says so when its first step could begin, and ends: `<cache> <threads>`. */
const [cacheDir, threads] = argv.slice(2) as [string, string]
const config = parseConfig(quick.baseline)
const pictures = await openPictures(config.data, { cacheDir })
const nothing = () => undefined
await trainStageOne({
  config,
  pictures,
  texts: dialoguesOfPairs(buildTexts(pictures)),
  recorder: {
    event: nothing,
    sync: nothing,
    codes: nothing,
    sample: nothing,
    painting: nothing,
    answers: nothing,
    checkpoint: nothing,
    tokens: nothing,
  },
  control: {
    // Asked for the first time when every program is compiled and before the first step.
    request: () => {
      process.stdout.write(`${JSON.stringify({ peakMemoryMB: peakMemoryMB() })}\n`)
      return 'stop'
    },
  },
  resumeFrom: null,
  threads: Number(threads),
  tensorflow: '',
  models: { smollm2: null, weights: join(cacheDir, 'weights') },
})
