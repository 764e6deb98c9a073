import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PictureSource } from '../../src-shared/config.ts'
import type { SourceEntry, SourceListing } from './source.ts'

/** The captioned pictures that packages bring: emoji in several drawing styles, named by emojibase. */
type EmojiSource = Extract<PictureSource, { kind: 'emoji' }>
type Style = EmojiSource['styles'][number]

const require = createRequire(import.meta.url)

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

/** Code points without the variation selector, which packages write or leave out. */
const normalise = (hexcode: string): string =>
  hexcode
    .toLowerCase()
    .split('-')
    .filter((point) => point !== 'fe0f')
    .join('-')

/** Every emoji of the chosen styles; a concept is the emoji without skin tone, whatever its style. */
export function listEmoji(source: EmojiSource): SourceListing {
  const emoji = require('emojibase-data/en/data.json') as EmojibaseEntry[]
  const { groups, subgroups } = require('emojibase-data/meta/groups.json') as Record<
    'groups' | 'subgroups',
    Record<string, string>
  >
  const versions = [packageVersion('emojibase-data')]
  const entries: SourceEntry[] = []
  for (const style of source.styles) {
    const files = pictureFiles(style)
    versions.push(packageVersion(STYLES[style].package))
    for (const base of emoji) {
      if (base.group === undefined || base.subgroup === undefined) continue
      const concept = normalise(base.hexcode)
      const [group, subgroup] = [groups[base.group] ?? '', subgroups[base.subgroup] ?? '']
      for (const variant of source.skinTones ? [base, ...(base.skins ?? [])] : [base]) {
        const path = files.get(normalise(variant.hexcode))
        if (!path) continue
        entries.push({
          path,
          info: {
            id: `${style}/${normalise(variant.hexcode)}`,
            concept,
            label: variant.label,
            caption: `${STYLES[style].drawing} ${withArticle(variant.label)}`,
            group,
            subgroup,
            tags: base.tags ?? [],
            style,
          },
        })
      }
    }
  }
  return { entries, unreadable: [], background: source.background, identity: { source, versions } }
}

const packageFolder = (name: string): string => dirname(require.resolve(`${name}/package.json`))
const packageVersion = (name: string): string =>
  `${name} ${(require(`${name}/package.json`) as { version: string }).version}`

function pictureFiles(style: Style): Map<string, string> {
  const { package: name, folder, ending } = STYLES[style]
  const directory = join(packageFolder(name), folder)
  return new Map(
    readdirSync(directory)
      .filter((file) => file.endsWith(ending))
      .map((file) => [normalise(file.slice(0, -ending.length)), join(directory, file)]),
  )
}

/** "a red apple", "an owl", "grapes", "the flag of Japan". */
export function withArticle(label: string): string {
  const flag = /^flag: (.+)$/.exec(label)
  if (flag) return `the flag of ${flag[1]}`
  const head = label.split(/[:,]/)[0] as string
  if (/s$/.test(head) && !/(ss|us|is)$/.test(head)) return label
  return /^[aeiou]/i.test(label) ? `an ${label}` : `a ${label}`
}
