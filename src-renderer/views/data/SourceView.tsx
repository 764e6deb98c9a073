import { useQuery } from '@tanstack/react-query'
import { FlaskConical, Images, ScanSearch } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { DataConfig } from '../../../src-shared/config.ts'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { navigate, setParams, useParam } from '../../address.ts'
import { api } from '../../api/client.ts'
import { presetsQuery } from '../../api/queries.ts'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { formatAddressOfPlan } from '../ablate/plan.ts'
import { DataDescription } from './DataDescription.tsx'
import { DataTabs } from './DataTabs.tsx'
import { sourceTitle } from './picture-kinds.ts'
import { SourceForm } from './SourceForm.tsx'
import { dataFromParams, paramsFromData } from './source-address.ts'

/** Describes a picture source before anything is trained on it. */
export function SourceView() {
  const { data: presets, error, refetch } = useQuery(presetsQuery)
  const standard = presets?.find((preset) => preset.id === 'quick')?.baseline.data ?? presets?.[0]?.baseline.data
  if (error)
    return (
      <Page title="Data and models">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Page>
    )
  if (!standard)
    return (
      <Page title="Data and models">
        <Skeleton />
      </Page>
    )
  return <Described standard={standard} />
}

function Described({ standard }: { standard: DataConfig }) {
  const [described] = useParam('described')
  const [kind] = useParam('kind')
  const [params] = useParam('source')
  const asked = useMemo(() => dataFromParams(standard, kind, params), [standard, kind, params])
  const [draft, setDraft] = useState(asked)
  useEffect(() => setDraft(asked), [asked])
  const current = described === 'yes'
  const description = useQuery({
    queryKey: ['data', asked],
    queryFn: () => api.data.describe({ data: asked }),
    enabled: current,
    retry: false,
  })
  const describe = () => {
    setParams({ ...paramsFromData(draft), described: 'yes' })
    if (JSON.stringify(draft) === JSON.stringify(asked)) void description.refetch()
  }
  const source: PictureSource = asked.source
  return (
    <Page
      title="Data and models"
      detail={
        current &&
        description.data &&
        ('path' in source ? <code className="truncate font-mono">{sourceTitle(source)}</code> : sourceTitle(source))
      }
      actions={
        current &&
        description.data && (
          <Button
            variant="primary"
            onClick={() => navigate(formatAddressOfPlan({ preset: 'quick', changes: { data: asked } }))}
          >
            <FlaskConical aria-hidden /> Plan an ablation with these pictures
          </Button>
        )
      }
    >
      <DataTabs current="pictures" />
      <div className="grid grid-cols-[304px_minmax(0,1fr)] items-start gap-4">
        <Panel title="Picture source">
          <SourceForm data={draft} onChange={setDraft} onSubmit={describe} busy={description.isFetching} />
        </Panel>
        <div className="min-w-0">
          {!current && (
            <EmptyState
              icon={<Images aria-hidden />}
              title="What is in it?"
              actions={
                <Button variant="primary" onClick={describe}>
                  <ScanSearch aria-hidden /> Read the pictures
                </Button>
              }
            >
              Choose a source and read it: how many pictures there are, of which classes, which cannot be read, and what
              the texts made from them look like. The first reading takes longer: it decodes all pictures into a cache,
              or of a stream as many as its evaluations will show.
            </EmptyState>
          )}
          {current && description.isFetching && (
            <Panel title="Reading the pictures">
              <Skeleton lines={10} />
            </Panel>
          )}
          {current && !description.isFetching && description.error && (
            <ErrorState
              title="These pictures cannot be used"
              error={description.error}
              onRetry={() => void description.refetch()}
            />
          )}
          {current && !description.isFetching && description.data && <DataDescription description={description.data} />}
        </div>
      </div>
    </Page>
  )
}
