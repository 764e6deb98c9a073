import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { IconButton } from '../../components/button.tsx'
import { formatInteger } from '../../format.ts'
import { neighbouringStep } from './steps.ts'

/** Chooses one of the recorded steps: arrow keys, or "," and "." anywhere in the view that listens for them. */
export function StepSlider({
  steps,
  step,
  onStep,
  loading,
  what = 'Sample',
}: {
  steps: readonly number[]
  step: number
  onStep: (step: number) => void
  loading: boolean
  /** What was recorded at the steps. */
  what?: string
}) {
  const id = useId()
  const at = Math.max(0, steps.indexOf(step))
  return (
    <div className="flex items-center gap-2" aria-busy={loading}>
      <label htmlFor={id} className="text-xs text-muted">
        {what} at step
      </label>
      <IconButton
        label={`Earlier ${what.toLowerCase()}`}
        shortcut=","
        size="iconSmall"
        disabled={at === 0}
        onClick={() => onStep(neighbouringStep(steps, step, -1))}
      >
        <ChevronLeft aria-hidden />
      </IconButton>
      <input
        id={id}
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        disabled={steps.length < 2}
        aria-valuetext={`step ${step}, ${what.toLowerCase()} ${at + 1} of ${steps.length}`}
        onChange={(event) => onStep(steps[Number(event.target.value)] ?? step)}
        className="h-1 w-56 accent-(--accent)"
      />
      <IconButton
        label={`Later ${what.toLowerCase()}`}
        shortcut="."
        size="iconSmall"
        disabled={at === steps.length - 1}
        onClick={() => onStep(neighbouringStep(steps, step, 1))}
      >
        <ChevronRight aria-hidden />
      </IconButton>
      <output htmlFor={id} className="min-w-12 text-right font-mono text-sm">
        {formatInteger(step)}
      </output>
      <span className="text-xs text-faint">
        {at + 1} of {steps.length}
      </span>
    </div>
  )
}
