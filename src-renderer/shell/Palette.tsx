import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { FlaskConical, Keyboard, Moon, Plus, Search, Sun, SunMoon, Zap } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { navigate } from '../address.ts'
import { useQuickAblation, useSaveSetting } from '../api/actions.ts'
import { ablationsQuery, runsQuery } from '../api/queries.ts'
import { Key, RunSwatch, StateBadge } from '../components/badge.tsx'
import { useRunColour, useTheme } from '../theme.ts'
import { latestRunWith, RUN_VIEWS, runViewAddress } from '../views/run/latest-run.ts'
import { useOverlay } from './overlays.ts'
import { places } from './places.ts'

/** Every view, ablation, run and action by name: Ctrl/Cmd-K. */
export function Palette() {
  const { overlay, show } = useOverlay()
  const open = overlay === 'palette'
  return (
    <Dialog.Root open={open} onOpenChange={(next) => show(next ? 'palette' : null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[600px] max-w-[calc(100vw-48px)] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-pop outline-none"
        >
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <Commands close={() => show(null)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Commands({ close }: { close: () => void }) {
  const { data: runs = [] } = useQuery(runsQuery)
  const { data: ablations = [] } = useQuery(ablationsQuery)
  const latestViews = RUN_VIEWS.flatMap(({ tab, label }) => {
    const run = latestRunWith(runs, tab)
    return run ? [{ tab, label, run }] : []
  })
  const quick = useQuickAblation()
  const save = useSaveSetting()
  const setTheme = useTheme((state) => state.setTheme)
  const show = useOverlay((state) => state.show)
  const colour = useRunColour()
  const go = (to: string) => () => {
    close()
    navigate(to)
  }
  const theme = (value: string) => () => {
    close()
    setTheme(value)
    save.mutate({ key: 'theme', value })
  }
  return (
    <Command label="Command palette" loop>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden className="size-4 text-faint" />
        <Command.Input
          autoFocus
          placeholder="Go to a view, an ablation, a run, or do something"
          className="h-11 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
        />
        <Key>Esc</Key>
      </div>
      <Command.List className="max-h-[50vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint">
        <Command.Empty className="px-2 py-6 text-center text-sm text-muted">Nothing by that name.</Command.Empty>
        <Command.Group heading="Go to">
          {places.map((place) => (
            <Item
              key={place.href}
              value={`go ${place.label}`}
              onSelect={go(place.href)}
              icon={<place.icon />}
              end={<Keys first="g" second={place.key} />}
            >
              {place.label}
            </Item>
          ))}
        </Command.Group>
        {latestViews.length > 0 && (
          <Command.Group heading="Latest run">
            {latestViews.map(({ tab, label, run }) => (
              <Item
                key={tab}
                value={`latest ${label} of ${run.name}`}
                icon={<RunSwatch colour={colour(run.colour)} />}
                onSelect={go(runViewAddress(run.id, tab))}
              >
                {label} of {run.name}
              </Item>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Do">
          <Item
            value="do quick ablation start"
            icon={<Zap />}
            onSelect={() => {
              close()
              quick.mutate()
            }}
          >
            Quick ablation: start now
          </Item>
          <Item value="do new ablation plan" icon={<Plus />} onSelect={go('/ablate/new')}>
            New ablation
          </Item>
          <Item value="do theme light" icon={<Sun />} onSelect={theme('light')}>
            Theme: light
          </Item>
          <Item value="do theme dark" icon={<Moon />} onSelect={theme('dark')}>
            Theme: dark
          </Item>
          <Item value="do theme system" icon={<SunMoon />} onSelect={theme('system')}>
            Theme: as the system
          </Item>
          <Item
            value="do keyboard shortcuts help"
            icon={<Keyboard />}
            onSelect={() => show('shortcuts')}
            end={<Key>?</Key>}
          >
            Keyboard shortcuts
          </Item>
        </Command.Group>
        {ablations.length > 0 && (
          <Command.Group heading="Ablations">
            {ablations.map((ablation) => (
              <Item
                key={ablation.id}
                value={`ablation ${ablation.name} ${ablation.id}`}
                icon={<FlaskConical />}
                onSelect={go(`/ablations/${ablation.id}`)}
                end={`${ablation.finished} of ${ablation.runCount} finished`}
              >
                {ablation.name}
              </Item>
            ))}
          </Command.Group>
        )}
        {runs.length > 0 && (
          <Command.Group heading="Runs">
            {runs.map((run) => (
              <Item
                key={run.id}
                value={`run ${run.name} ${run.id} ${run.armLabel ?? ''}`}
                icon={<RunSwatch colour={colour(run.colour)} />}
                onSelect={go(`/runs/${run.id}`)}
                end={<StateBadge state={run.state} queuePosition={run.queuePosition} />}
              >
                {run.name}
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  )
}

const Keys = ({ first, second }: { first: string; second: string }) => (
  <span className="flex gap-1">
    <Key>{first}</Key>
    <Key>{second}</Key>
  </span>
)

const Item = ({
  value,
  icon,
  end,
  onSelect,
  children,
}: {
  value: string
  icon: ReactNode
  end?: ReactNode
  onSelect: () => void
  children: ReactNode
}) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:text-muted"
  >
    <span className="flex w-4 shrink-0 justify-center">{icon}</span>
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {end && <span className="shrink-0 text-xs text-faint">{end}</span>}
  </Command.Item>
)
