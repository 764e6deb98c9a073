import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

const style = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors duration-75 disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45 [&_svg]:size-3.5 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-on-accent hover:bg-[color-mix(in_srgb,var(--accent)_88%,var(--text))]',
        secondary: 'border border-line-strong bg-surface text-text hover:bg-hover',
        ghost:
          'text-muted hover:bg-hover hover:text-text data-[state=open]:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-accent',
        danger: 'border border-danger/50 bg-surface text-danger hover:bg-danger-soft',
      },
      size: {
        small: 'h-6 px-2 text-xs',
        medium: 'h-7 px-2.5 text-sm',
        large: 'h-9 px-4 text-base',
        icon: 'size-7 [&_svg]:size-4',
        iconSmall: 'size-6',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'medium' },
  },
)

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof style> {
  /** Render the child element (a link) with the button's looks. */
  asChild?: boolean
}

export function Button({ className, variant, size, asChild = false, ...props }: ButtonProps) {
  const Element = asChild ? Slot.Root : 'button'
  return (
    <Element
      {...(asChild ? {} : { type: 'button' as const })}
      className={cn(style({ variant, size }), className)}
      {...props}
    />
  )
}

/** A button that shows only an icon: its label is read out and shown in a tooltip. */
export function IconButton({
  label,
  shortcut,
  size = 'icon',
  variant = 'ghost',
  ...props
}: ButtonProps & { label: string; shortcut?: string }) {
  return (
    <Tooltip content={shortcut ? `${label} (${shortcut})` : label}>
      <Button aria-label={label} size={size} variant={variant} {...props} />
    </Tooltip>
  )
}
