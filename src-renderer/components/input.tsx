import type { ComponentProps, ReactNode } from 'react'
import { useId } from 'react'
import { cn } from './class-names.ts'

const box =
  'rounded-md border border-line-strong bg-surface text-sm text-text placeholder:text-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:opacity-50 aria-invalid:border-danger aria-invalid:outline-danger'

export const Input = ({ className, ...props }: ComponentProps<'input'>) => (
  <input spellCheck={false} autoComplete="off" className={cn(box, 'h-7 w-full min-w-0 px-2', className)} {...props} />
)

export const TextArea = ({ className, ...props }: ComponentProps<'textarea'>) => (
  <textarea spellCheck={false} className={cn(box, 'w-full min-w-0 resize-y px-2 py-1', className)} {...props} />
)

/** A label above its control, with a hint or a problem below. The child gets the id to bind to. */
export function Field({
  label,
  hint,
  problem,
  className,
  children,
}: {
  label: ReactNode
  hint?: ReactNode
  problem?: string | undefined
  className?: string
  children: (props: { id: string; 'aria-invalid': boolean; 'aria-describedby': string | undefined }) => ReactNode
}) {
  const id = useId()
  const note = problem ?? hint
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      {children({ id, 'aria-invalid': problem !== undefined, 'aria-describedby': note ? `${id}-note` : undefined })}
      {note && (
        <p id={`${id}-note`} className={cn('text-xs', problem ? 'text-danger' : 'text-faint')}>
          {note}
        </p>
      )}
    </div>
  )
}
