import { Check, Minus } from 'lucide-react'
import { Checkbox as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useId } from 'react'
import { cn } from './class-names.ts'

/** A box with its label; with `label` alone (no children) the label is only read out. */
export function Checkbox({
  checked,
  onChange,
  label,
  children,
  className,
  disabled = false,
  tabIndex,
}: {
  checked: boolean | 'indeterminate'
  onChange: (checked: boolean) => void
  label?: string
  children?: ReactNode
  className?: string
  disabled?: boolean
  tabIndex?: number
}) {
  const id = useId()
  return (
    <span className={cn('inline-flex items-center gap-2 align-middle', className)}>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next === true)}
        aria-label={label}
        {...(tabIndex === undefined ? {} : { tabIndex })}
        className="flex size-4 shrink-0 items-center justify-center rounded-sm border border-line-strong bg-surface text-on-accent hover:border-accent disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent"
      >
        <Radix.Indicator>
          {checked === 'indeterminate' ? (
            <Minus aria-hidden className="size-3" />
          ) : (
            <Check aria-hidden className="size-3" strokeWidth={3} />
          )}
        </Radix.Indicator>
      </Radix.Root>
      {children !== undefined && (
        <label htmlFor={id} className="text-sm select-none">
          {children}
        </label>
      )}
    </span>
  )
}
