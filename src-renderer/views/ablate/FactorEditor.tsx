import { Plus, X } from 'lucide-react'
import { type ChangeEvent, type ComponentProps, useState } from 'react'
import { configValue } from '../../../src-shared/config-paths.ts'
import type { Factor } from '../../../src-shared/contract/ablations.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { Input, TextArea } from '../../components/input.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatValue } from '../../format.ts'
import { formatValues, parseValues } from './plan.ts'
import { SettingPicker } from './SettingPicker.tsx'
import { settingFields } from './settings.ts'

type Problem = { path: string; message: string }

/** The settings that are varied, each with its values. */
export function FactorEditor({
  baseline,
  factors,
  problems,
  onChange,
}: {
  baseline: object
  factors: readonly Factor[]
  problems: readonly Problem[]
  onChange: (factors: Factor[]) => void
}) {
  const add = (path: string) => onChange([...factors, { path, values: firstValues(path, baseline) }])
  return (
    <Panel
      title="Factors"
      hint="settings to vary; every combination is an arm"
      actions={
        <SettingPicker
          baseline={baseline}
          taken={factors.map(({ path }) => path)}
          onPick={add}
          trigger={
            <Button size="small">
              <Plus aria-hidden /> Add a factor
            </Button>
          }
        />
      }
      flush
    >
      {factors.length === 0 && (
        <p className="p-3 text-sm text-muted">No factor: the baseline alone is trained, once with every seed.</p>
      )}
      {factors.map((factor, index) => (
        <FactorRow
          key={factor.path}
          factor={factor}
          current={configValue(baseline, factor.path)}
          problem={problems.find(({ path }) => path === factor.path)?.message}
          onChange={(values) => onChange(factors.map((other, at) => (at === index ? { ...other, values } : other)))}
          onRemove={() => onChange(factors.filter((_, at) => at !== index))}
        />
      ))}
    </Panel>
  )
}

/** What a new factor starts with: the baseline's value, and of a choice all values. */
function firstValues(path: string, baseline: object): unknown[] {
  const field = settingFields.find((one) => one.path === path)
  if (field?.kind === 'choice') return field.choices
  if (field?.kind === 'boolean') return [true, false]
  return [configValue(baseline, path)]
}

/** Values as text; groups of settings one a line. */
const written = (values: readonly unknown[]): string =>
  values.some((value) => typeof value === 'object' && !Array.isArray(value))
    ? values.map((value) => JSON.stringify(value)).join(',\n')
    : formatValues(values)

const LongValues = ({ className, ...props }: ComponentProps<typeof TextArea>) => (
  <TextArea className={cn('field-sizing-content max-h-60 text-xs', className)} {...props} />
)

function FactorRow({
  factor,
  current,
  problem,
  onChange,
  onRemove,
}: {
  factor: Factor
  current: unknown
  problem: string | undefined
  onChange: (values: unknown[]) => void
  onRemove: () => void
}) {
  const field = settingFields.find((one) => one.path === factor.path)
  const choices = field?.kind === 'boolean' ? [true, false] : field?.kind === 'choice' ? field.choices : null
  const [text, setText] = useState(written(factor.values))
  const shown = JSON.stringify(parseValues(text)) === JSON.stringify(factor.values) ? text : written(factor.values)
  // Groups of settings are long: one value a line.
  const grouped = typeof current === 'object' && !Array.isArray(current)
  const Values = grouped ? LongValues : Input
  const toggle = (choice: unknown) =>
    onChange(
      (choices as unknown[]).filter((other) =>
        other === choice ? !factor.values.includes(choice) : factor.values.includes(other),
      ),
    )
  return (
    <div className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex items-center gap-3">
        <div className="w-52 min-w-0 shrink-0">
          <div className="truncate font-mono text-sm font-medium" title={factor.path}>
            {factor.path}
          </div>
          <div className="truncate text-xs text-faint">
            baseline <span className="font-mono">{formatValue(current)}</span>
          </div>
        </div>
        {choices ? (
          <fieldset aria-label={`Values of ${factor.path}`} className="flex min-w-0 flex-1 flex-wrap gap-1">
            {choices.map((choice) => (
              <Button
                key={String(choice)}
                size="small"
                aria-pressed={factor.values.includes(choice)}
                className="font-mono aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent"
                onClick={() => toggle(choice)}
              >
                {String(choice)}
              </Button>
            ))}
          </fieldset>
        ) : (
          <Values
            aria-label={`Values of ${factor.path}, separated by commas`}
            aria-invalid={problem !== undefined}
            className="flex-1 font-mono"
            placeholder="values, separated by commas"
            value={shown}
            onChange={(event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
              setText(event.target.value)
              onChange(parseValues(event.target.value))
            }}
          />
        )}
        <span className="w-16 shrink-0 text-right text-xs text-faint">
          {factor.values.length} {factor.values.length === 1 ? 'value' : 'values'}
        </span>
        <IconButton label={`Remove the factor ${factor.path}`} size="iconSmall" onClick={onRemove}>
          <X aria-hidden />
        </IconButton>
      </div>
      {(problem ?? (factor.values.length === 0 ? 'A factor needs at least one value.' : undefined)) && (
        <p className="mt-1 text-xs text-danger">{problem ?? 'A factor needs at least one value.'}</p>
      )}
    </div>
  )
}
