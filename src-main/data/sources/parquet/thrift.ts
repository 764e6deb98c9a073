/**
 * Checks a struct of Thrift's compact protocol before hyparquet reads it, which believes lengths as they come: every
 * list and text must have room in the bytes that are there, and structs nest no deeper than Parquet's do.
 * @returns where the struct ends
 * @throws RangeError if it is damaged or goes beyond the bytes
 */
export function checkThrift(bytes: Uint8Array, from: number): number {
  let at = from
  const byte = (): number => {
    if (at >= bytes.length) throw new RangeError('ends inside a Thrift value')
    return bytes[at++] as number
  }
  const skip = (length: number): void => {
    if (!(length >= 0 && length <= bytes.length - at))
      throw new RangeError(`claims ${length} bytes of ${bytes.length - at}`)
    at += length
  }
  /** An unsigned number; the bits beyond 32 do not matter to what is checked. */
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const part = byte()
      value += (part & 0x7f) * 2 ** shift
      if ((part & 0x80) === 0) return value
    }
    throw new RangeError('holds a number without an end')
  }
  const element = (type: number, depth: number): void => {
    if (type === 1 || type === 2) return
    if (type === 3) skip(1)
    else if (type >= 4 && type <= 6) varint()
    else if (type === 7) skip(8)
    else if (type === 8) skip(varint())
    else if (type === 9) {
      const head = byte()
      const size = head >> 4 === 15 ? varint() : head >> 4
      if (size > bytes.length - at) throw new RangeError(`claims a list of ${size} in ${bytes.length - at} bytes`)
      const of = head & 15
      for (let index = 0; index < size; index++) element(of === 1 || of === 2 ? 3 : of, depth + 1)
    } else if (type === 12) struct(depth + 1)
    else throw new RangeError(`holds a value of the unknown type ${type}`)
  }
  const struct = (depth: number): void => {
    if (depth > DEEPEST) throw new RangeError(`nests deeper than ${DEEPEST}`)
    for (;;) {
      const head = byte()
      if ((head & 15) === 0) return
      if (head >> 4 === 0) varint()
      element(head & 15, depth)
    }
  }
  struct(0)
  return at
}

const DEEPEST = 32
