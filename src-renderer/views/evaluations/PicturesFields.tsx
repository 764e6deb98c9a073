import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { resizingNames } from '../../../src-shared/resizings.ts'
import { Field, Input } from '../../components/input.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { Segmented } from '../../components/tabs.tsx'
import type { PicturesForm } from './asked-form.ts'
import { PathField } from './PathField.tsx'
import { RunField } from './RunField.tsx'

const AGAINST = [
  { value: 'folder', label: 'A folder' },
  { value: 'statistics', label: 'Statistics (.npz)' },
  { value: 'run', label: 'Pictures of a run' },
  { value: 'nothing', label: 'Nothing' },
]
const SPLITS = [
  { value: 'held-out', label: 'held out' },
  { value: 'training', label: 'training' },
]
const RESIZINGS = [
  { value: 'own', label: 'the network’s own' },
  ...resizingNames.map((value) => ({ value, label: value })),
]

/** Settings that stand folded away. */
const hidden = ['extractor', 'lpips', 'clip']

/** Pictures of any system, and what they are compared with. */
export function PicturesFields({
  form,
  runs,
  onChange,
  problem,
}: {
  form: PicturesForm
  runs: readonly RunSummary[]
  onChange: (change: Partial<PicturesForm>) => void
  problem: (path: string) => string | undefined
}) {
  type Text = 'images' | 'reference' | 'extractorPath' | 'lpips' | 'clipText' | 'clipTokenizer' | 'captions'
  const path = (key: Text, label: string, asked: string, placeholder: string, hint?: string) => (
    <PathField
      label={label}
      value={form[key]}
      placeholder={placeholder}
      hint={hint}
      problem={problem(asked)}
      onChange={(value) => onChange({ [key]: value })}
    />
  )
  return (
    <>
      {path(
        'images',
        'Folder of the pictures',
        'images',
        '/data/samples',
        'The whole path, on the machine that the workbench runs on.',
      )}
      <div className="flex flex-wrap gap-3">
        <Segmented
          label="What the pictures are"
          value={form.role}
          onChange={(role) => onChange({ role: role as PicturesForm['role'] })}
          options={[
            { value: 'samples', label: 'Samples' },
            { value: 'reconstructions', label: 'Reconstructions' },
          ]}
        />
        <p className="min-w-0 flex-1 text-xs text-muted">
          {form.role === 'samples'
            ? 'Any pictures of the same kind as the reference: gFID, KID, precision and recall.'
            : 'Each has an original of the same name in the reference: rFID, PSNR, SSIM and others as well.'}
        </p>
      </div>
      <Field label="Compared with">
        {(props) => (
          <Select
            {...props}
            value={form.against}
            options={AGAINST}
            onChange={(value) => onChange({ against: value as PicturesForm['against'] })}
          />
        )}
      </Field>
      {(form.against === 'folder' || form.against === 'statistics') &&
        path(
          'reference',
          form.against === 'folder' ? 'Folder of the reference' : 'File of statistics',
          'reference',
          form.against === 'folder' ? '/data/originals' : '/data/imagenet.npz',
        )}
      {form.against === 'run' && (
        <div className="grid grid-cols-[minmax(0,1fr)_8rem] gap-3">
          <RunField
            label="Run"
            runs={runs}
            value={form.run}
            none="There is no run yet."
            onChange={(run) => onChange({ run })}
          />
          <Field label="Which">
            {(props) => (
              <Select
                {...props}
                value={form.split}
                options={SPLITS}
                onChange={(value) => onChange({ split: value as PicturesForm['split'] })}
              />
            )}
          </Field>
        </div>
      )}
      <details className="text-sm" open={hidden.some((path) => problem(path) !== undefined) || undefined}>
        <summary className="cursor-pointer text-muted select-none hover:text-text">
          Extractor, size and other networks
        </summary>
        <div className="mt-3 flex flex-col gap-3">
          {path(
            'extractorPath',
            'Extractor of your own (ONNX)',
            'extractor',
            'inception.onnx',
            'Empty: the packaged MobileNetV2, whose distance is FD-MobileNetV2.',
          )}
          <div className="grid grid-cols-3 gap-3">
            <Field label="Its name" hint="inception, clip, vgg16 or any other">
              {(props) => (
                <Input
                  {...props}
                  value={form.extractorName}
                  onChange={(event) => onChange({ extractorName: event.target.value })}
                />
              )}
            </Field>
            <Field label="Its resizing">
              {(props) => (
                <Select
                  {...props}
                  value={form.resize}
                  options={RESIZINGS}
                  onChange={(value) => onChange({ resize: value as PicturesForm['resize'] })}
                />
              )}
            </Field>
            <Field label="Side, pixels (0: their own)">
              {(props) => <NumberInput {...props} value={form.side} onChange={(side) => onChange({ side })} />}
            </Field>
          </div>
          {form.role === 'reconstructions' &&
            path('lpips', 'LPIPS and VGG16 weights', 'lpips', 'lpips.safetensors', 'Without them LPIPS is left out.')}
          {path(
            'clipText',
            'CLIP’s text side (ONNX)',
            'clip.text',
            'clip-text.onnx',
            'For a CLIP score, by the extractor clip.',
          )}
          {path('clipTokenizer', 'CLIP’s tokenizer', 'clip.tokenizer', 'tokenizer.json')}
          {path(
            'captions',
            'Captions (JSON)',
            'clip.captions',
            'captions.json',
            'Empty: the .txt file beside each picture.',
          )}
        </div>
      </details>
    </>
  )
}
