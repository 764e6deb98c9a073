import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useDeferredValue, useMemo } from 'react'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { Factor } from '../../../src-shared/contract/ablations.ts'
import type { Preset } from '../../../src-shared/contract/presets.ts'
import { formatAddress, navigate, useHashSearch } from '../../address.ts'
import { useCreateAblation } from '../../api/actions.ts'
import { preflightQuery, presetsQuery, runQuery, runsQuery } from '../../api/queries.ts'
import { useSettled } from '../../api/use-settled.ts'
import { Button } from '../../components/button.tsx'
import { Field, Input } from '../../components/input.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Select } from '../../components/select.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatCountOf } from '../../format.ts'
import { ConfigEditor } from './ConfigEditor.tsx'
import { ElsewherePanel } from './ElsewherePanel.tsx'
import { isElsewhereKey, useElsewhere } from './elsewhere.ts'
import { FactorEditor } from './FactorEditor.tsx'
import { MatrixPreview } from './MatrixPreview.tsx'
import { PreFlightPanel } from './PreFlightPanel.tsx'
import {
  applyChanges,
  changesBetween,
  completePlan,
  formatAddressOfPlan,
  type PlanAddress,
  parsePlan,
  planParams,
} from './plan.ts'
import { SeedsField } from './SeedsField.tsx'

const crumbs = [{ label: 'Ablate', href: '/ablate' }]

/** Plans an ablation: baseline, factors, seeds, and what it will take. */
export function PlanView() {
  const search = useHashSearch()
  const { plan, unreadable } = useMemo(() => parsePlan(new URLSearchParams(search)), [search])
  const presets = useQuery(presetsQuery)
  const run = useQuery({ ...runQuery(plan.run), enabled: plan.run !== '' })
  const error = presets.error ?? run.error
  const preset = presets.data?.find(({ id }) => id === plan.preset)
  const base = plan.run !== '' ? run.data?.config : preset?.baseline
  if (error)
    return (
      <Page title="New ablation" crumbs={crumbs}>
        <ErrorState error={error} title="The baseline could not be loaded" />
      </Page>
    )
  if (!presets.data || (plan.run !== '' && !run.data))
    return (
      <Page title="New ablation" crumbs={crumbs}>
        <Skeleton />
      </Page>
    )
  if (!base)
    return (
      <Page title="New ablation" crumbs={crumbs}>
        <ErrorState
          title="The baseline could not be loaded"
          error={`There is no preset "${plan.preset}"; there are ${presets.data.map(({ id }) => id).join(', ')}.`}
        />
      </Page>
    )
  return <Planner plan={plan} unreadable={unreadable} presets={presets.data} preset={preset} base={base} />
}

function Planner({
  plan,
  unreadable,
  presets,
  preset,
  base,
}: {
  plan: PlanAddress
  unreadable: string[]
  presets: Preset[]
  preset: Preset | undefined
  base: ExperimentConfig
}) {
  const { name, factors, seeds } = completePlan(plan, preset)
  const baseline = useMemo(() => applyChanges(base, plan.changes), [base, plan.changes])
  const elsewhere = useElsewhere()
  const asked = useMemo(
    () => ({ name, baseline, factors, seeds, ...elsewhere.asked }),
    [name, baseline, factors, seeds, elsewhere.asked],
  )
  // The estimate follows the typing, a moment later.
  const settled = useSettled(useDeferredValue(asked), 250)
  const sendable =
    settled.name !== '' && settled.seeds.length > 0 && settled.factors.every(({ values }) => values.length > 0)
  const preflight = useQuery(preflightQuery(sendable ? settled : null))
  const create = useCreateAblation()
  const search = useHashSearch()
  const change = (changes: Partial<PlanAddress>) => {
    const params = planParams({ ...plan, ...changes })
    // The tab of the editor and the machine that the plan is checked for are not part of it, and stay as they are.
    for (const [key, value] of new URLSearchParams(search))
      if (key === 'config' || isElsewhereKey(key)) params.set(key, value)
    navigate(formatAddress('/ablate/new', params), { replace: true })
  }
  const edit = (edited: object) => change({ changes: changesBetween(base, edited) })
  const problems = preflight.data?.problems ?? []
  const missing = preflight.data?.preflight?.missing ?? []
  const current = settled === asked && !preflight.isFetching
  return (
    <Page
      title="New ablation"
      crumbs={crumbs}
      actions={
        <Button
          variant="primary"
          disabled={
            !sendable || !current || problems.length > 0 || missing.length > 0 || preflight.isError || create.isPending
          }
          title={missing.length > 0 ? missing.map(({ message }) => message).join(' ') : undefined}
          onClick={() => create.mutate({ name, baseline, factors, seeds })}
        >
          <Play aria-hidden />{' '}
          {preflight.data && problems.length === 0 ? `Start ${formatCountOf(preflight.data.runs, 'run')}` : 'Start'}
        </Button>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)_300px] items-start gap-4">
        <div className="flex min-w-0 flex-col gap-4">
          {unreadable.length > 0 && (
            <ErrorState
              title="A part of the address could not be read"
              error={`${unreadable.map((key) => `"${key}"`).join(', ')}: the preset’s own stands instead.`}
            />
          )}
          <Panel>
            <div className="grid grid-cols-3 gap-3">
              <BaselineField
                plan={plan}
                presets={presets}
                onChange={(from) => navigate(formatAddressOfPlan(from), { replace: true })}
              />
              <Field label="Name">
                {(props) => (
                  <Input
                    {...props}
                    maxLength={120}
                    value={name}
                    onChange={(event) => change({ name: event.target.value })}
                  />
                )}
              </Field>
              <SeedsField seeds={seeds} onChange={(next) => change({ seeds: next })} />
            </div>
          </Panel>
          <FactorEditor
            baseline={baseline}
            factors={factors}
            problems={problems}
            onChange={(next: Factor[]) => change({ factors: next })}
          />
          <MatrixPreview plan={asked} />
          <ConfigEditor base={base} baseline={baseline} changed={plan.changes} problems={problems} onChange={edit} />
        </div>
        <div className="sticky top-0 flex max-h-[calc(100dvh-6.5rem)] flex-col gap-4 overflow-y-auto">
          <PreFlightPanel result={preflight.data} error={preflight.error} stale={!current} complete={sendable} />
          <ElsewherePanel
            elsewhere={elsewhere}
            told={preflight.data?.preflight ?? null}
            runs={preflight.data?.runs ?? 0}
          />
        </div>
      </div>
    </Page>
  )
}

function BaselineField({
  plan,
  presets,
  onChange,
}: {
  plan: PlanAddress
  presets: Preset[]
  onChange: (from: Partial<PlanAddress>) => void
}) {
  const { data: runs = [] } = useQuery(runsQuery)
  const options = [
    ...presets.map(({ id, title }) => ({ value: `preset ${id}`, label: title })),
    ...runs
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .slice(0, 100)
      .map(({ id, name }) => ({ value: `run ${id}`, label: `Run: ${name}` })),
  ]
  const value = plan.run !== '' ? `run ${plan.run}` : `preset ${plan.preset}`
  return (
    <Field label="Baseline">
      {(props) => (
        <Select
          {...props}
          value={value}
          options={options}
          onChange={(next) => {
            const [kind, id = ''] = next.split(' ')
            onChange(kind === 'run' ? { run: id } : { preset: id })
          }}
        />
      )}
    </Field>
  )
}
