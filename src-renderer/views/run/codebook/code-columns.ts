import { hitsOf, type Sample } from '../../../pictures/sample.ts'

/** A column of the table of codes. */
export interface CodeColumn {
  key: string
  title: string
  definition: string
  /** Decimals of its values. */
  decimals: number
  /** Value of a code; NaN: none, which sorts last. */
  value: (code: number) => number
  width: number
}

const NEVER = (value: number | undefined): number => (value === undefined || value < 0 ? Number.NaN : value)

/**
 * What one sample says of every code, column by column.
 * @param layer null: all layers together
 */
export function codeColumns(sample: Sample, layer: number | null): CodeColumn[] {
  const { hits, kind } = hitsOf(sample, layer)
  const histories = (layer === null ? sample.layers : [sample.layers[layer]]).flatMap((one) => one?.history ?? [])
  const where = layer === null ? 'any layer' : `layer ${layer}`
  const columns: CodeColumn[] = [
    {
      key: 'hits',
      title: 'Hits',
      definition:
        kind === 'window'
          ? `Training hits in ${where} since the sample before.`
          : `Hits in ${where} over the held-out pictures.`,
      decimals: 0,
      value: (code) => hits[code] ?? 0,
      width: 56,
    },
  ]
  if (histories.length > 0)
    columns.push(
      {
        key: 'birth',
        title: 'First use',
        definition: `Step at which the code was first used in ${where}.`,
        decimals: 0,
        value: (code) => extreme(histories, code, 'birth', Math.min),
        width: 62,
      },
      {
        key: 'lastUse',
        title: 'Last use',
        definition: `Step at which the code was last used in ${where}, up to this sample.`,
        decimals: 0,
        value: (code) => extreme(histories, code, 'lastUse', Math.max),
        width: 60,
      },
    )
  const more: [CodeColumn, ArrayLike<number>][] = [
    [
      {
        key: 'restarts',
        title: 'Restarts',
        definition: 'How often the dead code was replaced by a vector of the batch, so far.',
        decimals: 0,
        value: (code) => sample.restarts[code] ?? Number.NaN,
        width: 58,
      },
      sample.restarts,
    ],
    [
      {
        key: 'norm',
        title: 'Norm',
        definition: 'L2 norm of the code.',
        decimals: 2,
        value: (code) => sample.norm[code] ?? Number.NaN,
        width: 50,
      },
      sample.norm,
    ],
    [
      {
        key: 'cosine',
        title: 'Cosine',
        definition: 'Cosine of the code to its own LLM row.',
        decimals: 3,
        value: (code) => sample.cosine[code] ?? Number.NaN,
        width: 54,
      },
      sample.cosine,
    ],
    [
      {
        key: 'rank',
        title: 'Rank',
        definition: 'Place of the code’s own LLM row among all rows by distance; 0: the nearest.',
        decimals: 0,
        value: (code) => NEVER(sample.rank[code]),
        width: 52,
      },
      sample.rank,
    ],
  ]
  return [...columns, ...more.flatMap(([column, data]) => (data.length > 0 ? [column] : []))]
}

function extreme(
  histories: readonly { birth: Int32Array; lastUse: Int32Array }[],
  code: number,
  key: 'birth' | 'lastUse',
  pick: (a: number, b: number) => number,
): number {
  let found = Number.NaN
  for (const history of histories) {
    const step = history[key][code] ?? -1
    if (step >= 0) found = Number.isNaN(found) ? step : pick(found, step)
  }
  return found
}

/** Codes sorted by a column's value; equal ones by id, those without a value last. */
export function sortCodes(
  codes: Int32Array,
  value: (code: number) => number,
  descending: boolean,
): Int32Array<ArrayBuffer> {
  const keys = Float64Array.from(codes, (code) => {
    const key = value(code)
    return Number.isNaN(key) ? Number.POSITIVE_INFINITY : descending ? -key : key
  })
  const order = Int32Array.from(codes, (_, at) => at).sort((a, b) => {
    const [x, y] = [keys[a] as number, keys[b] as number]
    return x === y ? (codes[a] as number) - (codes[b] as number) : x - y
  })
  return order.map((at) => codes[at] as number)
}
