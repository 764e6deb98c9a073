/** What the tables of a run's tokens say (contract/runs.ts, tokens). */
export interface TokenTables {
  /** [V] text of each token id; empty for an independent codebook. */
  vocabulary: readonly string[]
  /** [K] token id of each code; null where codes and token ids are one. */
  ids: readonly number[] | null
}

/**
 * How the codes of a run are named. Samples, files and requests count the rows of the codebook's table; what is shown,
 * searched for or stands in an address is the code's number. That is the id of its LLM token, which a code keeps also
 * where the codebook is some of the vocabulary's rows; an independent codebook has only its rows to go by.
 */
export interface CodeNames {
  /** The number that the code in a row of the table is known by. */
  number: (row: number) => number
  /** The row of the code of that number; null if the codebook has no such code. */
  row: (number: number) => number | null
  /** The token of the code in a row as it is; undefined: it has none, or its text is not known yet. */
  token: (row: number) => string | undefined
  /** The same, made visible; '' if there is none. */
  text: (row: number) => string
  /** A token of the language model, be it a code or not, made visible; '' if there is none. */
  tokenText: (id: number) => string
  /** No code has an LLM token. */
  independent: boolean
}

/**
 * @param size K
 * @param tables undefined: not here yet, so codes have numbers but no text. Where the codes are chosen rows even their
 * numbers come from the tables, so that nothing of them can be shown before.
 */
export function codeNames(size: number, tables: TokenTables | undefined): CodeNames {
  const vocabulary = tables?.vocabulary ?? []
  const ids = tables?.ids ?? null
  const rows = ids && new Map(ids.map((id, row) => [id, row]))
  const number = (row: number): number => ids?.[row] ?? row
  const token = (row: number): string | undefined => vocabulary[number(row)]
  const tokenText = (id: number): string => visible(vocabulary[id])
  return {
    number,
    row: (wanted) => {
      if (rows) return rows.get(wanted) ?? null
      return Number.isInteger(wanted) && wanted >= 0 && wanted < size ? wanted : null
    },
    token,
    text: (row) => visible(token(row)),
    tokenText,
    independent: tables !== undefined && vocabulary.length === 0,
  }
}

/** A token as text: spaces and line ends made visible, nothing left empty. */
function visible(token: string | undefined): string {
  if (token === undefined) return ''
  return token === '' ? '(empty)' : token.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
}
