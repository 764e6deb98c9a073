import { ScanSearch } from 'lucide-react'
import { type DataConfig, dataSchema } from '../../../src-shared/config.ts'
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/input.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { PictureSourceFields } from './PictureSourceFields.tsx'

const resolutions = dataSchema.shape.resolution.options.map((option) => String(option.value))
const crops = [
  { value: 'cover', label: 'Cover: centre square' },
  { value: 'taming', label: 'VQGAN: random square' },
  { value: 'rq', label: 'RQ-VAE: centre square' },
  { value: 'adm', label: 'ADM: boxes, then bicubic' },
  { value: 'random-resized', label: 'ADM random: 80 to 100 %' },
]
const readings = [
  { value: 'cache', label: 'Decode all once' },
  { value: 'stream', label: 'Stream as wanted' },
]
/** Crops that take another square each time a picture is seen. */
const RANDOM = ['taming', 'random-resized']

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
  // A path that is still empty, a weight that is no number.
  const whole = dataSchema.safeParse(data).success
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <PictureSourceFields source={data.source} onChange={(source) => onChange({ ...data, source })} />
      <hr className="border-line" />
      <Field
        label="Reading"
        hint={
          data.reading === 'stream'
            ? 'For data sets of any size: nothing is decoded but what a step draws, on threads of its own. At most 512 held-out pictures are evaluated.'
            : 'All pictures are decoded into the cache before the first step: up to 300,000.'
        }
      >
        {(props) => (
          <Select
            {...props}
            value={data.reading}
            onChange={(reading) => onChange({ ...data, reading: reading as DataConfig['reading'] })}
            options={readings}
          />
        )}
      </Field>
      <Field
        label="Crop"
        hint={RANDOM.includes(data.crop) ? 'Another square each time; the middle when held out.' : undefined}
      >
        {(props) => (
          <Select
            {...props}
            value={data.crop}
            onChange={(value) => {
              const crop = value as DataConfig['crop']
              onChange({ ...data, crop, ...(RANDOM.includes(crop) ? { reading: 'stream' as const } : {}) })
            }}
            options={crops}
          />
        )}
      </Field>
      <Checkbox checked={data.flip} onChange={(flip) => onChange({ ...data, flip })}>
        Mirror half of the training pictures
      </Checkbox>
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
      <Button type="submit" disabled={busy || !whole}>
        <ScanSearch aria-hidden /> {busy ? 'Reading' : 'Read the pictures'}
      </Button>
    </form>
  )
}
