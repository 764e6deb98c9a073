import type { ReactNode } from 'react'
import { useId } from 'react'
import { cn } from './class-names.ts'

/** A bordered region with a title row. `flush` leaves the padding to the content. */
export function Panel({
  title,
  hint,
  actions,
  flush = false,
  className,
  children,
}: {
  title?: ReactNode
  hint?: ReactNode
  actions?: ReactNode
  flush?: boolean
  className?: string
  children: ReactNode
}) {
  const id = useId()
  return (
    <section
      {...(title ? { 'aria-labelledby': id } : {})}
      className={cn('flex min-w-0 flex-col rounded-lg border border-line bg-surface', className)}
    >
      {(title || actions) && (
        <div className="flex min-h-9 shrink-0 items-center justify-between gap-3 border-b border-line px-3 py-1">
          <div className="flex min-w-0 items-baseline gap-2">
            <h2 id={id} className="truncate text-sm font-semibold">
              {title}
            </h2>
            {hint && <span className="truncate text-xs text-faint">{hint}</span>}
          </div>
          {actions && <div className="flex shrink-0 items-center gap-1">{actions}</div>}
        </div>
      )}
      <div className={cn('min-h-0 min-w-0 flex-1', !flush && 'p-3')}>{children}</div>
    </section>
  )
}

/** Name and value pairs, one a row, values right-aligned in figures that line up. */
export const Facts = ({ children, className }: { children: ReactNode; className?: string }) => (
  <dl className={cn('grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm', className)}>{children}</dl>
)

export const Fact = ({ name, children, mono = false }: { name: ReactNode; children: ReactNode; mono?: boolean }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className={cn('min-w-0 text-right break-words tabular-nums', mono && 'font-mono')}>{children}</dd>
  </>
)
