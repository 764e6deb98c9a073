import { useId } from 'react'
import { cn } from '../../../components/class-names.ts'
import { InspectorSection } from '../../../components/inspector.tsx'
import { NumberInput } from '../../../components/number-input.tsx'
import { Tooltip } from '../../../components/tooltip.tsx'
import type { SamplingFields, SpeechFields } from './speech-fields.ts'

const SAMPLING: { key: keyof SamplingFields; label: string; meaning: string }[] = [
  {
    key: 'temperature',
    label: 'Temperature',
    meaning:
      'Divides the logits before they become probabilities: below 1 sharper, above 1 flatter, 0 always the likeliest.',
  },
  { key: 'topK', label: 'Top-k', meaning: 'Draws from the k likeliest only. Empty: no limit.' },
  {
    key: 'topP',
    label: 'Top-p',
    meaning: 'Draws from the fewest likeliest ones that together have this probability. Empty: no limit.',
  },
]

/** How answers are drawn, in the inspector. */
export function SpeakSettings({
  fields,
  problems,
  onFields,
  canPaint,
  speaks,
  guides,
}: {
  fields: SpeechFields
  problems: Readonly<Record<string, string>>
  onFields: (fields: SpeechFields) => void
  canPaint: boolean
  /** It answers in words; a prior does not. */
  speaks: boolean
  /** Guidance has something to compare with. */
  guides: boolean
}) {
  const kinds = speaks ? (['text', 'codes'] as const) : (['codes'] as const)
  const set = (kind: 'text' | 'codes', key: keyof SamplingFields) => (value: number | string) =>
    onFields({ ...fields, [kind]: { ...fields[kind], [key]: value } })
  const one = (key: 'guidance' | 'seed' | 'newTokens' | 'answers') => (value: number | string) =>
    onFields({ ...fields, [key]: value })
  return (
    <InspectorSection title={speaks ? 'How answers are drawn' : 'How pictures are drawn'}>
      <div
        className={cn(
          'grid items-center gap-x-2 gap-y-1.5 text-sm',
          speaks ? 'grid-cols-[1fr_68px_68px]' : 'grid-cols-[1fr_68px]',
        )}
      >
        <span />
        {speaks && <span className="text-xs text-muted">Text</span>}
        <span className="text-xs text-muted">Codes</span>
        {SAMPLING.map(({ key, label, meaning }) => (
          <div key={key} className="contents">
            <Meaning label={label} meaning={meaning} />
            {kinds.map((kind) => (
              <NumberInput
                key={kind}
                label={`${label} of ${kind}`}
                value={fields[kind][key]}
                onChange={set(kind, key)}
                aria-invalid={`${kind}.${key}` in problems}
                disabled={kind === 'codes' && !canPaint}
                placeholder={key === 'temperature' ? '' : 'off'}
                className="text-right font-mono"
              />
            ))}
          </div>
        ))}
      </div>
      <div className="mt-3 grid grid-cols-[1fr_68px] items-center gap-x-2 gap-y-1.5 text-sm">
        <Row
          label="Guidance on codes"
          meaning="Classifier-free guidance: how far each code’s logits are taken beyond those of a request that says nothing of the picture. 1: none. It takes two passes a code."
          value={fields.guidance}
          onChange={one('guidance')}
          problem={problems.guidance}
          disabled={!canPaint || !guides}
        />
        <Row
          label="Seed"
          meaning="The same seed, question and settings give the same answers."
          value={fields.seed}
          onChange={one('seed')}
          problem={problems.seed}
        />
        {speaks && (
          <Row
            label="Most text tokens"
            meaning="An answer ends after so many tokens of text, pictures not counted."
            value={fields.newTokens}
            onChange={one('newTokens')}
            problem={problems.newTokens}
          />
        )}
        <Row
          label={speaks ? 'Answers side by side' : 'Pictures side by side'}
          meaning="Each is drawn with its own random numbers."
          value={fields.answers}
          onChange={one('answers')}
          problem={problems.answers}
        />
      </div>
      {Object.entries(problems).map(([path, problem]) => (
        <p key={path} role="alert" className="mt-2 text-xs text-danger">
          {nameOf(path)}: {problem}.
        </p>
      ))}
    </InspectorSection>
  )
}

const NAMES: Record<string, string> = {
  guidance: 'Guidance',
  seed: 'Seed',
  newTokens: 'Most text tokens',
  answers: 'Answers',
}
function nameOf(path: string): string {
  const [kind, key] = path.split('.')
  const sampling = SAMPLING.find((one) => one.key === key)
  return sampling ? `${sampling.label} of ${kind}` : (NAMES[path] ?? path)
}

/** A label whose meaning is one hover away. */
const Meaning = ({ label, meaning }: { label: string; meaning: string }) => (
  <Tooltip content={meaning} side="left">
    <span className="truncate underline decoration-line-strong decoration-dotted underline-offset-4">{label}</span>
  </Tooltip>
)

function Row({
  label,
  meaning,
  value,
  onChange,
  problem,
  disabled = false,
}: {
  label: string
  meaning: string
  value: number | string
  onChange: (value: number | string) => void
  problem: string | undefined
  disabled?: boolean
}) {
  const id = useId()
  return (
    <>
      <label htmlFor={id} className="truncate">
        <Meaning label={label} meaning={meaning} />
      </label>
      <NumberInput
        id={id}
        value={value}
        onChange={onChange}
        aria-invalid={problem !== undefined}
        disabled={disabled}
        className="text-right font-mono"
      />
    </>
  )
}
