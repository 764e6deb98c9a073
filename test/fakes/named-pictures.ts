import type { PictureInfo } from '../../src-main/data/picture-set.ts'
import { createRandom } from '../../src-main/data/random.ts'
import { listEmoji } from '../../src-main/data/sources/emoji.ts'
import { splitByConcept } from '../../src-main/data/split.ts'
import type { BuiltInSettings, NamedPictures } from '../../src-main/multimodal/built-in-tasks.ts'

/** Eagle and bird; beards of a person, a man and a woman. */
const ALWAYS = new Set(['1f985', '1f426', '1f9d4', '1f9d4-200d-2642', '1f9d4-200d-2640'])

/**
 * Emoji of a third of the concepts, as far as they are known without a look at their pixels; a tenth of the concepts held
 * out.
 */
export async function emojiPictures(
  styles: ('fluent-3d' | 'openmoji')[] = ['fluent-3d', 'openmoji'],
): Promise<NamedPictures> {
  const listing = listEmoji({ kind: 'emoji', styles, background: '#ffffff', skinTones: false })
  const pictures: PictureInfo[] = []
  for (let at = 0; at < listing.count; at++) {
    const concept = listing.id(at).split('/')[1] as string
    if (ALWAYS.has(concept) || createRandom(0, 'part', concept).uniform() < 1 / 3)
      pictures.push((await listing.read(at)).info)
  }
  return { pictures, ...splitByConcept(pictures, { heldOut: 0.1, splitSeed: 0 }) }
}

/** A picture of a class, as folders have them. */
export const ofClass = (name: string, number: number): PictureInfo => ({
  id: `${name}/${number}.png`,
  concept: `${name} ${number}`,
  label: name,
  caption: `a picture of a ${name}`,
  group: name,
  subgroup: name,
  tags: [],
  style: 'folder',
})

/** A picture that has a caption and nothing else. */
export const captionedAs = (caption: string): PictureInfo => ({
  id: caption,
  concept: caption,
  label: caption,
  caption,
  group: '',
  subgroup: '',
  tags: [],
  style: 'captioned',
})

/** The last pictures are held out. */
export const pictureSetOf = (pictures: PictureInfo[], heldOut: number): NamedPictures => {
  const all = pictures.map((_, at) => at)
  return { pictures, training: all.slice(0, all.length - heldOut), heldOut: all.slice(all.length - heldOut) }
}

export const builtInSettings = (changes: Partial<BuiltInSettings> = {}): BuiltInSettings => ({
  tasks: [
    'caption',
    'name',
    'yes-no',
    'choice',
    'scene-name',
    'scene-yes-no',
    'counting',
    'position',
    'paint',
    'decompression',
  ],
  seed: 1,
  splitSeed: 0,
  writing: 'words',
  cells: 16,
  segments: 4,
  unconditional: 0.1,
  concepts: 0,
  ...changes,
})
