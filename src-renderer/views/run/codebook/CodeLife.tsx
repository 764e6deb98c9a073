import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import type { CodeHistory } from '../../../../src-shared/contract/code-records.ts'
import { IconButton } from '../../../components/button.tsx'
import { Input } from '../../../components/input.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatCountOf, formatFixed, formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { CodeCurves } from './CodeCurves.tsx'
import type { CodePageProps } from './code-view-props.ts'
import { findCodes } from './find-codes.ts'
import { NearestTokens } from './NearestTokens.tsx'
import { PatchMontage } from './PatchMontage.tsx'
import { useCodeHistory } from './use-code-life.ts'

/** Everything the run recorded of one code: from its first use to what it paints now. */
export function CodeLife({ run, sample, names, code, onCode, choice }: CodePageProps) {
  const query = useCodeHistory(run.id, code, run.sampleSteps.length)
  const life = query.data
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        {choice}
        <CodePicker key={code} code={code} size={sample.layers[0]?.usage.length ?? 0} names={names} onCode={onCode} />
        <h2 className="flex min-w-0 items-baseline gap-3">
          <span className="font-mono text-xl font-semibold">{names.number(code)}</span>
          <span className="truncate font-mono text-xl text-accent">{names.text(code)}</span>
          {names.independent && <span className="text-sm text-muted">no LLM token: independent codebook</span>}
        </h2>
      </div>
      {query.isError ? (
        <ErrorState
          title="The life of this code cannot be shown"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : !life ? (
        <Skeleton lines={10} />
      ) : (
        <div className="flex flex-col gap-3" aria-busy={life.code !== code}>
          <LifeFacts life={life} sample={sample} />
          <CodeCurves run={run} life={life} number={names.number(life.code)} />
          <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(360px,2fr)_minmax(0,3fr)]">
            <NearestTokens life={life} names={names} onCode={onCode} />
            <PatchMontage run={run} sample={sample} code={code} />
          </div>
          {life.unreadable.length > 0 && (
            <p role="status" className="text-xs text-warn">
              {formatCountOf(life.unreadable.length, 'sample')} left out, which cannot be read: step{' '}
              {life.unreadable.map(({ step }) => formatInteger(step)).join(', ')}. {life.unreadable[0]?.message}
            </p>
          )}
        </div>
      )}
    </div>
  )
}

/** Goes to another code: the one before or after, or the one of an id or a token. */
function CodePicker({
  code,
  size,
  names,
  onCode,
}: {
  code: number
  size: number
  names: CodeNames
  onCode: (code: number) => void
}) {
  const [text, setText] = useState('')
  const found = useMemo(() => findCodes(text, names, size), [text, names, size])
  const key = (event: KeyboardEvent) => {
    const [first] = found ?? []
    if (event.key === 'Enter' && first !== undefined) onCode(first)
  }
  return (
    <div className="flex items-center gap-1">
      <IconButton label="Code before" size="iconSmall" disabled={code === 0} onClick={() => onCode(code - 1)}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <Input
        aria-label="Go to a code by id or token"
        value={text}
        placeholder="Id or token"
        className="w-28 font-mono"
        aria-invalid={found !== null && found.length === 0}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={key}
      />
      <IconButton label="Code after" size="iconSmall" disabled={code === size - 1} onClick={() => onCode(code + 1)}>
        <ChevronRight aria-hidden />
      </IconButton>
      {found !== null && (
        <span className="text-xs text-faint" aria-live="polite">
          {found.length === 0
            ? 'no such code'
            : `Enter: ${names.number(found[0] as number)}${found.length > 1 ? `, the first of ${formatInteger(found.length)}` : ''}`}
        </span>
      )}
    </div>
  )
}

const LISTED = 8

function LifeFacts({ life, sample }: { life: CodeHistory; sample: Sample }) {
  const at = life.steps.indexOf(sample.step)
  const now = at < 0 ? life.steps.length - 1 : at
  const value = (list: (number | null)[], decimals: number) => {
    const one = list[now] ?? null
    return one === null ? '–' : formatFixed(one, decimals)
  }
  const seen = life.restartSteps.slice(-LISTED).map(formatInteger).join(', ')
  const facts: [string, string, string][] = [
    ...life.layers.map(({ birth, lastUse, window, heldOut }, layer): [string, string, string] => [
      `Layer ${layer}`,
      birth === null
        ? window.every((count) => count === null)
          ? `${formatInteger(heldOut[now] ?? 0)} held-out hits`
          : 'never used in training'
        : `first used at step ${formatInteger(birth)}, last at ${formatInteger(lastUse ?? birth)}`,
      'First and last step at which a training batch used the code in this layer, up to the newest sample.',
    ]),
    [
      'Restarts',
      life.restarts === null
        ? 'not recorded'
        : life.restarts === 0
          ? 'none'
          : `${formatInteger(life.restarts)}${seen ? `, at step ${seen}` : ''}${life.restarts > life.restartSteps.length ? ' among others' : ''}`,
      'The code was dead and became a vector of the batch. A sample knows the last one before it.',
    ],
    [`Norm at step ${formatInteger(life.steps[now] ?? 0)}`, value(life.norm, 3), 'L2 norm of the code.'],
    ['Cosine', value(life.cosine, 3), 'Cosine of the code to its own LLM row.'],
    ['Rank', value(life.rank, 0), 'Place of its own LLM row among all rows by distance; 0: the nearest.'],
  ]
  return (
    <Panel>
      <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
        {facts.map(([name, words, definition]) => (
          <div key={name} title={definition}>
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="tabular-nums">{words}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
