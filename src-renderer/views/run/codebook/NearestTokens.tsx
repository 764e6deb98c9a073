import type { CodeHistory } from '../../../../src-shared/contract/code-records.ts'
import { cn } from '../../../components/class-names.ts'
import { Panel } from '../../../components/panel.tsx'
import { Cell, HeadCell, Table } from '../../../components/table.tsx'
import { formatFixed, formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { compareNearest } from './nearest-statement.ts'

/** The LLM tokens that lie nearest to a code, each beside what a shuffled codebook would have there. */
export function NearestTokens({
  life,
  names,
  onCode,
}: {
  life: CodeHistory
  names: CodeNames
  onCode: (code: number) => void
}) {
  const { nearest, code } = life
  if (!nearest)
    return (
      <Panel title="Nearest LLM tokens">
        <p className="text-sm text-muted">
          {life.cosine.some((value) => value !== null)
            ? 'They are worked out for the codes that the held-out pictures use. At no sample so far do they use this one.'
            : 'The codebook of this run has no LLM rows, or its samples do not hold this.'}
        </p>
      </Panel>
    )
  const { distances, shuffled } = nearest
  const own = names.number(code)
  const said = shuffled.length === distances.length ? compareNearest(own, nearest.tokens, distances, shuffled) : null
  const most = Math.max(...distances, ...shuffled)
  return (
    <Panel title="Nearest LLM tokens" hint={`L2 distance, at step ${formatInteger(nearest.step)}`} flush>
      {said && (
        <p className={cn('border-b border-line px-3 py-2 text-sm', said.closer ? 'text-ok' : 'text-text')}>
          {said.sentence}
        </p>
      )}
      <Table>
        <thead>
          <tr>
            <HeadCell numeric className="w-8">
              #
            </HeadCell>
            <HeadCell>Token</HeadCell>
            <HeadCell numeric>Distance</HeadCell>
            <HeadCell className="w-[34%]">Code and shuffled</HeadCell>
            <HeadCell numeric className="pr-3">
              <span title="The n-th smallest distance of the same code when the columns of the codebook are shuffled: equal norms, nothing to do with the language model.">
                Shuffled
              </span>
            </HeadCell>
          </tr>
        </thead>
        <tbody className="font-mono">
          {nearest.tokens.map((token, index) => {
            const distance = distances[index] as number
            const chance = shuffled[index]
            const row = names.row(token)
            const words = names.tokenText(token) || token
            return (
              <tr key={token} className="hover:bg-hover">
                <Cell numeric className="h-7 text-faint">
                  {index + 1}
                </Cell>
                <Cell className="h-7 max-w-32 truncate">
                  {row === null ? (
                    <span title={`LLM token ${token}: no code of this codebook`}>{words}</span>
                  ) : (
                    <button
                      type="button"
                      title={`Code ${token}`}
                      className="text-accent hover:underline"
                      onClick={() => onCode(row)}
                    >
                      {words}
                    </button>
                  )}
                  {token === own && <span className="ml-1.5 font-sans text-xs text-muted">its own</span>}
                </Cell>
                <Cell numeric className="h-7">
                  {formatFixed(distance, 3)}
                </Cell>
                <Cell className="h-7">
                  <svg
                    viewBox="0 0 100 12"
                    preserveAspectRatio="none"
                    className="h-3 w-full"
                    role="img"
                    aria-label={`distance ${distance.toFixed(3)}${chance === undefined ? '' : `, shuffled ${chance.toFixed(3)}`}`}
                  >
                    <rect x={0} y={1} height={4.5} width={(100 * distance) / most} fill="var(--accent)" />
                    {chance !== undefined && (
                      <rect x={0} y={6.5} height={4.5} width={(100 * chance) / most} fill="var(--line-strong)" />
                    )}
                  </svg>
                </Cell>
                <Cell numeric className="h-7 pr-3 text-muted">
                  {chance === undefined ? '–' : formatFixed(chance, 3)}
                </Cell>
              </tr>
            )
          })}
        </tbody>
      </Table>
    </Panel>
  )
}
