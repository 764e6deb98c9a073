import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

export interface MenuItem {
  label: string
  icon?: ReactNode
  shortcut?: string
  onSelect: () => void
  disabled?: boolean
  danger?: boolean
  /** A setting that is on or off. */
  checked?: boolean
}

/** A menu below its trigger; `null` in the list is a separator. */
export function Menu({
  trigger,
  items,
  align = 'end',
  label,
}: {
  trigger: ReactNode
  items: readonly (MenuItem | null)[]
  align?: 'start' | 'end'
  label: string
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-pop"
        >
          {items.map((item, index) =>
            item === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: separators have nothing else to be told apart by
              <DropdownMenu.Separator key={index} className="my-1 h-px bg-line" />
            ) : (
              <Item key={item.label} item={item} />
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function Item({ item }: { item: MenuItem }) {
  const className = cn(
    'flex h-7 items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-[disabled]:opacity-40 data-[highlighted]:bg-hover [&_svg]:size-3.5',
    item.danger && 'text-danger',
  )
  const end = item.shortcut && <kbd className="ml-auto pl-4 font-mono text-xs text-faint">{item.shortcut}</kbd>
  if (item.checked !== undefined)
    return (
      <DropdownMenu.CheckboxItem
        checked={item.checked}
        onSelect={(event) => event.preventDefault()}
        onCheckedChange={item.onSelect}
        disabled={item.disabled ?? false}
        className={className}
      >
        <span className="flex w-4 justify-center">
          <DropdownMenu.ItemIndicator>
            <Check aria-hidden className="text-accent" />
          </DropdownMenu.ItemIndicator>
        </span>
        {item.label}
        {end}
      </DropdownMenu.CheckboxItem>
    )
  return (
    <DropdownMenu.Item onSelect={item.onSelect} disabled={item.disabled ?? false} className={className}>
      {item.icon && <span className="flex w-4 justify-center text-current">{item.icon}</span>}
      {item.label}
      {end}
    </DropdownMenu.Item>
  )
}
