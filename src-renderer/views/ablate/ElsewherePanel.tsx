import type { DeviceMemory, PreFlight } from '../../../src-shared/contract/plan.ts'
import { Field, Input } from '../../components/input.tsx'
import { Fact, Facts, Panel } from '../../components/panel.tsx'
import { formatBytes, formatDuration, formatInteger } from '../../format.ts'
import type { Elsewhere, ElsewhereField } from './elsewhere.ts'

const fields: readonly { field: ElsewhereField; label: string; placeholder: string }[] = [
  { field: 'devices', label: 'Devices', placeholder: '1' },
  { field: 'memory', label: 'Memory each, GB', placeholder: '80' },
  { field: 'pace', label: 'Pace of one', placeholder: '250 TFLOP/s' },
  { field: 'utilisation', label: 'Share of peak', placeholder: '0.4' },
]

/** What the plan takes on devices that are not here, as a person states them. */
export function ElsewherePanel({
  elsewhere,
  told,
  runs,
}: {
  elsewhere: Elsewhere
  told: PreFlight | null
  runs: number
}) {
  const lacksPictures = told?.missing.some(({ what }) => what === 'pictures') || elsewhere.texts.pictures !== ''
  const shown = lacksPictures
    ? [{ field: 'pictures' as const, label: 'Pictures', placeholder: '558128' }, ...fields]
    : fields
  return (
    <Panel title="On another machine" hint="arithmetic, not a measurement" flush>
      <div className="grid grid-cols-2 gap-2 p-3">
        {shown.map(({ field, label, placeholder }) => (
          <Field
            key={field}
            label={label}
            problem={elsewhere.problems[field]}
            {...(field === 'pictures' ? { className: 'col-span-2', hint: 'of the data set, which is not here' } : {})}
          >
            {(props) => (
              <Input
                {...props}
                className="font-mono"
                placeholder={placeholder}
                value={elsewhere.texts[field]}
                onChange={(event) => elsewhere.set(field, event.target.value)}
              />
            )}
          </Field>
        ))}
      </div>
      {told?.elsewhere && (
        <Facts className="border-t border-line px-3 py-2.5">
          {told.elsewhere.hoursPerRun !== null && (
            <Fact name="One run" mono>
              {formatDuration(told.elsewhere.hoursPerRun * 3600)}
            </Fact>
          )}
          {told.elsewhere.hours !== null && runs > 1 && (
            <Fact name={`All ${runs} runs`} mono>
              {formatDuration(told.elsewhere.hours * 3600)}
            </Fact>
          )}
          <Fact name="Pictures of a batch on each" mono>
            {formatInteger(told.elsewhere.picturesPerDevice)}
          </Fact>
          <Memory name="Memory of each" memory={told.elsewhere.replicated} />
          {told.elsewhere.devices > 1 && <Memory name="Memory if sharded" memory={told.elsewhere.sharded} />}
        </Facts>
      )}
    </Panel>
  )
}

const Memory = ({ name, memory: { bytes, fits, picturesThatFit } }: { name: string; memory: DeviceMemory }) => (
  <>
    <Fact name={name} mono>
      {formatBytes(bytes)}
      {fits !== null && <span className={fits ? 'text-ok' : 'text-danger'}>{fits ? ' fits' : ' does not fit'}</span>}
    </Fact>
    {fits === false && picturesThatFit !== null && (
      <Fact name="Pictures that would fit" mono>
        {formatInteger(picturesThatFit)}
      </Fact>
    )}
  </>
)
