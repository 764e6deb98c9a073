import type { RangeFile } from './files.ts'

/** A file inside a tar. Its name is only a name: nothing is ever unpacked. */
export interface TarMember {
  name: string
  /** First byte of its content, and how many there are. */
  from: number
  size: number
}

const BLOCK = 512
/** Bytes read at a time: members of some kB come by the dozen, large ones are skipped. */
const WINDOW = 256 << 10
/** Bytes of a long name, and of a list of extended attributes. */
const LARGEST_NAME = 64 << 10

/** Kinds of members, by the letter in their header. */
const FILE = ['0', '\0', '7']
const [LONG_NAME, LONG_LINK, ATTRIBUTES, GLOBAL_ATTRIBUTES] = ['L', 'K', 'x', 'g']

/**
 * The members of a tar that are files, in their order, from their headers alone (POSIX ustar; names of GNU and pax of any
 * length).
 * @throws DataError if a header is damaged, or a member goes beyond the end of the file
 */
export async function* tarMembers(file: RangeFile): AsyncGenerator<TarMember> {
  const [first, second] = await file.readUpTo(0, 2)
  if (first === 0x1f && second === 0x8b)
    throw file.error(
      'is packed (.tar.gz); unpack it with gunzip first, so that its pictures can be found by their place',
    )
  const window = createWindow(file)
  let longName = ''
  let longSize = -1
  let members = 0
  for (let at = 0; ; ) {
    if (at === file.size && members > 0) return
    if (at + BLOCK > file.size)
      throw file.error(
        members === 0 && at === 0
          ? `has ${file.size} bytes; a tar has blocks of ${BLOCK}`
          : `ends inside the header at byte ${at}: it is truncated`,
      )
    const block = await window(at, BLOCK)
    if (block.every((byte) => byte === 0)) return
    checkSum(file, block, at)
    const kind = String.fromCharCode(block[156] as number)
    const size = longSize >= 0 ? longSize : numberOf(file, block.subarray(124, 136), at)
    const from = at + BLOCK
    if (!(from + size <= file.size))
      throw file.error(
        `claims ${size} bytes for the member at byte ${at}, but ends at ${file.size}: it is truncated, or damaged`,
      )
    members++
    at = from + Math.ceil(size / BLOCK) * BLOCK
    // A last member without its padding is whole.
    if (at > file.size) at = file.size
    if (kind === LONG_NAME || kind === ATTRIBUTES) {
      if (size > LARGEST_NAME) throw file.error(`has a name of ${size} bytes at byte ${from}: it is damaged`)
      const bytes = await window(from, size)
      if (kind === LONG_NAME) longName = textOf(bytes)
      else {
        const attributes = paxAttributes(bytes)
        longName = attributes.get('path') ?? longName
        longSize = sizeOf(attributes.get('size'))
      }
      continue
    }
    if (kind === LONG_LINK || kind === GLOBAL_ATTRIBUTES) continue
    if (FILE.includes(kind)) yield { name: longName || ustarName(block), from, size }
    longName = ''
    longSize = -1
  }
}

/** Reads blocks that mostly follow each other. */
function createWindow(file: RangeFile): (from: number, length: number) => Promise<Uint8Array> {
  let begin = 0
  let bytes: Uint8Array = new Uint8Array(0)
  return async (from, length) => {
    if (from < begin || from + length > begin + bytes.length) {
      // A gap is jumped over, and what follows it is read in small steps until members turn out to lie close together.
      const near = from - (begin + bytes.length) < WINDOW
      bytes = await file.readUpTo(from, Math.max(length, near ? WINDOW : BLOCK * 4))
      begin = from
    }
    return bytes.subarray(from - begin, from - begin + length)
  }
}

const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

function ustarName(block: Uint8Array): string {
  const name = textOf(block.subarray(0, 100))
  const prefix =
    textOf(block.subarray(257, 262)) === 'ustar' && block[263] === 48 ? textOf(block.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Octal digits, or a binary number where the first bit is set. */
function numberOf(file: RangeFile, field: Uint8Array, at: number): number {
  if (((field[0] as number) & 0x80) !== 0) {
    let value = (field[0] as number) & 0x7f
    for (const byte of field.subarray(1)) value = value * 256 + byte
    if (Number.isSafeInteger(value)) return value
  } else {
    const digits = textOf(field).trim()
    if (/^[0-7]*$/.test(digits)) return Number.parseInt(digits || '0', 8)
  }
  throw file.error(`has no size in the header at byte ${at}: it is damaged`)
}

function checkSum(file: RangeFile, block: Uint8Array, at: number): void {
  let sum = 8 * 32
  for (let byte = 0; byte < BLOCK; byte++) if (byte < 148 || byte >= 156) sum += block[byte] as number
  if (numberOf(file, block.subarray(148, 156), at) !== sum)
    throw file.error(`has a header at byte ${at} whose check sum is wrong: it is damaged, or no tar`)
}

/** Lines of "<length> <key>=<value>\n". Whatever does not fit ends the list. */
function paxAttributes(bytes: Uint8Array): Map<string, string> {
  const attributes = new Map<string, string>()
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(32, at)
    if (space < 0 || space - at > 8) break
    const length = Number(buffer.toString('latin1', at, space))
    if (!Number.isInteger(length) || length <= space - at + 1 || at + length > buffer.length) break
    const line = buffer.toString('utf8', space + 1, at + length - 1)
    const equals = line.indexOf('=')
    if (equals > 0) attributes.set(line.slice(0, equals), line.slice(equals + 1))
    at += length
  }
  return attributes
}

const sizeOf = (text: string | undefined): number => {
  const size = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : -1
  return Number.isSafeInteger(size) ? size : -1
}
