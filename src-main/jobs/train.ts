import { basename, dirname, join } from 'node:path'
import { exit, pid } from 'node:process'
import { openPictures } from '../data/open-pictures.ts'
import { openTexts } from '../data/open-texts.ts'
import { explainAllocation } from '../engine/errors.ts'
import { tensorflowFolder } from '../engine/tensorflow/installation.ts'
import { installedSmolLm2 } from '../language/smollm2.ts'
import type { Control, Request } from '../training/recorder.ts'
import { trainStages } from '../training/train-stages.ts'
import { fileControl } from './control.ts'
import { readRunConfig, readRunTokens } from './run-directory.ts'
import { openRunRecorder, type RunRecorder } from './run-recorder.ts'
import { sharedStageOne } from './shared-stage-one.ts'

/** The training process of one run: `train <run directory> <cache directory> <threads>`. */

const reasons = { paused: 'Paused on request.', stopped: 'Stopped on request.', finished: '' }

/** Pauses the run as well when the app that started it goes away, so that nothing computes on unseen. */
function watchedControl(directory: string): Control & { orphaned(): boolean } {
  const file = fileControl(directory)
  let orphaned = false
  process.once('disconnect', () => {
    orphaned = true
  })
  // Ctrl-C in the app's terminal reaches this process too; the app asks for the pause in its own way.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {
    orphaned = true
  })
  return {
    request: (): Request => {
      const asked = file.request()
      return asked === 'none' && orphaned ? 'pause' : asked
    },
    discriminatorOff: () => file.discriminatorOff?.() ?? false,
    orphaned: () => orphaned,
  }
}

async function train(directory: string, cacheDir: string, threads: number, recorder: RunRecorder): Promise<void> {
  const control = watchedControl(directory)
  let step = 0
  try {
    const config = readRunConfig(directory)
    const attempt = recorder.nextAttempt()
    /** Read once for its step and for the training that goes on from it, which is not to find it in memory later. */
    let begun = recorder.latestCheckpoint()
    step = begun?.step ?? 0
    recorder.event({ kind: 'started', attempt, pid, step, threads })
    // Counted anew, words could be others than those that the checkpoint was trained with.
    const words = begun && config.language.model === 'words' ? readRunTokens(directory) : null
    const pictures = await openPictures(config.data, { cacheDir, onProgress: () => {} })
    for (const { file, reason } of pictures.unreadable.slice(0, 20))
      recorder.event({ kind: 'log', level: 'warning', message: `picture ${file} was skipped: ${reason}` })
    const texts = await openTexts(config.language, pictures)
    const ended = await trainStages({
      config,
      pictures,
      texts,
      ...(words && words.length > 0 ? { words } : {}),
      recorder,
      control,
      sharedStageOne: sharedStageOne(cacheDir, config, basename(directory)),
      newestCheckpoint: () => {
        const file = begun === null ? recorder.latestCheckpoint()?.file : begun.file
        begun = null
        return file ?? null
      },
      threads,
      // The cache is a folder of the home.
      tensorflow: tensorflowFolder(dirname(cacheDir)),
      graphs: join(cacheDir, 'graphs'),
      models: { smollm2: installedSmolLm2(dirname(cacheDir)), weights: join(cacheDir, 'weights') },
    })
    await pictures.close()
    await texts.close()
    const reason =
      ended.state === 'paused' && control.orphaned() ? 'Paused because the app went away.' : reasons[ended.state]
    recorder.event({ kind: 'ended', ...ended, reason })
  } catch (caught) {
    const error = explainAllocation(caught)
    const message = error instanceof Error ? error.message : String(error)
    recorder.event({ kind: 'ended', state: 'failed', step, reason: message.split('\n', 1)[0] ?? message })
    throw error
  }
}

const [directory, cacheDir, threads] = process.argv.slice(2)
if (!directory || !cacheDir || !(Number(threads) >= 1)) {
  console.error('usage: train <run directory> <cache directory> <threads, at least 1>')
  exit(2)
}
try {
  const recorder = openRunRecorder(directory)
  try {
    await train(directory, cacheDir, Number(threads), recorder)
  } finally {
    recorder.close()
  }
  exit(0)
} catch (error) {
  console.error(error instanceof Error ? error.stack : error)
  exit(1)
}
