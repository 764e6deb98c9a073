import { DataError, type SourceListing } from '../../source.ts'
import { openArchives } from '../archive-files.ts'
import { ON_WHITE } from '../folder-files.ts'
import { captioned, classified } from '../picture-identity.ts'
import { type Column, openColumn } from './column.ts'
import { type Footer, type Leaf, readFooter } from './footer.ts'
import type { Value } from './values.ts'

/** Pages that are kept, by what they take of the memory. */
const KEPT_BYTES = 256 << 20

const PICTURES = ['image', 'img', 'picture', 'jpg', 'jpeg', 'png', 'webp', 'image_bytes']
const CLASSES = ['label', 'fine_label', 'labels', 'class', 'class_name', 'category', 'coarse_label']
const CAPTIONS = ['caption', 'text', 'sentence', 'prompt', 'description', 'captions']

/** One file of rows. */
interface Table {
  first: number
  rows: number
  pictures: Column
  classes: { column: Column; names: readonly string[] } | null
  captions: Column | null
}

/**
 * A Parquet file, or a folder of them, whose rows hold the bytes of a picture, as the Hugging Face hub keeps data sets:
 * a column { bytes, path } or of bytes alone, a class with its names in the hub's own metadata, a caption. Files are read
 * page by page.
 * @throws DataError if a file is damaged or has no column of pictures
 */
export async function listParquet(path: string): Promise<SourceListing> {
  const archives = await openArchives(path, '.parquet')
  const { files, names, refused } = archives
  const pages = createPages()
  const tables: Table[] = []
  const blocks: number[] = []
  let count = 0
  try {
    for (const file of files) {
      const footer = await readFooter(file)
      const columns = chooseColumns(footer)
      if (columns.picture === null)
        throw file.error(
          `has no column of pictures, among ${
            footer.leaves
              .map((leaf) => leaf.path.join('.'))
              .join(', ')
              .slice(0, 300) || 'none'
          }; one of { bytes, path }, or of bytes and called ${PICTURES.join(', ')}, is wanted`,
        )
      const pictures = await openColumn(file, footer, columns.picture)
      for (const row of pictures.firstRows) blocks.push(count + row)
      tables.push({
        first: count,
        rows: footer.rows,
        pictures,
        classes: columns.class && { column: await openColumn(file, footer, columns.class), names: columns.classNames },
        captions: columns.caption && (await openColumn(file, footer, columns.caption)),
      })
      count += footer.rows
    }
    if (count === 0) throw new DataError(`"${path}" has no rows; set data.source.path to a Parquet file that has`)
  } catch (error) {
    await archives.close()
    throw error
  }
  const tableOf = (at: number): number => tables.findLastIndex(({ first, rows }) => rows > 0 && first <= at)
  const id = (at: number): string => {
    const table = tableOf(at)
    const row = at - (tables[table] as Table).first
    return names[table] === '' ? `row ${row}` : `${names[table]} row ${row}`
  }
  const signature = { path, files: files.map(({ stamp }, at) => [names[at], stamp]) }
  return {
    count,
    id,
    async read(at) {
      const { first, pictures, classes, captions } = tables[tableOf(at)] as Table
      const row = at - first
      const bytes = await pages.value(pictures, row)
      if (!(bytes instanceof Uint8Array)) throw new Error('has no bytes of a picture in its row')
      const caption = captions === null ? '' : textOf(await pages.value(captions, row))
      const className = classes === null ? '' : classOf(await pages.value(classes.column, row), classes.names)
      return {
        bytes,
        ...ON_WHITE,
        info:
          className === '' && caption !== ''
            ? captioned(id(at), bytes, caption)
            : classified(id(at), bytes, className, caption || (className === '' ? 'a picture' : '')),
      }
    },
    refused,
    identity: async () => signature,
    signature,
    blocks: Uint32Array.from([...blocks, count]),
    close: archives.close,
  }
}

