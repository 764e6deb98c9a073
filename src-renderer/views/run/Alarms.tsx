import { ChevronDown, ChevronRight, FlaskConical, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { setParams, useParam } from '../../address.ts'
import { Button } from '../../components/button.tsx'
import { formatCountOf, formatInteger, formatValue } from '../../format.ts'
import { formatAddressOfPlan } from '../ablate/plan.ts'
import { latestByName, placeOfAlarm } from './alarm-list.ts'
import { settingsToTry } from './alarm-settings.ts'
import { sentence } from './log-lines.ts'

/** What a person should look at: where it rang and why, the way there, and plans with the settings to try. */
export function Alarms({ run }: { run: RunDetail }) {
  const [open, setOpen] = useParam('alarms')
  const shown = useMemo(() => latestByName(run.alarmList), [run.alarmList])
  if (shown.length === 0) return null
  // A single alarm is told at once; several are folded, so that they leave room for the work.
  const isOpen = open === '' ? shown.length === 1 : open === 'open'
  return (
    <section aria-label="Alarms" className="shrink-0 border-b border-line bg-warn-soft text-sm">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(isOpen ? 'folded' : 'open')}
        className="flex h-8 w-full items-center gap-2 px-5 text-left"
      >
        {isOpen ? <ChevronDown aria-hidden className="size-3.5" /> : <ChevronRight aria-hidden className="size-3.5" />}
        <TriangleAlert aria-hidden className="size-4 shrink-0 text-warn" />
        <span className="font-semibold text-warn">{formatCountOf(shown.length, 'alarm')}</span>
        {!isOpen && (
          <span className="truncate text-muted">
            {shown.map(({ name, step }) => `${name} (step ${formatInteger(step)})`).join(', ')}
          </span>
        )}
      </button>
      {isOpen && (
        <ul className="flex max-h-56 flex-col overflow-y-auto pb-1.5">
          {shown.map((alarm) => (
            <li key={alarm.name} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-6 py-1 pr-5 pl-[52px]">
              <div className="min-w-0">
                <p>
                  <span className="font-semibold text-warn">{sentence(alarm.name)}</span> {sentence(alarm.message)}{' '}
                  {alarm.times > 1 && <span className="text-muted">It rang {formatInteger(alarm.times)} times.</span>}
                </p>
                <p className="text-muted">To try: {sentence(alarm.remedy)}</p>
              </div>
              <div className="flex flex-wrap items-start justify-end gap-1.5">
                <Button
                  size="small"
                  title="Shows what was recorded around that step"
                  onClick={() => setParams(placeOfAlarm(alarm, run), { push: true })}
                >
                  Step {formatInteger(alarm.step)}
                </Button>
                {settingsToTry(alarm.remedy, run.config).map(({ path, now, next }) => (
                  <Button asChild key={path} size="small">
                    <Link
                      href={formatAddressOfPlan({
                        run: run.id,
                        changes: { [path]: next },
                        factors: [],
                        seeds: [run.seed],
                      })}
                      title={`Plan a run with ${path} ${formatValue(next)}, now ${formatValue(now)}`}
                    >
                      <FlaskConical aria-hidden />
                      <span>
                        Plan a run with <span className="font-mono">{path.split('.').at(-1)}</span> {formatValue(next)}
                      </span>
                    </Link>
                  </Button>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
