import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './class-names.ts'

export const Table = ({ className, ...props }: ComponentProps<'table'>) => (
  <table className={cn('w-full border-separate border-spacing-0 text-sm', className)} {...props} />
)

/** Rows of head cells that stay in sight. */
export const TableHead = ({ className, ...props }: ComponentProps<'thead'>) => (
  <thead className={cn('sticky top-0 z-10 bg-surface', className)} {...props} />
)

export const HeadCell = ({ className, numeric = false, ...props }: ComponentProps<'th'> & { numeric?: boolean }) => (
  <th
    scope="col"
    className={cn(
      'h-8 border-b border-line bg-surface px-2 text-xs font-medium whitespace-nowrap text-muted',
      numeric ? 'text-right' : 'text-left',
      className,
    )}
    {...props}
  />
)

export const Cell = ({ className, numeric = false, ...props }: ComponentProps<'td'> & { numeric?: boolean }) => (
  <td
    className={cn(
      'h-8 border-b border-line px-2 whitespace-nowrap',
      numeric ? 'text-right tabular-nums' : 'text-left',
      className,
    )}
    {...props}
  />
)

/** Label of a column that sorts; shows the direction. */
export const SortButton = ({
  direction,
  onClick,
  children,
}: {
  direction: 'asc' | 'desc' | false
  onClick: () => void
  children: ReactNode
}) => (
  <button type="button" onClick={onClick} className="inline-flex items-center gap-1 hover:text-text">
    {children}
    {direction === 'asc' && <ArrowUp aria-hidden className="size-3" />}
    {direction === 'desc' && <ArrowDown aria-hidden className="size-3" />}
  </button>
)

/** The value of aria-sort for a direction. */
export const ariaSort = (direction: 'asc' | 'desc' | false): 'ascending' | 'descending' | 'none' =>
  direction === 'asc' ? 'ascending' : direction === 'desc' ? 'descending' : 'none'
