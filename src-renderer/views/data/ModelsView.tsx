import { useMutation, useQuery } from '@tanstack/react-query'
import { FlaskConical, ScanSearch, X } from 'lucide-react'
import { useState } from 'react'
import type { ModelDescription, ModelEntry } from '../../../src-shared/models.ts'
import { navigate, useParam } from '../../address.ts'
import { api } from '../../api/client.ts'
import { modelsQuery } from '../../api/queries.ts'
import { Badge } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { Field, Input } from '../../components/input.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { notifyError } from '../../components/toast.tsx'
import { formatInteger } from '../../format.ts'
import { formatAddressOfPlan } from '../ablate/plan.ts'
import { DataTabs } from './DataTabs.tsx'
import { InstallPanel } from './InstallPanel.tsx'
import { languageSettings } from './language-settings.ts'
import { ModelFacts } from './ModelFacts.tsx'

/** Pretrained language models: the one that can be installed, those known, and any by its path. */
export function ModelsView() {
  const { data, error, refetch } = useQuery(modelsQuery)
  const [chosen, choose] = useParam('model')
  const shown = data?.models.find(({ id }) => id === chosen) ?? data?.models[0]
  return (
    <Page
      title="Data and models"
      actions={
        shown?.description && (
          <Button
            variant="primary"
            onClick={() => navigate(formatAddressOfPlan({ preset: 'quick', changes: languageSettings(shown) }))}
          >
            <FlaskConical aria-hidden /> Plan an ablation with this model
          </Button>
        )
      }
    >
      <DataTabs current="models" />
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={8} />}
      {data && (
        <div className="grid grid-cols-[320px_minmax(0,1fr)] items-start gap-4">
          <div className="flex flex-col gap-4">
            <Panel title="Models" hint={data.models.length === 1 ? '1 known' : `${data.models.length} known`} flush>
              <ul>
                {data.models.map((model) => (
                  <ModelRow key={model.id} model={model} selected={model === shown} onSelect={() => choose(model.id)} />
                ))}
              </ul>
            </Panel>
            <DescribeForm onDescribed={({ path }) => choose(path)} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            {shown?.id === 'smollm2' && (shown.path === null || data.installation?.state === 'running') && (
              <InstallPanel installation={data.installation} problem={shown.problem} />
            )}
            {shown?.problem && shown.path !== null && (
              <ErrorState title="This model cannot be used" error={new Error(shown.problem)} />
            )}
            {shown?.description && <ModelFacts description={shown.description} />}
            {!shown && <EmptyState title="No model is known">Describe one by its path.</EmptyState>}
          </div>
        </div>
      )}
    </Page>
  )
}

function ModelRow({ model, selected, onSelect }: { model: ModelEntry; selected: boolean; onSelect: () => void }) {
  const { title, path, description, problem, id } = model
  const forget = useMutation({
    mutationFn: () => api.models.forget({ path: path ?? '' }),
    onError: (error) => notifyError('Forget', error),
  })
  return (
    <li className={cn('flex items-center border-b border-line last:border-b-0', selected && 'bg-accent-soft')}>
      <button
        type="button"
        aria-pressed={selected}
        onClick={onSelect}
        className="flex min-w-0 flex-1 flex-col gap-0.5 px-3 py-2 text-left"
      >
        <span className="flex w-full items-center justify-between gap-2 text-sm font-medium">
          <span className="truncate">{title}</span>
          {path === null ? <Badge>not installed</Badge> : problem ? <Badge tone="danger">cannot be used</Badge> : null}
        </span>
        <span className="truncate text-xs text-muted tabular-nums">
          {description
            ? `${formatInteger(description.sizes.vocabulary)} tokens × ${description.sizes.width}, ${description.storage.join(', ')}`
            : path === null
              ? '98 MB, Apache-2.0'
              : problem}
        </span>
      </button>
      {id !== 'smollm2' && (
        <IconButton label="Take it off the list" className="mr-2" onClick={() => forget.mutate()}>
          <X aria-hidden />
        </IconButton>
      )}
    </li>
  )
}

function DescribeForm({ onDescribed }: { onDescribed: (description: ModelDescription) => void }) {
  const [path, setPath] = useState('')
  const describe = useMutation({
    mutationFn: () => api.models.describe({ path: path.trim() }),
    onSuccess: (description) => {
      setPath('')
      onDescribed(description)
    },
  })
  return (
    <Panel title="A model on this machine">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (path.trim() !== '') describe.mutate()
        }}
      >
        <Field label="Path" hint="A Hugging Face folder of a LLaMA-family model, or a GGUF file.">
          {(props) => (
            <Input
              {...props}
              className="font-mono"
              placeholder="/home/me/models/TinyLlama-1.1B"
              value={path}
              onChange={(event) => setPath(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={describe.isPending || path.trim() === ''}>
          <ScanSearch aria-hidden /> {describe.isPending ? 'Reading' : 'Read its files'}
        </Button>
        {describe.error && <ErrorState title="This model cannot be used" error={describe.error} />}
      </form>
    </Panel>
  )
}
