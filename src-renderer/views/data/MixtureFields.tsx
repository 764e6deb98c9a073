import { Plus, X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import type { PictureSource, SimpleSource } from '../../../src-shared/picture-source.ts'
import { Button } from '../../components/button.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { emptySource, KIND_LABELS, PICTURE_KINDS, type SimpleKind } from './picture-kinds.ts'

type Parts = Extract<PictureSource, { kind: 'mixture' }>['parts']

const kinds = ['emoji', ...Object.keys(PICTURE_KINDS)] as SimpleKind[]
const MOST = 16

/** The parts of a mixture, each with its weight and the share of the batches that this makes. */
export function MixtureFields({
  parts,
  onChange,
  fields,
}: {
  parts: Parts
  onChange: (parts: Parts) => void
  fields: (source: SimpleSource, onChange: (source: SimpleSource) => void) => ReactNode
}) {
  const total = parts.reduce((sum, { weight }) => sum + (Number(weight) || 0), 0)
  const change = (at: number, part: Partial<Parts[number]>) =>
    onChange(parts.map((each, index) => (index === at ? { ...each, ...part } : each)))
  return (
    <div className="flex flex-col gap-2">
      <p className="text-xs text-muted">Batches draw from each part in proportion to its weight, whatever its size.</p>
      <ol className="flex flex-col gap-2">
        {parts.map(({ source, weight }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names of their own
          <li key={at} className="flex flex-col gap-2.5 rounded-md border border-line p-2.5">
            <div className="flex items-center gap-2">
              <Select
                label={`Kind of part ${at + 1}`}
                className="flex-1"
                value={source.kind}
                onChange={(kind) => change(at, { source: emptySource(kind as SimpleKind, source) })}
                options={kinds.map((kind) => ({ value: kind, label: KIND_LABELS[kind] }))}
              />
              <Button
                variant="ghost"
                size="iconSmall"
                aria-label={`Remove part ${at + 1}`}
                disabled={parts.length === 1}
                onClick={() => onChange(parts.filter((_, index) => index !== at))}
              >
                <X aria-hidden />
              </Button>
            </div>
            <Weight
              weight={weight}
              share={total > 0 ? (Number(weight) || 0) / total : 0}
              onChange={(value) => change(at, { weight: value as number })}
            />
            {fields(source, (next) => change(at, { source: next }))}
          </li>
        ))}
      </ol>
      <Button
        size="small"
        className="self-start"
        disabled={parts.length >= MOST}
        onClick={() => onChange([...parts, { source: emptySource('folder'), weight: 1 }])}
      >
        <Plus aria-hidden /> Add a part
      </Button>
    </div>
  )
}

function Weight({
  weight,
  share,
  onChange,
}: {
  weight: number
  share: number
  onChange: (value: number | string) => void
}) {
  const id = useId()
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="text-xs font-medium text-muted">
        Weight
      </label>
      <NumberInput id={id} className="w-14 text-right font-mono" value={weight} onChange={onChange} />
      <div aria-hidden className="h-1.5 min-w-0 flex-1 overflow-hidden rounded-[2px] bg-hover">
        <div className="h-full rounded-[2px] bg-accent/70" style={{ width: `${share * 100}%` }} />
      </div>
      <span className="w-9 text-right font-mono text-xs text-muted">{Math.round(share * 100)} %</span>
    </div>
  )
}
