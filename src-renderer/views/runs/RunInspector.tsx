import { ArrowRight, Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { useAnnotateRun } from '../../api/actions.ts'
import { RunSwatch, StateBadge } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { Input, TextArea } from '../../components/input.tsx'
import { InspectorSection } from '../../components/inspector.tsx'
import { MetricLabel } from '../../components/metric-label.tsx'
import { Fact, Facts } from '../../components/panel.tsx'
import { formatDuration, formatMetric, formatTime } from '../../format.ts'
import { useRunColour } from '../../theme.ts'
import { RunProgress } from './columns.tsx'
import { RunToolbar } from './RunToolbar.tsx'

const shownMetrics = ['heldout.mse', 'heldout.psnr', 'language.perplexity', 'drift.used.cosine', 'memory.resident']

/** One run in the inspector: state, latest numbers, tags, note. */
export function RunInspector({ run }: { run: RunSummary }) {
  const colour = useRunColour()
  const lasted = run.startedAt === null ? null : ((run.endedAt ?? Date.now()) - run.startedAt) / 1000
  return (
    <>
      <section className="border-b border-line px-4 pt-3 pb-3">
        <div className="flex items-start gap-2 pr-7">
          <RunSwatch colour={colour(run.colour)} className="mt-1.5" />
          <h2 className="min-w-0 text-base font-semibold break-words">{run.name}</h2>
        </div>
        <div className="mt-2 mb-3 flex items-center justify-between">
          <StateBadge state={run.state} queuePosition={run.queuePosition} />
          {run.alarms > 0 && (
            <span className="text-xs text-warn">{run.alarms === 1 ? '1 alarm' : `${run.alarms} alarms`}</span>
          )}
        </div>
        <RunProgress run={run} />
        {run.reason && <p className="mt-2 text-sm break-words text-muted">{run.reason}</p>}
        <div className="mt-3 flex items-center justify-between gap-2">
          <Button asChild variant="primary" size="small">
            <Link href={`/runs/${run.id}`}>
              Open <ArrowRight aria-hidden />
            </Link>
          </Button>
          <RunToolbar runs={[run]} />
        </div>
      </section>
      <InspectorSection title="Latest">
        <Facts>
          {shownMetrics.flatMap((name) => {
            const value = run.latest[name]
            return value === undefined
              ? []
              : [
                  <Fact key={name} mono name={<MetricLabel name={name} />}>
                    {formatMetric(name, value)}
                  </Fact>,
                ]
          })}
        </Facts>
      </InspectorSection>
      <InspectorSection title="Run">
        <Facts>
          <Fact name="Paradigm">{run.paradigm}</Fact>
          <Fact name="Tokenizer">{run.tokenizer}</Fact>
          <Fact name="Seed" mono>
            {run.seed}
          </Fact>
          {run.ablationId && (
            <Fact name="Ablation">
              <Link href={`/ablations/${run.ablationId}`} className="text-accent hover:underline">
                {run.armLabel || 'open'}
              </Link>
            </Fact>
          )}
          {run.parentId && (
            <Fact name="Cloned from">
              <Link href={`/runs/${run.parentId}`} className="font-mono break-all text-accent hover:underline">
                {run.parentId}
              </Link>
            </Fact>
          )}
          <Fact name="Created">{formatTime(run.createdAt, Date.now())}</Fact>
          {lasted !== null && <Fact name={run.endedAt ? 'Took' : 'Since start'}>{formatDuration(lasted)}</Fact>}
          <Fact name="Id" mono>
            <span className="text-xs break-all select-text">{run.id}</span>
          </Fact>
        </Facts>
      </InspectorSection>
      <InspectorSection title="Tags">
        <Tags run={run} />
      </InspectorSection>
      <InspectorSection title="Note">
        <Note run={run} />
      </InspectorSection>
    </>
  )
}

function Tags({ run }: { run: RunSummary }) {
  const annotate = useAnnotateRun()
  const [text, setText] = useState('')
  const save = (tags: string[]) => annotate.mutate({ id: run.id, tags })
  const add = (event: FormEvent) => {
    event.preventDefault()
    const tag = text.trim()
    setText('')
    if (tag !== '' && !run.tags.includes(tag)) save([...run.tags, tag])
  }
  return (
    <>
      <div className="flex flex-wrap gap-1">
        {run.tags.map((tag) => (
          <span key={tag} className="inline-flex h-6 items-center gap-0.5 rounded-sm border border-line pl-2 text-xs">
            {tag}
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              className="rounded-sm p-1 text-faint hover:text-text"
              onClick={() => save(run.tags.filter((other) => other !== tag))}
            >
              <X aria-hidden className="size-3" />
            </button>
          </span>
        ))}
      </div>
      <form onSubmit={add} className="mt-2 flex gap-1">
        <Input
          aria-label="New tag"
          placeholder="Add a tag"
          maxLength={40}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <IconButton type="submit" label="Add the tag" disabled={text.trim() === '' || run.tags.length >= 20}>
          <Plus aria-hidden />
        </IconButton>
      </form>
    </>
  )
}

/** Kept when the field is left. */
function Note({ run }: { run: RunSummary }) {
  const annotate = useAnnotateRun()
  const [text, setText] = useState(run.note)
  return (
    <TextArea
      aria-label="Note"
      rows={4}
      maxLength={20_000}
      placeholder="What this run is for, what it showed"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => text !== run.note && annotate.mutate({ id: run.id, note: text })}
    />
  )
}
