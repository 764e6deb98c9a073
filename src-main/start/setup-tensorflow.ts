import { parseArgs } from 'node:util'
import { tensorflowFolder } from '../engine/tensorflow/installation.ts'
import { homeFolder } from './home.ts'
import { runCommand } from './run-command.ts'
import { setUpTensorflow } from './tensorflow-setup.ts'

/** `npm run setup:tensorflow`: makes the "tensorflow" runtime available. */

const help = `npm run setup:tensorflow -- [options]
  --gpu          TensorFlow with CUDA, for NVIDIA cards
  --python PATH  use the TensorFlow of this Python environment instead of making one
  --home DIR     set it up in DIR (default: UNICODE_WORKBENCH_HOME, else the user's data folder)
  --help         this text`

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      gpu: { type: 'boolean', default: false },
      python: { type: 'string' },
      home: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return
  }
  const folder = tensorflowFolder(homeFolder(values.home))
  const { gpu, python } = values
  const setup = { folder, gpu, ...(python === undefined ? {} : { python }) }
  const made = await setUpTensorflow(setup, { run: runCommand, say: (line) => console.log(line) })
  console.log(`TensorFlow ${made.tensorflow} is set up in ${folder}${made.gpu ? ', with a GPU' : ''}.`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
