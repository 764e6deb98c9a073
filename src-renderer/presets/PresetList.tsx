import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Link } from 'wouter'
import type { Preset } from '../../src-shared/contract/presets.ts'
import { outlookQuery, presetsQuery, statusQuery } from '../api/queries.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Panel } from '../components/panel.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import { formatAddressOfPlan } from '../views/ablate/plan.ts'
import {
  commonNotes,
  groupPresets,
  notesOfPreset,
  type PresetNote,
  sizeOfPreset,
  timeOfPreset,
} from './preset-groups.ts'

/** All presets in groups, each with its time here and what it lacks; a preset opens as a plan. */
export function PresetList({ described }: { described: boolean }) {
  const { data: presets = [] } = useQuery(presetsQuery)
  const { data: outlooks = [] } = useQuery(outlookQuery)
  const { data: status } = useQuery(statusQuery)
  const notes = new Map(outlooks.map((outlook) => [outlook.id, notesOfPreset(outlook, status?.memoryTotal)]))
  return (
    <div className={described ? 'flex flex-col gap-4' : 'grid grid-cols-2 items-start gap-4'}>
      {groupPresets(presets).map(({ group, title, hint, presets: members }) => {
        const common = commonNotes(members.map(({ id }) => notes.get(id) ?? []))
        return (
          <Panel
            key={group}
            flush
            title={title}
            hint={hint}
            actions={common.map((note) => <Note key={note.text} note={note} />)}
          >
            <ul aria-label={title}>
              {members.map((preset) => (
                <PresetRow
                  key={preset.id}
                  preset={preset}
                  notes={(notes.get(preset.id) ?? []).filter(({ text }) => !common.some((note) => note.text === text))}
                  time={timeOfPreset(outlooks.find(({ id }) => id === preset.id))}
                  described={described}
                />
              ))}
            </ul>
          </Panel>
        )
      })}
    </div>
  )
}

function PresetRow({
  preset,
  notes,
  time,
  described,
}: {
  preset: Preset
  notes: readonly PresetNote[]
  time: string
  described: boolean
}) {
  const href = formatAddressOfPlan({ preset: preset.id })
  return (
    <li className="flex min-h-9 items-center gap-3 border-b border-line px-3 py-1.5 text-sm last:border-b-0 hover:bg-hover">
      <div className="min-w-0 flex-1">
        <Tooltip content={preset.description}>
          <Link href={href} className="block truncate rounded-sm font-medium hover:text-accent">
            {preset.title}
          </Link>
        </Tooltip>
        {described && <p className="mt-0.5 max-w-4xl text-xs text-muted">{preset.description}</p>}
      </div>
      <div className="flex shrink-0 items-center gap-1.5">
        {notes.map((note) => (
          <Note key={note.text} note={note} />
        ))}
      </div>
      <span className="w-12 shrink-0 text-right text-xs text-muted tabular-nums">{sizeOfPreset(preset)}</span>
      <span className="w-28 shrink-0 text-right text-xs text-faint tabular-nums">{time}</span>
    </li>
  )
}

const Note = ({ note: { text, detail, href } }: { note: PresetNote }) => (
  <Tooltip content={detail}>
    {href ? (
      <Button asChild size="small">
        <Link href={href}>
          <Download aria-hidden /> {text}
        </Link>
      </Button>
    ) : (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning is in the tooltip, which the keyboard must reach
      <span tabIndex={0} className="rounded-sm">
        <Badge tone="neutral">{text}</Badge>
      </span>
    )}
  </Tooltip>
)
