import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

export interface Tab {
  value: string
  label: ReactNode
}

/** A row of tabs; wrap each tab's content in <TabPanel value=…> as children. */
export function Tabs({
  value,
  onChange,
  tabs,
  label,
  className,
  aside,
  children,
}: {
  value: string
  onChange: (value: string) => void
  tabs: readonly Tab[]
  label: string
  className?: string
  /** Controls at the right end of the row. */
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={cn('flex min-h-0 min-w-0 flex-col', className)}>
      <div className="flex shrink-0 flex-wrap items-end justify-between gap-x-4 border-b border-line">
        <Radix.List aria-label={label} className="flex shrink-0 gap-4">
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              className="-mb-px flex h-9 items-center gap-1.5 whitespace-nowrap border-b-2 border-transparent text-sm font-medium text-muted hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside && <div className="ml-auto flex h-9 items-center gap-2">{aside}</div>}
      </div>
      {children}
    </Radix.Root>
  )
}

export const TabPanel = ({
  value,
  className,
  children,
}: {
  value: string
  className?: string
  children: ReactNode
}) => (
  <Radix.Content value={value} className={cn('min-h-0 min-w-0 flex-1 outline-none', className)}>
    {children}
  </Radix.Content>
)

/** Two to five short choices side by side, one of them set. */
export function Segmented({
  value,
  onChange,
  options,
  label,
}: {
  value: string
  onChange: (value: string) => void
  options: readonly { value: string; label: ReactNode; disabled?: boolean }[]
  label: string
}) {
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex h-7 rounded-md border border-line-strong bg-surface p-0.5"
    >
      {options.map((option) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio input cannot hold an icon and a word
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={value === option.value}
          disabled={option.disabled ?? false}
          onClick={() => onChange(option.value)}
          className="flex items-center gap-1.5 rounded-sm px-2 text-xs font-medium text-muted hover:text-text disabled:opacity-45 disabled:hover:text-muted aria-checked:bg-accent-soft aria-checked:text-accent [&_svg]:size-3.5"
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
