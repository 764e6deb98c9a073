import { ORPCError } from '@orpc/client'
import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cn } from './class-names.ts'

/** What to show of an error: a sentence, the remedy where there is one, and single problems by path. */
export function describeError(error: unknown): {
  message: string
  hint: string
  problems: { path: string; message: string }[]
} {
  const message = error instanceof Error ? error.message : String(error)
  const data: unknown = error instanceof ORPCError ? error.data : undefined
  const { hint, problems } = (data ?? {}) as { hint?: unknown; problems?: unknown }
  return {
    message,
    hint: typeof hint === 'string' ? hint : '',
    problems: Array.isArray(problems) ? (problems as { path: string; message: string }[]) : [],
  }
}

/** Nothing here yet, why, and the next step. */
export const EmptyState = ({
  icon,
  title,
  children,
  actions,
  className,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  actions?: ReactNode
  className?: string
}) => (
  <div className={cn('flex flex-col items-center justify-center gap-1 px-6 py-16 text-center', className)}>
    {icon && <div className="mb-2 text-faint [&_svg]:size-7 [&_svg]:stroke-[1.5]">{icon}</div>}
    <h2 className="text-lg font-semibold">{title}</h2>
    {children && <div className="max-w-md text-sm text-muted">{children}</div>}
    {actions && <div className="mt-4 flex gap-2">{actions}</div>}
  </div>
)

/** What failed, the value it had, what to do. */
export function ErrorState({
  error,
  title = 'This could not be loaded',
  onRetry,
  className,
}: {
  error: unknown
  title?: string
  onRetry?: () => void
  className?: string
}) {
  const { message, hint, problems } = describeError(error)
  return (
    <div role="alert" className={cn('flex gap-3 rounded-lg border border-danger/40 bg-danger-soft p-4', className)}>
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-semibold text-danger">{title}</p>
        <p className="break-words">{message}</p>
        {problems.map((problem) => (
          <p key={problem.path + problem.message} className="break-words">
            <code className="font-mono">{problem.path}</code>: {problem.message}
          </p>
        ))}
        {hint && <p className="text-muted">{hint}</p>}
      </div>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          <RotateCw aria-hidden /> Try again
        </Button>
      )}
    </div>
  )
}

const lineWidths = [92, 78, 86, 64, 81, 70, 89, 60, 75, 83]

/** Grey bars where up to ten lines of content will stand. */
export const Skeleton = ({ lines = 6, className }: { lines?: number; className?: string }) => (
  <div role="status" aria-label="Loading" className={cn('flex flex-col gap-2.5', className)}>
    {lineWidths.slice(0, lines).map((width) => (
      <div key={width} className="h-3 rounded-sm bg-hover" style={{ width: `${width}%` }} />
    ))}
  </div>
)
