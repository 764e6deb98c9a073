import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { configValue } from '../../../src-shared/config-paths.ts'
import { useParam } from '../../address.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { Panel } from '../../components/panel.tsx'
import { TabPanel, Tabs } from '../../components/tabs.tsx'
import { formatValue } from '../../format.ts'
import { sizeSettings, withModel } from '../data/language-settings.ts'
import { idleSettings } from './idle-settings.ts'
import { JsonEditor } from './JsonEditor.tsx'
import { ModelSizesButton } from './ModelSizesButton.tsx'
import { applyChanges, type Changes } from './plan.ts'
import { SettingInput } from './SettingInput.tsx'
import { type SettingField, sectionsOf, settingFields } from './settings.ts'

const sections = sectionsOf(settingFields)

/** The baseline's config, as a form by section and as JSON. */
export function ConfigEditor({
  base,
  baseline,
  changed,
  problems,
  onChange,
}: {
  /** As the preset or the run has it. */
  base: ExperimentConfig
  /** As it stands now; may have problems. */
  baseline: object
  changed: Changes
  problems: readonly { path: string; message: string }[]
  onChange: (edited: object) => void
}) {
  const [tab, setTab] = useParam('config', 'form')
  const count = Object.keys(changed).length
  return (
    <Panel flush>
      <Tabs
        label="Baseline config"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'form', label: 'Baseline settings' },
          { value: 'json', label: 'JSON' },
        ]}
        className="[&>div:first-child]:px-3"
        aside={
          count > 0 && (
            <>
              <span className="text-xs text-muted">{count === 1 ? '1 change' : `${count} changes`}</span>
              <Button size="small" variant="ghost" onClick={() => onChange(base)}>
                <RotateCcw aria-hidden /> Undo all
              </Button>
            </>
          )
        }
      >
        <TabPanel value="form">
          <div className="grid grid-cols-2 gap-x-8 p-3">
            {[0, 1].map((half) => (
              <div key={half} className="flex min-w-0 flex-col gap-4">
                {halves[half]?.map(([section, fields]) => (
                  <SettingSection
                    key={section}
                    section={section}
                    fields={fields}
                    base={base}
                    baseline={baseline}
                    problems={problems}
                    onChange={onChange}
                  />
                ))}
              </div>
            ))}
          </div>
        </TabPanel>
        <TabPanel value="json">
          <JsonEditor value={baseline} problems={problems} onChange={onChange} />
        </TabPanel>
      </Tabs>
    </Panel>
  )
}

/** Two columns of about the same height. */
const halves = (() => {
  const total = sections.reduce((sum, [, fields]) => sum + fields.length + 1, 0)
  const columns: [typeof sections, typeof sections] = [[], []]
  let height = 0
  for (const section of sections) {
    columns[height < total / 2 ? 0 : 1].push(section)
    height += section[1].length + 1
  }
  return columns
})()

/** The settings of a group: those that matter now, and, folded away with the reason, those that do not. */
function SettingSection({
  section,
  fields,
  base,
  baseline,
  problems,
  onChange,
}: {
  section: string
  fields: readonly SettingField[]
  base: ExperimentConfig
  baseline: object
  problems: readonly { path: string; message: string }[]
  onChange: (edited: object) => void
}) {
  const row = (field: SettingField) => (
    <SettingRow
      key={field.path}
      field={field}
      section={section}
      value={configValue(baseline, field.path)}
      before={configValue(base, field.path)}
      problem={problems.find(({ path }) => path === field.path || path.startsWith(`${field.path}.`))?.message}
      onChange={(value) => {
        const along = field.path === 'language.model' ? withModel(value) : {}
        onChange(applyChanges(baseline, { [field.path]: value, ...along }))
      }}
    />
  )
  // A setting with a problem, or one that was changed, is never hidden.
  const idle = idleSettings(fields, baseline).filter(
    ({ field: { path } }) =>
      !problems.some((problem) => problem.path === path || problem.path.startsWith(`${path}.`)) &&
      JSON.stringify(configValue(baseline, path)) === JSON.stringify(configValue(base, path)),
  )
  const shown = fields.filter((field) => !idle.some((one) => one.field === field))
  const reasons = [...Map.groupBy(idle, ({ reason }) => reason)]
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-muted">{section}</h3>
      {section === 'language' && configValue(baseline, 'language.model') === 'path' && (
        <ModelSizesButton
          path={String(configValue(baseline, 'language.path') ?? '')}
          onRead={(sizes) => onChange(applyChanges(baseline, sizeSettings(sizes)))}
        />
      )}
      {shown.map(row)}
      {reasons.map(([reason, group]) => (
        <details key={reason} className="border-b border-line py-1 last:border-b-0">
          <summary className="py-1 text-xs text-faint">
            {group.length === 1 ? (
              <span className="font-mono">{group[0]?.field.path.slice(section.length + 1)}</span>
            ) : (
              `${group.length} settings`
            )}{' '}
            without effect: {reason}
          </summary>
          <div className="opacity-70">{group.map(({ field }) => row(field))}</div>
        </details>
      ))}
    </section>
  )
}

function SettingRow({
  field,
  section,
  value,
  before,
  problem,
  onChange,
}: {
  field: SettingField
  section: string
  value: unknown
  before: unknown
  problem: string | undefined
  onChange: (value: unknown) => void
}) {
  const [id] = useState(() => `setting-${field.path}`)
  const isChanged = JSON.stringify(value) !== JSON.stringify(before)
  return (
    <div className="border-b border-line py-1 last:border-b-0">
      <div className={cn('flex min-h-7 justify-between gap-3', field.kind === 'source' ? 'flex-col' : 'items-center')}>
        <label
          htmlFor={id}
          className={cn(
            'flex items-center gap-1 truncate font-mono text-sm',
            isChanged ? 'font-medium text-accent' : 'text-text',
          )}
          title={field.path}
        >
          {field.path.slice(section.length + 1)}
          {isChanged && (
            <IconButton
              label={`Back to ${formatValue(before)}`}
              size="iconSmall"
              className="size-5"
              onClick={() => onChange(before)}
            >
              <RotateCcw aria-hidden className="size-3" />
            </IconButton>
          )}
        </label>
        <SettingInput id={id} field={field} value={value} invalid={problem !== undefined} onChange={onChange} />
      </div>
      {problem && <p className="text-xs text-danger">{problem}</p>}
    </div>
  )
}
