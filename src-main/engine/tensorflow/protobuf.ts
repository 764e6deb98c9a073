/**
 * Writes messages in Google's protocol buffers format, as far as TensorFlow's files need it.
 * Source: protobuf.dev, "Encoding".
 */
export type Field = Uint8Array

const VARINT = 0
const LENGTH_DELIMITED = 2
const FOUR_BYTES = 5

function varint(value: number | bigint): number[] {
  // A negative number is written as its 64-bit two's complement.
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

const tag = (field: number, wire: number): number[] => varint((field << 3) | wire)

export const message = (...fields: readonly Field[]): Uint8Array => Buffer.concat(fields)

export const bytes = (field: number, value: Uint8Array): Field =>
  Buffer.concat([Uint8Array.from([...tag(field, LENGTH_DELIMITED), ...varint(value.length)]), value])

export const text = (field: number, value: string): Field => bytes(field, Buffer.from(value))

export const whole = (field: number, value: number | bigint): Field =>
  Uint8Array.from([...tag(field, VARINT), ...varint(value)])

export const wholes = (field: number, values: readonly number[]): Field =>
  bytes(field, Uint8Array.from(values.flatMap(varint)))

export function float(field: number, value: number): Field {
  const four = Buffer.alloc(4)
  four.writeFloatLE(value)
  return Buffer.concat([Uint8Array.from(tag(field, FOUR_BYTES)), four])
}
