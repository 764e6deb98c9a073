import { ScanSearch } from 'lucide-react'
import { type DataConfig, dataSchema } from '../../../src-shared/config.ts'
import { Button } from '../../components/button.tsx'
import { Field } from '../../components/input.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { PictureSourceFields } from './PictureSourceFields.tsx'

const resolutions = dataSchema.shape.resolution.options.map((option) => String(option.value))
const emoji = { kind: 'emoji', styles: ['fluent-3d'], background: '#ffffff', skinTones: false } as const

/** The data section of a config as a form. */
export function SourceForm({
  data,
  onChange,
  onSubmit,
  busy,
}: {
  data: DataConfig
  onChange: (data: DataConfig) => void
  onSubmit: () => void
  busy: boolean
}) {
  const number = (key: 'heldOut' | 'splitSeed' | 'limit') => (value: number | string) =>
    onChange({ ...data, [key]: value } as DataConfig)
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <div>
        <Segmented
          label="Kind of source"
          value={data.source.kind}
          onChange={(kind) =>
            onChange({
              ...data,
              source: kind === 'folder' ? { kind: 'folder', path: '' } : { ...emoji, styles: [...emoji.styles] },
            })
          }
          options={[
            { value: 'emoji', label: 'Emoji' },
            { value: 'folder', label: 'Folder' },
          ]}
        />
      </div>
      <PictureSourceFields source={data.source} onChange={(source) => onChange({ ...data, source })} />
      <div className="grid grid-cols-2 gap-3">
        <Field label="Side, pixels">
          {(props) => (
            <Select
              {...props}
              value={String(data.resolution)}
              onChange={(value) => onChange({ ...data, resolution: Number(value) as DataConfig['resolution'] })}
              options={resolutions.map((value) => ({ value }))}
            />
          )}
        </Field>
        <Field label="Held out, share">
          {(props) => <NumberInput {...props} value={data.heldOut} onChange={number('heldOut')} />}
        </Field>
        <Field label="Seed of the split">
          {(props) => <NumberInput {...props} value={data.splitSeed} onChange={number('splitSeed')} />}
        </Field>
        <Field label="At most (0: all)">
          {(props) => <NumberInput {...props} value={data.limit} onChange={number('limit')} />}
        </Field>
      </div>
      <Button type="submit" disabled={busy}>
        <ScanSearch aria-hidden /> {busy ? 'Reading' : 'Read the pictures'}
      </Button>
    </form>
  )
}
