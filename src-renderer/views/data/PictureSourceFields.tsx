import type { PictureSource, SimpleSource } from '../../../src-shared/picture-source.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field, Input } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { MixtureFields } from './MixtureFields.tsx'
import { emptySource, KIND_LABELS, PICTURE_KINDS, type SimpleKind, type SourceKind } from './picture-kinds.ts'

const styles = [
  { value: 'fluent-3d', label: 'Fluent 3D' },
  { value: 'openmoji', label: 'OpenMoji' },
] as const

const kinds = Object.keys(KIND_LABELS) as SourceKind[]

/** The kind of a picture source and the settings of that kind. */
export function PictureSourceFields({
  source,
  onChange,
}: {
  source: PictureSource
  onChange: (source: PictureSource) => void
}) {
  return (
    <>
      <Field label="Kind of source">
        {(props) => (
          <Select
            {...props}
            value={source.kind}
            onChange={(kind) => onChange(ofKind(kind as SourceKind, source))}
            options={kinds.map((kind) => ({ value: kind, label: KIND_LABELS[kind] }))}
          />
        )}
      </Field>
      {source.kind === 'mixture' ? (
        <MixtureFields
          parts={source.parts}
          onChange={(parts) => onChange({ kind: 'mixture', parts })}
          fields={(part, change) => <SimpleSourceFields source={part} onChange={change} />}
        />
      ) : (
        <SimpleSourceFields source={source} onChange={onChange} />
      )}
    </>
  )
}

/** A mixture begins with what was chosen before it. */
function ofKind(kind: SourceKind, before: PictureSource): PictureSource {
  if (kind === before.kind) return before
  if (kind !== 'mixture') return emptySource(kind as SimpleKind, before)
  const first = before.kind === 'mixture' ? emptySource('emoji') : before
  return {
    kind,
    parts: [
      { source: first, weight: 1 },
      { source: emptySource('folder'), weight: 1 },
    ],
  }
}

function SimpleSourceFields({ source, onChange }: { source: SimpleSource; onChange: (source: SimpleSource) => void }) {
  if (source.kind === 'emoji') return <EmojiFields source={source} onChange={onChange} />
  const { about, paths, layout, skipped } = PICTURE_KINDS[source.kind]
  const values: Partial<Record<string, string>> = source
  return (
    <>
      <p className="text-xs text-muted">{about}</p>
      {paths.map(({ key, label, placeholder, hint }) => (
        <Field key={key} label={label} hint={hint}>
          {(props) => (
            <Input
              {...props}
              className="font-mono"
              placeholder={placeholder}
              value={values[key] ?? ''}
              onChange={(event) => onChange({ ...source, [key]: event.target.value } as SimpleSource)}
            />
          )}
        </Field>
      ))}
      <details className="group text-xs">
        <summary className="cursor-pointer text-muted select-none hover:text-text">Layout</summary>
        <pre className="mt-1.5 rounded-md bg-sunken px-2 py-1.5 font-mono text-2xs leading-relaxed break-words whitespace-pre-wrap text-muted">
          {layout.join('\n')}
        </pre>
        <p className="mt-1.5 text-faint">Left out and counted: {skipped.charAt(0).toLowerCase() + skipped.slice(1)}</p>
      </details>
    </>
  )
}

function EmojiFields({
  source,
  onChange,
}: {
  source: Extract<SimpleSource, { kind: 'emoji' }>
  onChange: (source: SimpleSource) => void
}) {
  return (
    <>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-xs font-medium text-muted">Styles</legend>
        {styles.map(({ value, label }) => (
          <Checkbox
            key={value}
            checked={source.styles.includes(value)}
            onChange={(checked) =>
              onChange({
                ...source,
                styles: styles.map((s) => s.value).filter((s) => (s === value ? checked : source.styles.includes(s))),
              })
            }
          >
            {label}
          </Checkbox>
        ))}
        <Checkbox checked={source.skinTones} onChange={(skinTones) => onChange({ ...source, skinTones })}>
          Skin-tone variants
        </Checkbox>
      </fieldset>
      <Field label="Background">
        {(props) => (
          <div className="flex gap-2">
            <input
              type="color"
              aria-label="Background, picked"
              value={/^#[0-9a-f]{6}$/i.test(source.background) ? source.background : '#000000'}
              onChange={(event) => onChange({ ...source, background: event.target.value })}
              className="h-7 w-9 shrink-0 rounded-md border border-line-strong bg-surface p-0.5"
            />
            <Input
              {...props}
              className="font-mono"
              value={source.background}
              onChange={(event) => onChange({ ...source, background: event.target.value })}
            />
          </div>
        )}
      </Field>
    </>
  )
}
