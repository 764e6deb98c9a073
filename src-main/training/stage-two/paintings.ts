import { unflattenCodes } from '../../../src-shared/code-maps.ts'
import { paintingFile } from '../painting-file.ts'
import type { StageTwoRun } from './run.ts'
import { speakerOf } from './speaker.ts'

/** How the paintings of an evaluation are drawn: as the model says, without its least likely tenth. */
const SAMPLING = { temperature: 1, topK: null, topP: 0.9 }

/**
 * What the model paints for the first held-out requests, the same ones with the same random numbers at each evaluation.
 * @returns the contents of a painting file; null where nothing is painted
 */
export async function paintRequests(run: StageTwoRun): Promise<ReturnType<typeof paintingFile> | null> {
  const { config, layout, ids } = run
  const requests = (run.heldOut.get('paint') ?? [])
    .slice(0, config.multimodal.paintings)
    .map(({ turns }) => turns[0]?.question ?? '')
  if (requests.length === 0) return null
  const speaker = speakerOf(run)
  try {
    const { resolution } = speaker
    const pixels = new Uint8Array(requests.length * resolution * resolution * 3)
    const maps = layout.sides.map((side) => new Int32Array(requests.length * side * side))
    const questions = requests.map((question) => ({ question }))
    const options = { text: SAMPLING, codes: SAMPLING, guidance: 1, seed: config.seed, alternatives: 0 }
    for await (const event of speaker.paint(questions, options)) {
      if (event.kind !== 'picture-end') continue
      pixels.set(await speaker.decode(event.codes), event.sequence * resolution * resolution * 3)
      for (const [layer, map] of unflattenCodes(event.codes, layout.sides).entries())
        maps[layer]?.set(ids ? map.map((code) => ids[code] as number) : map, event.sequence * map.length)
    }
    return paintingFile({ pixels, side: resolution }, maps, layout.sides, requests)
  } finally {
    await speaker.dispose()
  }
}
