import { Command } from 'cmdk'
import { Check, Plus } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { RunSwatch, StateBadge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { useRunColour } from '../../theme.ts'

/** Chooses several runs by searching their names, arms and tags. */
export function RunPicker({
  runs,
  chosen,
  most,
  onToggle,
}: {
  runs: readonly RunSummary[]
  chosen: readonly string[]
  most: number
  onToggle: (id: string) => void
}) {
  const colour = useRunColour()
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button size="small" variant={chosen.length === 0 ? 'primary' : 'secondary'}>
          <Plus aria-hidden /> Choose runs
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-[30rem] rounded-lg border border-line bg-raised shadow-pop"
        >
          <Command label="Choose runs">
            <Command.Input
              autoFocus
              placeholder="Search by name, arm, tag or state"
              className="h-9 w-full border-b border-line bg-transparent px-3 text-sm outline-none placeholder:text-faint"
            />
            <Command.List className="max-h-80 overflow-y-auto p-1">
              <Command.Empty className="px-3 py-6 text-center text-sm text-muted">No run matches.</Command.Empty>
              {runs.map((run) => {
                const on = chosen.includes(run.id)
                return (
                  <Command.Item
                    key={run.id}
                    value={`${run.name} ${run.id}`}
                    keywords={[run.paradigm, run.tokenizer, run.state, ...run.tags, run.armLabel ?? '']}
                    disabled={!on && chosen.length >= most}
                    onSelect={() => onToggle(run.id)}
                    className="flex h-8 items-center gap-2 rounded-sm px-2 text-sm select-none data-[disabled=true]:opacity-40 data-[selected=true]:bg-hover"
                  >
                    <span className="flex size-4 shrink-0 items-center justify-center text-accent">
                      {on && <Check aria-label="chosen" className="size-3.5" />}
                    </span>
                    <RunSwatch colour={colour(run.colour)} />
                    <span className="min-w-0 flex-1 truncate">{run.name}</span>
                    <span className="shrink-0 text-xs text-faint">
                      {run.tokenizer} · {run.paradigm} · seed {run.seed}
                    </span>
                    <StateBadge state={run.state} compact />
                  </Command.Item>
                )
              })}
            </Command.List>
            <p className="border-t border-line px-3 py-1.5 text-xs text-faint">
              Enter chooses or removes a run. {chosen.length} of at most {most} chosen.
            </p>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
