import { Command } from 'cmdk'
import { Popover } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { configValue } from '../../../src-shared/config-paths.ts'
import { formatValue } from '../../format.ts'
import { settingFields } from './settings.ts'

const varied = settingFields.filter(({ path }) => path !== 'seed' && path !== 'name')

/** A searchable list of every setting with its present value. */
export function SettingPicker({
  baseline,
  taken,
  onPick,
  trigger,
}: {
  baseline: object
  taken: readonly string[]
  onPick: (path: string) => void
  trigger: ReactNode
}) {
  const [open, setOpen] = useState(false)
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-[420px] overflow-hidden rounded-lg border border-line bg-raised shadow-pop outline-none"
        >
          <Command label="Settings" loop>
            <Command.Input
              autoFocus
              placeholder="Search a setting"
              className="h-9 w-full border-b border-line bg-transparent px-3 text-sm outline-none placeholder:text-faint"
            />
            <Command.List className="max-h-80 overflow-y-auto p-1">
              <Command.Empty className="p-4 text-center text-sm text-muted">No setting by that name.</Command.Empty>
              {varied.map(({ path }) => (
                <Command.Item
                  key={path}
                  value={path}
                  disabled={taken.includes(path)}
                  onSelect={() => {
                    setOpen(false)
                    onPick(path)
                  }}
                  className="flex h-7 items-center justify-between gap-4 rounded-sm px-2 font-mono text-sm data-[disabled=true]:opacity-40 data-[selected=true]:bg-hover"
                >
                  <span className="shrink-0">{path}</span>
                  <span className="truncate text-faint">{formatValue(configValue(baseline, path))}</span>
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