interface Columns {
  picture: Leaf | null
  class: Leaf | null
  classNames: readonly string[]
  caption: Leaf | null
}

/** The columns that the hub's metadata names, or else those that are called as such columns are. */
function chooseColumns({ leaves, features }: Footer): Columns {
  const featured = (type: string) => Object.keys(features).filter((name) => features[name]?._type === type)
  const bytes = (name: string): Leaf | undefined =>
    leaves.find(
      ({ path, type }) => type === 'BYTE_ARRAY' && path.length === 2 && path[0] === name && path[1] === 'bytes',
    ) ?? leaves.find(({ path, type, text }) => type === 'BYTE_ARRAY' && !text && path.length === 1 && path[0] === name)
  const any = leaves.find(({ path, type }) => type === 'BYTE_ARRAY' && path.length === 2 && path[1] === 'bytes')
  const picture = firstOf([...featured('Image'), ...PICTURES], bytes) ?? any ?? null
  const plain = (wanted: (leaf: Leaf) => boolean) => (name: string) =>
    leaves.find((leaf) => leaf !== picture && leaf.path.length === 1 && leaf.path[0] === name && wanted(leaf))
  const labels = featured('ClassLabel')
  const label = firstOf(
    [...labels.filter((name) => CLASSES.includes(name)), ...labels, ...CLASSES],
    plain(({ type }) => type === 'BYTE_ARRAY' || type === 'INT32' || type === 'INT64'),
  )
  const classNames = label ? features[label.path[0] as string]?.names : []
  return {
    picture,
    class: label ?? null,
    classNames: Array.isArray(classNames) ? classNames.map(String) : [],
    caption:
      firstOf(
        CAPTIONS,
        plain(({ type }) => type === 'BYTE_ARRAY'),
      ) ?? null,
  }
}

function firstOf<T>(names: readonly string[], find: (name: string) => T | undefined): T | undefined {
  for (const name of names) {
    const found = find(name)
    if (found !== undefined) return found
  }
  return undefined
}

const textOf = (value: Value): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value === null ? '' : String(value)

const classOf = (value: Value, names: readonly string[]): string =>
  typeof value === 'number' ? (names[value] ?? (value < 0 ? '' : `class ${value}`)) : textOf(value).slice(0, 200)

/** Pages that were read last, so that rows that lie together are read together. */
function createPages() {
  const kept = new Map<Column, Map<number, { values: Promise<Value[]>; bytes: number; used: number }>>()
  let total = 0
  let clock = 0
  const forget = (): void => {
    const all = [...kept].flatMap(([column, pages]) =>
      [...pages].map(([page, { used, bytes }]) => ({ column, page, used, bytes })),
    )
    for (const { column, page, bytes } of all.sort((a, b) => a.used - b.used)) {
      if (total <= KEPT_BYTES / 2) return
      kept.get(column)?.delete(page)
      total -= bytes
    }
  }
  return {
    async value(column: Column, row: number): Promise<Value> {
      const page = column.pageOf(row)
      const pages = kept.get(column) ?? new Map<number, { values: Promise<Value[]>; bytes: number; used: number }>()
      kept.set(column, pages)
      let entry = pages.get(page)
      if (!entry) {
        const made = { values: column.read(page), bytes: 0, used: 0 }
        entry = made
        pages.set(page, made)
        made.values.then(
          (values) => {
            if (pages.get(page) !== made) return
            made.bytes = sizeOf(values)
            total += made.bytes
            if (total > KEPT_BYTES) forget()
          },
          () => pages.delete(page),
        )
      }
      entry.used = ++clock
      const values = await entry.values
      return values[row - (column.firstRows[page] as number)] ?? null
    },
  }
}

/** What a page takes of the memory: its values, and the list of them. */
const sizeOf = (values: readonly Value[]): number =>
  values.reduce<number>((sum, value) => sum + 16 + (value instanceof Uint8Array ? value.length : 0), 0)
