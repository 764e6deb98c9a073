import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { decodeSafetensors, type StoredTensor, type TensorFile } from '../../src-shared/safetensors.ts'

/**
 * Opens the reference cases: folders that each hold `case.json` (conventions, tolerances) and mostly
 * `tensors.safetensors`. Every shape, count and name is taken from the files, so another set of the same layout passes
 * as well. The folder is REFERENCE_DIR, or ../shared/reference beside the repository.
 */
export const referenceFolder = resolve(
  process.env.REFERENCE_DIR ?? fileURLToPath(new URL('../../../shared/reference', import.meta.url)),
)

const role = z.enum(['input', 'expected', 'info'])
const describedTensor = z.object({
  shape: z.array(z.number()),
  role,
  atol: z.number().default(0),
  rtol: z.number().default(0),
})
const describedScalar = z.object({
  role,
  value: z.number().optional(),
  values: z.record(z.string(), z.number()).optional(),
  atol: z.number().default(0),
  rtol: z.number().default(0),
})
const description = z.object({
  tensors: z.record(z.string(), describedTensor).default({}),
  scalars: z.record(z.string(), describedScalar).default({}),
})
type Role = z.infer<typeof role>

/** Names of the case folders of a set, sorted. */
export function referenceCases(folder: string = referenceFolder): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'case.json')))
    .map((entry) => entry.name)
    .sort()
}

/** Why a case cannot be run here, or '' if it can. */
export function whyMissing(name: string, folder: string = referenceFolder): string {
  if (!existsSync(folder)) return `no reference folder at ${folder}; set REFERENCE_DIR`
  if (!existsSync(join(folder, name, 'case.json'))) return `no ${join(name, 'case.json')} in ${folder}`
  return ''
}

/**
 * A suite over one reference case. Where the case is not there, it counts as one skipped test whose name gives the
 * reason; it never passes in silence.
 */
export function describeReference(name: string, suite: (reference: ReferenceCase) => void): void {
  const missing = whyMissing(name)
  if (missing) {
    process.stderr.write(`parity ${name}: skipped: ${missing}\n`)
    describe(`parity: ${name}`, () => {
      it.skip(`skipped: ${missing}`)
    })
    return
  }
  describe(`parity: ${name}`, () => suite(referenceCase(name)))
}

/** @throws Error naming the file if the case is not there or does not have the layout of the set */
export function referenceCase(name: string, folder: string = referenceFolder): ReferenceCase {
  const missing = whyMissing(name, folder)
  if (missing) throw new Error(`parity ${name}: ${missing}`)
  return new ReferenceCase(name, join(folder, name))
}

export class ReferenceCase {
  readonly name: string
  readonly directory: string
  readonly #json: unknown
  readonly #described: z.infer<typeof description>
  readonly #file: TensorFile

  constructor(name: string, directory: string) {
    this.name = name
    this.directory = directory
    this.#json = JSON.parse(readFileSync(join(directory, 'case.json'), 'utf8'))
    this.#described = description.parse(this.#json)
    const tensors = join(directory, 'tensors.safetensors')
    this.#file = existsSync(tensors) ? decodeSafetensors(readFileSync(tensors)) : { tensors: {}, metadata: {} }
  }

  /** The parts of case.json that a suite needs, checked by a zod schema: parameters, expected numbers, tolerances. */
  read<T>(schema: z.ZodType<T>): T {
    const result = schema.safeParse(this.#json)
    if (result.success) return result.data
    throw new Error(`${this.name}/case.json: ${z.prettifyError(result.error)}`)
  }

  /** Names of the tensors with a role; with a prefix, only those that start with it. */
  names(wanted: Role, prefix = ''): string[] {
    return Object.entries(this.#described.tensors).flatMap(([name, { role }]) =>
      role === wanted && name.startsWith(prefix) ? [name] : [],
    )
  }

  /** A given tensor. */
  input(name: string): ReferenceTensor {
    return this.#tensor(name, 'input')
  }

  /** A tensor to be reproduced, with its tolerance. */
  expected(name: string): ReferenceTensor {
    return this.#tensor(name, 'expected')
  }

  /** An intermediate or an alternative convention, for debugging or as information; never a requirement. */
  info(name: string): ReferenceTensor {
    return this.#tensor(name, 'info')
  }

  /** Fails unless `got` is the expected tensor, within the tolerance that the case gives it. */
  expectTensor(name: string, got: ArrayLike<number>): void {
    const want = this.expected(name)
    expectClose(got, want.numbers, want.atol, want.rtol, `${this.name}: ${name}`, want.shape)
  }

  /** Fails unless `got` is the expected scalar `name` (or each of its named values), within its tolerance. */
  expectScalar(name: string, got: number | Readonly<Record<string, number>>): void {
    const want = this.#described.scalars[name]
    if (want?.role !== 'expected') throw new Error(`${this.name}: no expected scalar "${name}"`)
    const label = `${this.name}: ${name}`
    if (want.values === undefined) {
      if (typeof got !== 'number' || want.value === undefined) throw new Error(`${label} is one number`)
      expectClose([got], [want.value], want.atol, want.rtol, label)
      return
    }
    if (typeof got === 'number') throw new Error(`${label} has a value for each of ${Object.keys(want.values)}`)
    for (const [key, value] of Object.entries(want.values))
      expectClose([got[key] ?? Number.NaN], [value], want.atol, want.rtol, `${label}: ${key}`)
  }

  #tensor(name: string, wanted: Role): ReferenceTensor {
    const described = this.#described.tensors[name]
    const stored = this.#file.tensors[name]
    if (!described || !stored)
      throw new Error(`${this.name}: no tensor "${name}"; there are ${Object.keys(this.#file.tensors).join(', ')}`)
    if (described.role !== wanted) throw new Error(`${this.name}: tensor "${name}" is ${described.role}, not ${wanted}`)
    if (described.shape.join() !== stored.shape.join())
      throw new Error(`${this.name}: "${name}" is [${stored.shape}] in the file, [${described.shape}] in case.json`)
    return new ReferenceTensor(name, stored, described.atol, described.rtol)
  }
}

