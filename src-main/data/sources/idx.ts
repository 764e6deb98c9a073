import { promisify } from 'node:util'
import { constants, gunzip, gunzipSync } from 'node:zlib'
import { DataError, Refusals, reasonOf, type SourceListing } from '../source.ts'
import { RangeFile } from './files.ts'
import { classified } from './picture-identity.ts'

/** Deflate makes no more than 1032 bytes of one. */
const MOST_DEFLATED = 1032
/** An unpacked file is held in memory: MNIST has 47 MB. */
const LARGEST_UNPACKED = 1 << 30
/** Bytes after the data that are borne with. */
const TRAILING = 1024
const LARGEST_SIDE = 8192
const UNSIGNED_BYTES = 8

/** Numbers of unsigned bytes with some axes, the first of which counts. */
interface IdxArray {
  axes: number[]
  /** Bytes of one element of the first axis. */
  size: number
  read(at: number): Promise<Uint8Array>
  stamp: string
  close(): Promise<void>
}

/**
 * The format of MNIST and its relatives, plain or gzipped: a file of pictures [P, rows, columns] or [P, rows, columns, 3]
 * of bytes, and one of labels [P].
 * @param labels path, or '' if there are none
 * @throws DataError if a file is of another format, ends early, or the two do not go together
 */
export async function listIdx(path: string, labels: string): Promise<SourceListing> {
  const pictures = await openIdx(path, 'data.source.path')
  let classes: IdxArray | null = null
  try {
    const [count = 0, height = 0, width = 0, channels = 1] = pictures.axes
    const shape = `[${pictures.axes.join(', ')}]`
    if (pictures.axes.length < 3 || pictures.axes.length > 4 || (channels !== 1 && channels !== 3))
      throw new DataError(
        `"${path}" holds bytes ${shape}; pictures are [count, rows, columns] or [count, rows, columns, 3]`,
      )
    if (count < 1 || height < 1 || width < 1 || height > LARGEST_SIDE || width > LARGEST_SIDE)
      throw new DataError(`"${path}" holds bytes ${shape}; sides of pictures are 1 to ${LARGEST_SIDE}`)
    if (labels !== '') {
      classes = await openIdx(labels, 'data.source.labels')
      if (classes.axes.length !== 1 || classes.axes[0] !== count)
        throw new DataError(
          `"${labels}" holds [${classes.axes.join(', ')}], but "${path}" has ${count} pictures; give the labels of the same part`,
        )
    }
    const digits = String(count - 1).length
    const id = (at: number): string => String(at).padStart(digits, '0')
    return {
      count,
      id,
      async read(at) {
        const bytes = await pictures.read(at)
        const label = classes === null ? null : ((await classes.read(at))[0] as number)
        const name = label === null ? '' : `class ${label}`
        return {
          bytes,
          raw: { width, height, channels },
          background: '#000000',
          formats: [],
          info: classified(id(at), bytes, name, name === '' ? 'a picture' : ''),
        }
      },
      refused: new Refusals(),
      identity: async () => ({ path, pictures: pictures.stamp, labels: classes?.stamp ?? '' }),
      signature: { path, pictures: pictures.stamp, labels: classes?.stamp ?? '' },
      close: async () => {
        await pictures.close()
        await classes?.close()
      },
    }
  } catch (error) {
    await pictures.close()
    await classes?.close()
    throw error
  }
}

async function openIdx(path: string, setting: string): Promise<IdxArray> {
  const file = await RangeFile.open(path, setting)
  try {
    const head = await file.readUpTo(0, 2)
    const packed = head[0] === 0x1f && head[1] === 0x8b
    const bytes = packed ? await unpacked(file) : null
    const size = bytes?.length ?? file.size
    const slice = async (from: number, length: number): Promise<Uint8Array> =>
      bytes === null ? file.read(from, length) : bytes.subarray(from, from + length)
    const { axes, dataFrom, element } = header(file, await slice(0, Math.min(size, 20)), size)
    return {
      axes,
      size: element,
      read: (at) => slice(dataFrom + at * element, element),
      stamp: file.stamp,
      close: file.close,
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Everything in a gzip file whose beginning says that it is idx: so much is unpacked and no more. */
async function unpacked(file: RangeFile): Promise<Uint8Array> {
  try {
    const beginning = gunzipSync(await file.readUpTo(0, 512), { finishFlush: constants.Z_SYNC_FLUSH })
    const { dataFrom, wanted } = header(
      file,
      beginning.subarray(0, 20),
      Math.min(LARGEST_UNPACKED, file.size * MOST_DEFLATED),
    )
    return await promisify(gunzip)(await file.read(0, file.size), { maxOutputLength: dataFrom + wanted + TRAILING })
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw file.error(`cannot be unpacked (${reasonOf(cause)}): it is truncated, or damaged`, { cause })
  }
}

/** Two zeros, the type of the numbers, how many axes; then the axes, 32 bits each, and the data, all big-endian. */
function header(
  file: RangeFile,
  head: Uint8Array,
  size: number,
): { axes: number[]; dataFrom: number; element: number; wanted: number } {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 4 || view.getUint16(0) !== 0) throw file.error('does not begin as an idx file (MNIST) does')
  const [type, rank] = [view.getUint8(2), view.getUint8(3)]
  if (type !== UNSIGNED_BYTES)
    throw file.error(`holds numbers of the type 0x${type.toString(16)}; unsigned bytes (0x8) are read`)
  if (rank < 1 || rank > 4) throw file.error(`has ${rank} axes; pictures have 3 or 4, labels 1`)
  const dataFrom = 4 + 4 * rank
  if (head.length < dataFrom) throw file.error(`ends inside its header, after ${size} bytes: it is truncated`)
  const axes = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const element = axes.slice(1).reduce((product, side) => product * side, 1)
  const wanted = (axes[0] as number) * element
  if (!(dataFrom + wanted <= size))
    throw file.error(
      `claims [${axes.join(', ')}], ${wanted} bytes, but has ${size - dataFrom}: it is truncated, or damaged`,
    )
  return { axes, dataFrom, element, wanted }
}
