import { Paintbrush, Square } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Select } from '../../../components/select.tsx'

/** A Select has no option of ''; no class goes by this one, which is no folder's and no emoji group's. */
const NONE = '\u0000'

/** Where a prior is told what to paint: the name of a class, or nothing. */
export function ClassComposer({
  classes,
  answering,
  ready,
  guidance,
  onPaint,
  onStop,
}: {
  classes: readonly string[]
  answering: boolean
  /** The settings can be used. */
  ready: boolean
  guidance: number
  /** @param name of a class; '' for none */
  onPaint: (name: string) => void
  onStop: () => void
}) {
  const [chosen, setChosen] = useState(classes[0] ?? NONE)
  const cannotGuide = chosen === NONE && guidance !== 1
  const send = () => {
    if (ready && !answering && !cannotGuide) onPaint(chosen === NONE ? '' : chosen)
  }
  return (
    <section
      aria-label="Picture"
      className="flex shrink-0 items-center gap-3 border-t border-line bg-surface px-5 py-3 text-sm"
    >
      <span className="text-muted">Class</span>
      <Select
        label="Class"
        value={chosen}
        onChange={setChosen}
        options={[{ value: NONE, label: 'none' }, ...classes.map((name) => ({ value: name, label: name }))]}
        className="w-64"
      />
      <p className="min-w-0 flex-1 text-xs text-faint" aria-live="polite">
        {cannotGuide ? (
          <span className="text-danger">Guidance leads to a class: choose one, or set guidance 1.</span>
        ) : classes.length === 0 ? (
          'This prior was trained without classes (prior.classes).'
        ) : null}
      </p>
      {answering ? (
        <Button variant="danger" onClick={onStop}>
          <Square aria-hidden /> Stop
        </Button>
      ) : (
        <Button variant="primary" onClick={send} aria-disabled={!ready || cannotGuide || undefined}>
          <Paintbrush aria-hidden /> Paint
        </Button>
      )}
    </section>
  )
}
