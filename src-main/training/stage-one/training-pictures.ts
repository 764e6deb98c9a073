import type { HostTensor } from '../../engine/runtimes/runtime.ts'
import { imagesOf } from './held-out.ts'
import type { StageOneOptions } from './run.ts'

/** Pictures of one batch that are told of by name. */
const TOLD = 5

/** The training pictures of a step (from 0) as [B, S, S, 3] in [−1, 1]. Those that turn out unreadable are told of. */
export async function nextImages(
  { config, pictures, recorder }: Pick<StageOneOptions, 'config' | 'pictures' | 'recorder'>,
  step: number,
): Promise<HostTensor> {
  const { pixels, unreadable } = await pictures.batch(config.training.batchSize, config.seed, step)
  for (const { file, reason } of unreadable.slice(0, TOLD))
    recorder.event({ kind: 'log', level: 'warning', message: `picture ${file} was skipped: ${reason}` })
  return imagesOf(pixels, pictures.resolution)
}
