import { DataError, type Refusals, reasonOf, type SourceListing } from '../source.ts'
import { openArchives } from './archive-files.ts'
import type { RangeFile } from './files.ts'
import { LARGEST_PICTURE } from './files.ts'
import { ENDINGS, ON_WHITE } from './folder-files.ts'
import { Growing } from './growing.ts'
import { Names } from './names.ts'
import { captioned, classified } from './picture-identity.ts'
import { type TarMember, tarMembers } from './tar-members.ts'

const PICTURE_ENDINGS = ENDINGS.map((ending) => ending.slice(1))
/** Bytes of a caption, a class or a JSON record. */
const LARGEST_TEXT = 1 << 20
/** What may say what a picture shows, the most telling first. */
const TEXTS = ['txt', 'caption', 'json', 'cls'] as const

/** Where everything of a picture lies. A text that is not there has length 0. */
interface Places {
  file: Growing<Uint32Array<ArrayBuffer>>
  from: Growing<Float64Array<ArrayBuffer>>
  size: Growing<Uint32Array<ArrayBuffer>>
  textFrom: Growing<Float64Array<ArrayBuffer>>
  textSize: Growing<Uint32Array<ArrayBuffer>>
  /** Number in TEXTS. */
  textKind: Growing<Uint32Array<ArrayBuffer>>
  classFrom: Growing<Float64Array<ArrayBuffer>>
  classSize: Growing<Uint32Array<ArrayBuffer>>
}

/**
 * A tar, or a folder of them, in which the members of one picture follow each other under one key: key.jpg beside key.txt,
 * key.json or key.cls (WebDataset). Members are found by their headers once and read by their place afterwards.
 * @throws DataError if a tar is damaged, or none of them holds a picture
 */
export async function listWebDataset(path: string): Promise<SourceListing> {
  const archives = await openArchives(path, '.tar')
  const { files, names, refused } = archives
  const keys = new Names()
  const places: Places = {
    file: Growing.counts(),
    from: Growing.places(),
    size: Growing.counts(),
    textFrom: Growing.places(),
    textSize: Growing.counts(),
    textKind: Growing.counts(),
    classFrom: Growing.places(),
    classSize: Growing.counts(),
  }
  try {
    for (const [number, file] of files.entries())
      await readKeys(file, (key, members) => {
        const id = names[number] === '' ? key : `${names[number]}/${key}`
        addPicture(number, id, members, places, keys, refused)
      })
    if (keys.length === 0)
      throw new DataError(
        `no pictures in "${path}": ${files.length} tar files hold ${refused.count} keys without one${refused.first[0] ? `, the first: ${refused.first[0].file} (${refused.first[0].reason})` : ''}; a picture is a member key.jpg, .png or the like`,
      )
  } catch (error) {
    await archives.close()
    throw error
  }
  const signature = { path, files: files.map(({ stamp }, at) => [names[at], stamp]) }
  return {
    count: keys.length,
    id: (at) => keys.at(at),
    async read(at) {
      const file = files[places.file.at(at)] as RangeFile
      const bytes = await file.read(places.from.at(at), places.size.at(at))
      const text = async (from: number, size: number): Promise<string> =>
        size === 0 ? '' : Buffer.from(await file.read(from, size)).toString('utf8')
      const kind = TEXTS[places.textKind.at(at)] as (typeof TEXTS)[number]
      const said = describe(kind, await text(places.textFrom.at(at), places.textSize.at(at)))
      const className =
        (await text(places.classFrom.at(at), places.classSize.at(at))).trim().slice(0, 200) || said.className
      const id = keys.at(at)
      return {
        bytes,
        ...ON_WHITE,
        info:
          className !== '' || said.caption === ''
            ? classified(
                id,
                bytes,
                className && nameOf(className),
                said.caption || (className === '' ? 'a picture' : ''),
              )
            : captioned(id, bytes, said.caption),
      }
    },
    refused,
    identity: async () => signature,
    signature,
    close: archives.close,
  }
}

/** A class is a number or a word. */
const nameOf = (className: string): string => (/^\d+$/.test(className) ? `class ${className}` : className)

/** Hands out the members that follow each other under one key: their path up to the first point of the file's name. */
async function readKeys(file: RangeFile, visit: (key: string, members: Map<string, TarMember>) => void): Promise<void> {
  let key: string | null = null
  let members = new Map<string, TarMember>()
  for await (const member of tarMembers(file)) {
    const name = member.name.replace(/^(\.\/)+/, '')
    const point = name.indexOf('.', name.lastIndexOf('/') + 1)
    if (point < 0 || name.slice(name.lastIndexOf('/') + 1).startsWith('._')) continue
    const own = name.slice(0, point)
    if (own !== key) {
      if (key !== null) visit(key, members)
      key = own
      members = new Map()
    }
    members.set(name.slice(point + 1).toLowerCase(), member)
  }
  if (key !== null) visit(key, members)
}

function addPicture(
  file: number,
  id: string,
  members: Map<string, TarMember>,
  places: Places,
  keys: Names,
  refused: Refusals,
): void {
  const ending =
    PICTURE_ENDINGS.find((known) => members.has(known)) ??
    [...members.keys()].find((own) => PICTURE_ENDINGS.includes(own.split('.').at(-1) as string))
  const picture = ending === undefined ? undefined : members.get(ending)
  if (picture === undefined) {
    refused.add(id, `no picture among its members (${[...members.keys()].slice(0, 5).join(', ')})`)
    return
  }
  if (picture.size > LARGEST_PICTURE) {
    refused.add(id, `its picture has ${picture.size} bytes, more than ${LARGEST_PICTURE}`)
    return
  }
  const fits = (member: TarMember | undefined): member is TarMember =>
    member !== undefined && member.size <= LARGEST_TEXT
  const kind = TEXTS.findIndex((known) => fits(members.get(known)))
  const text = kind < 0 ? undefined : members.get(TEXTS[kind] as string)
  const label = members.get('cls')
  keys.add(id)
  places.file.add(file)
  places.from.add(picture.from)
  places.size.add(picture.size)
  places.textFrom.add(text?.from ?? 0)
  places.textSize.add(text?.size ?? 0)
  places.textKind.add(Math.max(0, kind))
  places.classFrom.add(fits(label) ? label.from : 0)
  places.classSize.add(fits(label) ? label.size : 0)
}

/** Caption and class that a text member tells. @throws Error if it should be JSON and is not */
function describe(kind: (typeof TEXTS)[number], text: string): { caption: string; className: string } {
  if (kind !== 'json' || text === '') return { caption: kind === 'cls' ? '' : text.trim(), className: '' }
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch (error) {
    throw new Error(`its .json is not JSON (${reasonOf(error)})`, { cause: error })
  }
  const { caption, text: words, label, class_name: name, cls } = (record ?? {}) as Record<string, unknown>
  const first = (...values: unknown[]): string => {
    const value = values.find((each) => (typeof each === 'string' && each !== '') || typeof each === 'number')
    return value === undefined ? '' : String(value)
  }
  return { caption: first(caption, words), className: first(name, label, cls) }
}
