import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { openRunPrior } from '../jobs/speech/open-run-prior.ts'
import { checkGuidance, classOf } from '../jobs/speech/paint-prior.ts'
import { rowsFor } from '../priors/sample.ts'
import type { Cli } from './command.ts'
import type { Painter } from './painted.ts'
import { createProgress } from './progress.ts'
import { type SamplingOptions, samplingOf } from './run-model.ts'

/** Pictures side by side, where nobody says. */
const BATCH = 16

/** Pictures that the tokenizer decodes together. */
const DECODED = 16

/**
 * Paints pictures by the prior of a run's newest checkpoint. The run may belong to an app that is open: nothing is written to it.
 * @param name of a class; '' for none
 * @returns a painter that throws ModelError for a class that the prior does not know, for guidance to none, and if the prior cannot be opened
 */
export function priorPainter(
  { terminal }: Cli,
  home: string,
  directory: string,
  name: string,
  options: SamplingOptions & { count: number; batch?: number },
): Painter {
  const { count, batch = BATCH, guidance, seed, threads } = options
  return async (use) => {
    const cacheDir = join(home, 'cache')
    mkdirSync(cacheDir, { recursive: true, mode: 0o700 })
    const rows = rowsFor(Math.min(batch, count), guidance)
    const model = await openRunPrior(directory, cacheDir, threads ?? availableParallelism(), rows)
    const progress = createProgress(terminal)
    try {
      const { prior, tokenizer, config, step } = model
      const asked = classOf(model, name)
      checkGuidance(model, guidance, asked)
      const areas = tokenizer.sides.map((side) => side * side)
      const whole = count * areas.reduce((sum, area) => sum + area, 0)
      let done = 0
      const maps = await prior.paint(new Array<string | null>(count).fill(asked), {
        ...{ sampling: samplingOf(options), guidance, seed },
        drawn: () => progress.show(++done / whole, 'painting'),
      })
      progress.end()
      const part = (from: number, to: number) =>
        maps.map((map, layer) => map.subarray(from * (areas[layer] as number), to * (areas[layer] as number)))
      const codes = Array.from({ length: count }, (_, at) => part(at, at + 1).map((map) => [...map]))
      async function* pictures(): AsyncGenerator<Uint8Array> {
        for (let begin = 0; begin < count; begin += DECODED) {
          const end = Math.min(count, begin + DECODED)
          const pixels = await tokenizer.decode(part(begin, end), end - begin)
          const size = pixels.length / (end - begin)
          for (let at = 0; at < end - begin; at++) yield pixels.subarray(at * size, (at + 1) * size)
        }
      }
      return await use({ step, codes, sides: tokenizer.sides, resolution: config.data.resolution, pictures })
    } finally {
      progress.end()
      await model.close()
    }
  }
}