export class ReferenceTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly atol: number
  readonly rtol: number
  readonly #stored: StoredTensor

  constructor(name: string, stored: StoredTensor, atol: number, rtol: number) {
    this.name = name
    this.shape = stored.shape
    this.atol = atol
    this.rtol = rtol
    this.#stored = stored
  }

  get floats(): Float32Array {
    if (!(this.#stored.data instanceof Float32Array))
      throw new Error(`"${this.name}" is ${this.#stored.dtype}, not F32`)
    return this.#stored.data
  }

  /** I64, I32 or U8 values. @throws Error if one does not fit 32 bits */
  get integers(): Int32Array {
    const { data, dtype } = this.#stored
    if (data instanceof Int32Array) return data
    if (data instanceof Float32Array) throw new Error(`"${this.name}" is ${dtype}, not an integer tensor`)
    return Int32Array.from(data as ArrayLike<number | bigint>, (value) => {
      const number = Number(value)
      if (number !== (number | 0)) throw new Error(`"${this.name}" holds ${value}, beyond 32 bits`)
      return number
    })
  }

  /** U8 values as they are stored. */
  get bytes(): Uint8Array {
    if (!(this.#stored.data instanceof Uint8Array)) throw new Error(`"${this.name}" is ${this.#stored.dtype}, not U8`)
    return this.#stored.data
  }

  get numbers(): Float32Array | Int32Array {
    return this.#stored.dtype === 'F32' ? this.floats : this.integers
  }

  /** Row `index` of the first axis, as a view of floats: shape without the first size. */
  row(index: number): Float32Array {
    const size = this.shape.slice(1).reduce((product, side) => product * side, 1)
    if (index < 0 || index >= (this.shape[0] ?? 0))
      throw new Error(`"${this.name}" [${this.shape}] has no row ${index}`)
    return this.floats.subarray(index * size, (index + 1) * size)
  }
}

/**
 * Fails unless |got − want| ≤ atol + rtol·|want| for every element, naming the worst one; the same infinities are equal,
 * and a NaN that is not wanted always fails. With atol = rtol = 0 the numbers must be equal, as for indices.
 */
export function expectClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  atol: number,
  rtol: number,
  name: string,
  shape: readonly number[] = [want.length],
): void {
  if (got.length !== want.length)
    throw new Error(`${name}: ${got.length} elements, wanted ${want.length} of shape [${shape}]`)
  let wrong = 0
  let worst = -1
  let worstExcess = Number.NEGATIVE_INFINITY
  for (let i = 0; i < want.length; i++) {
    const a = got[i] ?? Number.NaN
    const b = want[i] ?? Number.NaN
    if (Object.is(a, b) || a === b) continue
    const allowed = atol + rtol * Math.abs(b)
    const difference = Math.abs(a - b)
    // Written so that NaN, which compares false with everything, counts as wrong.
    if (Number.isFinite(b) && difference <= allowed) continue
    wrong++
    const excess = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference - allowed
    if (excess > worstExcess) {
      worst = i
      worstExcess = excess
    }
  }
  if (wrong === 0) return
  const a = got[worst] ?? Number.NaN
  const b = want[worst] ?? Number.NaN
  throw new Error(
    `${name}: ${wrong} of ${want.length} elements differ; worst at [${coordinates(worst, shape)}]: got ${a}, wanted ${b}, ` +
      `difference ${Math.abs(a - b)}, allowed ${atol + rtol * Math.abs(b)} (atol ${atol}, rtol ${rtol})`,
  )
}

/** Place of a flat index in a shape, row-major. */
function coordinates(flat: number, shape: readonly number[]): number[] {
  const at: number[] = []
  let rest = flat
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return at
}
