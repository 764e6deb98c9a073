import { unflattenCodes } from '../../../src-shared/code-maps.ts'
import { paintingFile } from '../painting-file.ts'
import { recognition } from './recognition.ts'
import type { StageTwoRun } from './run.ts'
import { speakerOf } from './speaker.ts'

/** How the paintings of an evaluation are drawn: as the model says, without its least likely tenth. */
const SAMPLING = { temperature: 1, topK: null, topP: 0.9 }

/** What was painted: the contents of a painting file, and how much of it a judge recognises. */
export interface Paintings {
  file: ReturnType<typeof paintingFile>
  metrics: Record<string, number>
}

/**
 * What the model paints for the first held-out requests, the same ones with the same random numbers at each evaluation.
 * @param last whether training ends here: then all requests that are evaluated are painted and judged
 * @returns null where nothing is painted
 */
export async function paintRequests(run: StageTwoRun, last: boolean): Promise<Paintings | null> {
  const { config, layout, ids } = run
  const { paintings } = config.multimodal
  const dialogues = (run.heldOut.get('paint') ?? []).slice(0, last && paintings > 0 ? undefined : paintings)
  if (dialogues.length === 0) return null
  const requests = dialogues.map(({ turns }) => turns[0]?.question ?? '')
  const speaker = speakerOf(run)
  try {
    const { resolution } = speaker
    const size = resolution * resolution * 3
    const pictures: Uint8Array[] = new Array(requests.length)
    const maps = layout.sides.map((side) => new Int32Array(requests.length * side * side))
    const questions = requests.map((question) => ({ question }))
    const options = { text: SAMPLING, codes: SAMPLING, guidance: 1, seed: config.seed, alternatives: 0 }
    for await (const event of speaker.paint(questions, options)) {
      if (event.kind !== 'picture-end') continue
      pictures[event.sequence] = await speaker.decode(event.codes)
      for (const [layer, map] of unflattenCodes(event.codes, layout.sides).entries())
        maps[layer]?.set(ids ? map.map((code) => ids[code] as number) : map, event.sequence * map.length)
    }
    const pixels = new Uint8Array(requests.length * size)
    for (const [at, picture] of pictures.entries()) pixels.set(picture, at * size)
    return {
      file: paintingFile({ pixels, side: resolution }, maps, layout.sides, requests),
      metrics: last ? await recognition(run, dialogues, pictures, (codes) => speaker.decode(codes)) : {},
    }
  } finally {
    await speaker.dispose()
  }
}
