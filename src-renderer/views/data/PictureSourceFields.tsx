import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field, Input } from '../../components/input.tsx'

const styles = [
  { value: 'fluent-3d', label: 'Fluent 3D' },
  { value: 'openmoji', label: 'OpenMoji' },
] as const

/** The settings of one kind of picture source. */
export function PictureSourceFields({
  source,
  onChange,
}: {
  source: PictureSource
  onChange: (source: PictureSource) => void
}) {
  if (source.kind === 'folder')
    return (
      <Field label="Folder" hint="Absolute path. Sub-folders are classes; a .txt beside a picture is its caption.">
        {(props) => (
          <Input
            {...props}
            className="font-mono"
            placeholder="/home/me/pictures"
            value={source.path}
            onChange={(event) => onChange({ kind: 'folder', path: event.target.value })}
          />
        )}
      </Field>
    )
  if (source.kind !== 'emoji') return null
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
