import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { nounPhrase } from '../noun-phrase.ts'
import type { PictureInfo } from '../picture-set.ts'
import { Refusals, type SourceListing } from '../source.ts'

/** The captioned pictures that packages bring: emoji in several drawing styles, named by emojibase. */
type EmojiSource = Extract<PictureSource, { kind: 'emoji' }>
type Style = EmojiSource['styles'][number]

/** Resolves packages from where this file is, in the sources as in the build. */
// Not named "require": the bundler puts a shim of that name beside it.
const fromHere = createRequire(import.meta.url)

interface EmojibaseEntry {
  label: string
  hexcode: string
  tags?: string[]
  group?: number
  subgroup?: number
  skins?: { label: string; hexcode: string }[]
}

/** Package, folder of pictures inside it, file ending, and how a caption calls the style. */
const STYLES: Record<Style, { package: string; folder: string; ending: string; drawing: string }> = {
  'fluent-3d': { package: '@lobehub/fluent-emoji-3d', folder: 'assets', ending: '.webp', drawing: 'a 3D drawing of' },
  openmoji: { package: 'openmoji', folder: 'color/svg', ending: '.svg', drawing: 'a flat drawing of' },
}

/** Swatches of skin and hair: parts of other emoji, not pictures of a thing. */
const COMPONENTS = 'component'

/** Code points that packages write or leave out: the variation selector, and the end of a flag's tags. */
const OPTIONAL_POINTS = new Set(['fe0f', 'e007f'])

/** Code points in one spelling, without leading zeros (00a9, a9); some packages join tags by "_". */
const normalise = (hexcode: string): string =>
  hexcode
    .toLowerCase()
    .split(/[-_]/)
    .map((point) => point.replace(/^0+/, ''))
    .filter((point) => !OPTIONAL_POINTS.has(point))
    .join('-')

/**
 * Every emoji of the chosen styles; a concept is the emoji without skin tone, whatever its style. Pictures that
 * emojibase does not name (OpenMoji's own additions: brands, interface signs) are left out, so that the styles share
 * one set of names, tags and groups.
 */
export function listEmoji(source: EmojiSource): SourceListing {
  const emoji = fromHere('emojibase-data/en/data.json') as EmojibaseEntry[]
  const { groups, subgroups } = fromHere('emojibase-data/meta/groups.json') as Record<
    'groups' | 'subgroups',
    Record<string, string>
  >
  const versions = [packageVersion('emojibase-data')]
  const entries: { path: string; info: PictureInfo }[] = []
  for (const style of new Set(source.styles)) {
    const files = pictureFiles(style)
    versions.push(packageVersion(STYLES[style].package))
    for (const base of emoji) {
      // Regional indicators, the halves of flags, belong to no group.
      const group = base.group === undefined ? undefined : groups[base.group]
      const subgroup = base.subgroup === undefined ? undefined : subgroups[base.subgroup]
      if (group === undefined || subgroup === undefined || group === COMPONENTS) continue
      for (const variant of source.skinTones ? [base, ...(base.skins ?? [])] : [base]) {
        const path = files.get(normalise(variant.hexcode))
        if (!path) continue
        const id = `${style}/${normalise(variant.hexcode)}`
        const info = {
          id,
          concept: normalise(base.hexcode),
          label: variant.label,
          caption: `${STYLES[style].drawing} ${nounPhrase(variant.label)}`,
          group,
          subgroup,
          tags: base.tags ?? [],
          style,
        }
        entries.push({ path, info })
      }
    }
  }
  const identity = { source, versions }
  const entry = (at: number) => entries[at] as (typeof entries)[number]
  return {
    count: entries.length,
    id: (at) => entry(at).info.id,
    read: async (at) => ({
      bytes: await readFile(entry(at).path),
      background: source.background,
      formats: ['webp', 'svg'],
      info: entry(at).info,
    }),
    refused: new Refusals(),
    identity: async () => identity,
    signature: identity,
    close: async () => {},
  }
}

const packageFolder = (name: string): string => dirname(fromHere.resolve(`${name}/package.json`))
const packageVersion = (name: string): string =>
  `${name} ${(fromHere(`${name}/package.json`) as { version: string }).version}`

/** Path of each picture of a style by its code points; of two spellings of one emoji the first in the alphabet. */
function pictureFiles(style: Style): Map<string, string> {
  const { package: name, folder, ending } = STYLES[style]
  const directory = join(packageFolder(name), folder)
  const files = readdirSync(directory)
    .filter((file) => file.endsWith(ending))
    .sort()
    .reverse()
  return new Map(files.map((file) => [normalise(file.slice(0, -ending.length)), join(directory, file)]))
}
