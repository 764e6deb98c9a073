import { exit } from 'node:process'
import { codebookEvaluationSchema } from '../../src-shared/codebook-evaluation.ts'
import { measure } from './measuring.ts'
import { parentChannel } from './speech/parent-channel.ts'

/** The process that measures a run's codebook: `measure <run directory> <cache directory> <threads> <what is asked, as json>`. */

const [directory, cacheDir, threads, asked] = process.argv.slice(2)
if (!directory || !cacheDir || !(Number(threads) >= 1) || !asked) {
  console.error('usage: measure <run directory> <cache directory> <threads, at least 1> <what is asked, as json>')
  exit(2)
}
const channel = parentChannel()
await measure(directory, cacheDir, Number(threads), codebookEvaluationSchema.parse(JSON.parse(asked)), (said) =>
  channel.send(said),
)
