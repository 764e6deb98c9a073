import { Check, ChevronDown } from 'lucide-react'
import { Select as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

export interface SelectOption {
  value: string
  label?: ReactNode
  disabled?: boolean
}

/** Chooses one of a few values. Option values must not be ''. */
export function Select({
  value,
  options,
  onChange,
  label,
  id,
  placeholder,
  className,
  ...aria
}: {
  value: string
  options: readonly SelectOption[]
  onChange: (value: string) => void
  /** Accessible name where no <label> points at `id`. */
  label?: string
  id?: string
  placeholder?: string
  className?: string
  'aria-invalid'?: boolean
  'aria-describedby'?: string | undefined
}) {
  return (
    <Radix.Root value={value} onValueChange={onChange}>
      <Radix.Trigger
        {...(id ? { id } : {})}
        aria-label={label}
        {...aria}
        className={cn(
          'flex h-7 min-w-0 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-2 text-left text-sm text-text hover:bg-hover aria-invalid:border-danger data-[placeholder]:text-faint',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-faint" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-pop"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="flex h-7 items-center gap-2 rounded-sm pr-3 pl-7 text-sm outline-none select-none data-[disabled]:opacity-40 data-[highlighted]:bg-hover"
              >
                <Radix.ItemIndicator className="absolute left-3">
                  <Check aria-hidden className="size-3.5 text-accent" />
                </Radix.ItemIndicator>
                <Radix.ItemText>{option.label ?? option.value}</Radix.ItemText>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
