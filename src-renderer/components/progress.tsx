import { cn } from './class-names.ts'

/** A bar of how far something has come, with what it measures read out. */
export function Progress({
  value,
  max,
  label,
  tone = 'accent',
  className,
}: {
  value: number
  max: number
  label: string
  tone?: 'accent' | 'ok' | 'faint' | 'danger'
  className?: string
}) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0
  const fill = { accent: 'bg-accent', ok: 'bg-ok', faint: 'bg-faint', danger: 'bg-danger' }[tone]
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
      className={cn('h-1 overflow-hidden rounded-full bg-line', className)}
    >
      <div className={cn('h-full rounded-full', fill)} style={{ width: `${share * 100}%` }} />
    </div>
  )
}
