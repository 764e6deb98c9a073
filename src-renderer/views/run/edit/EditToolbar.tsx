import { ArrowLeftRight, Redo2, RotateCcw, Scissors, SquareDashed, Undo2 } from 'lucide-react'
import { Key } from '../../../components/badge.tsx'
import { Button, IconButton } from '../../../components/button.tsx'
import { Checkbox } from '../../../components/checkbox.tsx'
import { Input } from '../../../components/input.tsx'
import { formatCountOf } from '../../../format.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import type { Editing } from './edits.ts'

/** What can be done with the selected cells. */
export function EditToolbar({
  model: { names },
  editing,
  selected,
  linked,
  onLinked,
  maskText,
  mask,
  onMaskText,
  actions,
}: {
  model: StudioModel
  editing: Editing
  selected: { layer: number; count: number } | null
  linked: boolean
  onLinked: (linked: boolean) => void
  maskText: string
  /** The code that the text names; null: none. */
  mask: number | null
  onMaskText: (text: string) => void
  actions: Record<'mask' | 'transplant' | 'swap' | 'undo' | 'redo' | 'reset', () => void>
}) {
  const { done, undone } = editing
  const none = selected === null
  return (
    <div role="toolbar" aria-label="Edits" className="flex flex-wrap items-center gap-x-2 gap-y-2">
      <Button disabled={none} onClick={actions.transplant}>
        <Scissors aria-hidden /> Transplant B → A <Key>T</Key>
      </Button>
      <Button disabled={none} onClick={actions.swap}>
        <ArrowLeftRight aria-hidden /> Swap A ↔ B <Key>S</Key>
      </Button>
      <Button disabled={none || mask === null} onClick={actions.mask}>
        <SquareDashed aria-hidden /> Mask A <Key>M</Key>
      </Button>
      <span className="flex items-center gap-2 text-sm text-muted">
        with code
        <Input
          value={maskText}
          onChange={(event) => onMaskText(event.target.value)}
          aria-label="Code to mask with, by number or token"
          aria-invalid={mask === null}
          className="w-24 font-mono"
        />
        <span className="max-w-36 truncate font-mono text-accent">
          {mask === null ? <span className="font-sans text-danger">no such code</span> : names.tokenText(mask)}
        </span>
      </span>
      <Checkbox checked={linked} onChange={onLinked}>
        all layers over the same pixels
      </Checkbox>
      <span className="ml-auto flex items-center gap-1">
        <span className="mr-2 text-xs text-muted" aria-live="polite">
          {selected
            ? `${formatCountOf(selected.count, 'cell')} of layer ${selected.layer} selected`
            : 'Drag over cells of a map to select them'}
        </span>
        <IconButton
          label={done.length > 0 ? `Undo ${done.at(-1)?.name}` : 'Undo'}
          shortcut="Ctrl+Z"
          disabled={done.length === 0}
          onClick={actions.undo}
        >
          <Undo2 aria-hidden />
        </IconButton>
        <IconButton
          label={undone[0] ? `Redo ${undone[0].name}` : 'Redo'}
          shortcut="Ctrl+Shift+Z"
          disabled={undone.length === 0}
          onClick={actions.redo}
        >
          <Redo2 aria-hidden />
        </IconButton>
        <IconButton label="Back to the originals" disabled={done.length === 0} onClick={actions.reset}>
          <RotateCcw aria-hidden />
        </IconButton>
      </span>
    </div>
  )
}
