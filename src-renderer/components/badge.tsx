import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleStop,
  CircleX,
  type LucideIcon,
  Unplug,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { RunState } from '../../src-shared/events.ts'
import { cn } from './class-names.ts'

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger'
const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
}

export const Badge = ({
  tone = 'neutral',
  className,
  children,
}: {
  tone?: Tone
  className?: string
  children: ReactNode
}) => (
  <span
    className={cn(
      'inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
      tones[tone],
      className,
    )}
  >
    {children}
  </span>
)

const states: Record<RunState, { icon: LucideIcon; tone: string; meaning: string }> = {
  queued: { icon: CircleDashed, tone: 'text-faint', meaning: 'waits for its turn' },
  running: { icon: CirclePlay, tone: 'text-accent', meaning: 'is training' },
  paused: { icon: CirclePause, tone: 'text-warn', meaning: 'stands still and can resume' },
  stopped: { icon: CircleStop, tone: 'text-muted', meaning: 'was stopped before its last step; it can resume' },
  finished: { icon: CircleCheck, tone: 'text-ok', meaning: 'reached its last step' },
  failed: { icon: CircleX, tone: 'text-danger', meaning: 'ended with an error' },
  interrupted: { icon: Unplug, tone: 'text-warn', meaning: 'its process died; it can resume from its last checkpoint' },
}

/** A run's state as a shape and a word, with the queue place or the reason in the title. */
export function StateBadge({
  state,
  queuePosition,
  reason,
  compact = false,
}: {
  state: RunState
  queuePosition?: number | null
  reason?: string
  /** The shape alone on screen; the word is read out. */
  compact?: boolean
}) {
  const { icon: Icon, tone, meaning } = states[state]
  const word = state === 'queued' && queuePosition ? `queued #${queuePosition}` : state
  return (
    <span
      title={reason || `${state}: ${meaning}`}
      className={cn('inline-flex items-center gap-1.5 align-middle whitespace-nowrap', tone)}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2.25} />
      <span className={compact ? 'sr-only' : 'text-sm'}>{word}</span>
    </span>
  )
}

/** Square of a run's colour, as in the legend of a chart. */
export const RunSwatch = ({ colour, className }: { colour: string; className?: string }) => (
  <span
    aria-hidden
    className={cn('inline-block size-2.5 shrink-0 rounded-[2px]', className)}
    style={{ background: colour }}
  />
)

/** A tag that a person gave to a run. */
export const Tag = ({ children }: { children: ReactNode }) => (
  <span className="inline-block h-5 max-w-full truncate rounded-sm border border-line px-1.5 text-xs leading-[18px] text-muted">
    {children}
  </span>
)

export const Key = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-surface px-1 font-mono text-xs text-muted">
    {children}
  </kbd>
)
