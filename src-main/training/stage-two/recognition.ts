import { createRandom } from '../../data/random.ts'
import { nearestClasses } from '../../evaluation/nearest-class.ts'
import { createPictureFeatures, FEATURE_WIDTH, featuresOf } from '../../evaluation/networks/picture-features.ts'
import type { PictureReference, VisualDialogue } from '../../multimodal/dialogue.ts'
import type { StageTwoRun } from './run.ts'

/** Pictures of known classes that the judge compares with, drawn from the training ones. */
const KNOWN = 1_000

/**
 * How often painted pictures are recognised as what was asked for: the class that their nearest neighbours among training
 * pictures have, in MobileNetV2's features. Beside it the same of the true pictures through the tokenizer, which is as good
 * as painting can be, and of always saying the commonest class. Pictures without a class are left out; how many were judged
 * is told, and nothing else where none was.
 * @param dialogues requests, each of one picture @param painted U8 [S, S, 3] for each of them
 */
export async function recognition(
  run: StageTwoRun,
  dialogues: readonly VisualDialogue[],
  painted: readonly Uint8Array[],
  decode: (codes: Int32Array) => Promise<Uint8Array>,
): Promise<Record<string, number>> {
  const { judged, pixelsOf } = run.options
  const classed = dialogues.flatMap(({ pictures }, at) => {
    const picture = pictureOf(pictures[0]?.picture)
    const name = picture === null ? '' : judged.classOf(picture)
    return picture === null || name === '' ? [] : [{ picture, name, painting: painted[at] as Uint8Array }]
  })
  const asked = classed.map(({ picture }) => picture)
  // A picture that is asked for is no witness to its own class.
  const witnesses = judged.training.filter((picture) => judged.classOf(picture) !== '' && !asked.includes(picture))
  if (classed.length === 0 || witnesses.length === 0) return { 'task.paint.judged': 0 }
  const classes = classed.map(({ name }) => name)
  const { resolution } = run.encoder
  const network = createPictureFeatures(run.runtime, resolution)
  try {
    const known = someOf(witnesses, run.config.data.splitSeed)
    const references: Uint8Array[] = []
    for (const picture of known) references.push(await pixelsOf({ kind: 'picture', picture }))
    const judge = {
      features: await featuresOf(network, references, resolution),
      classes: known.map((picture) => judged.classOf(picture)),
    }
    const through: Uint8Array[] = []
    for (const { codes } of await run.pictures.of(asked.map((picture) => ({ kind: 'picture', picture }))))
      through.push(await decode(codes))
    const right = async (pictures: readonly Uint8Array[]): Promise<number> => {
      const said = nearestClasses(await featuresOf(network, pictures, resolution), judge, FEATURE_WIDTH)
      return said.filter((name, at) => name === classes[at]).length / said.length
    }
    return {
      'task.paint.judged': classed.length,
      'task.paint.recognised': await right(classed.map(({ painting }) => painting)),
      'task.paint.reconstructed': await right(through),
      'task.paint.commonest': shareOf(classes, commonest(judge.classes)),
    }
  } finally {
    await network.dispose()
  }
}

const pictureOf = (reference: PictureReference | undefined): number | null =>
  reference?.kind === 'picture' ? reference.picture : null

/** Some of the training pictures, by chance that depends on the split alone. */
const someOf = (pictures: readonly number[], seed: number): number[] => {
  const ranked = pictures.map((picture) => ({ picture, rank: createRandom(seed, 'judge', picture).uniform() }))
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, KNOWN)
    .map(({ picture }) => picture)
}

function commonest(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0]
}

const shareOf = (names: readonly string[], wanted: string): number =>
  names.filter((name) => name === wanted).length / names.length
