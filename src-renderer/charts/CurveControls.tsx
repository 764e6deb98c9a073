import { ZoomOut } from 'lucide-react'
import type { ReactNode } from 'react'
import { useId } from 'react'
import { Button } from '../components/button.tsx'
import { Segmented } from '../components/tabs.tsx'
import type { CurveSettings } from './use-curve-settings.ts'

/** What applies to all charts of a view: smoothing, horizontal axis, and the way back from a zoom. */
export function CurveControls({ settings, children }: { settings: CurveSettings; children?: ReactNode }) {
  const id = useId()
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="text-xs text-muted">
          Smoothing
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={settings.smoothing}
          onChange={(event) => settings.setSmoothing(Number(event.target.value))}
          className="h-1 w-28 accent-(--accent)"
        />
        <output htmlFor={id} className="w-8 font-mono text-xs">
          {settings.smoothing.toFixed(2)}
        </output>
      </div>
      <Segmented
        label="Horizontal axis"
        value={settings.axis}
        onChange={settings.setAxis}
        options={[
          { value: 'step', label: 'Step' },
          { value: 'time', label: 'Time' },
        ]}
      />
      {children}
      {settings.range && (
        <Button size="small" variant="ghost" onClick={() => settings.setRange(null)}>
          <ZoomOut aria-hidden /> Show all
        </Button>
      )}
    </div>
  )
}
