import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { Link } from 'wouter'
import { cn } from './class-names.ts'

/** The frame of a view: a header with the place one is in and its actions, and the work below. */
export function Page({
  title,
  crumbs = [],
  detail,
  actions,
  scroll = true,
  className,
  children,
}: {
  title: string
  /** Places above this one. */
  crumbs?: readonly { label: string; href: string }[]
  /** State and facts beside the title. */
  detail?: ReactNode
  actions?: ReactNode
  /** False where the content scrolls by itself. */
  scroll?: boolean
  className?: string
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} – UniCode Workbench`
  }, [title])
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line bg-surface px-5">
        <div className="flex min-w-0 items-center gap-3">
          <div className="flex min-w-0 items-center gap-1">
            {crumbs.map((crumb) => (
              <span key={crumb.href} className="flex shrink-0 items-center gap-1 text-base text-muted">
                <Link href={crumb.href} className="rounded-sm hover:text-text">
                  {crumb.label}
                </Link>
                <ChevronRight aria-hidden className="size-3.5 text-faint" />
              </span>
            ))}
            <h1 className="truncate text-base font-semibold">{title}</h1>
          </div>
          {detail && <div className="flex min-w-0 items-center gap-3 text-sm text-muted">{detail}</div>}
        </div>
        {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
      </header>
      <div className={cn('min-h-0 min-w-0 flex-1', scroll && 'overflow-auto p-5', className)}>{children}</div>
    </div>
  )
}
