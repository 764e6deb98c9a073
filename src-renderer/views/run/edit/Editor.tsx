import { type KeyboardEvent, useMemo, useState } from 'react'
import { useInspector } from '../../../components/inspector.tsx'
import { gridsOf } from '../../../pictures/token-order.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { EditCard } from './EditCard.tsx'
import { EditToolbar } from './EditToolbar.tsx'
import {
  type Cursor,
  masked,
  type Pair,
  type Selection,
  selectedCells,
  swapped,
  touchedCells,
  transplanted,
  wholeLayer,
} from './edits.ts'
import { LikelihoodPanel } from './LikelihoodPanel.tsx'
import { namedCode } from './named-code.ts'
import { PairBoard } from './PairBoard.tsx'
import { QuestionPanel } from './QuestionPanel.tsx'
import { useEditing } from './use-editing.ts'

const codeAt = (pair: Pair, { picture, layer, cell }: Cursor): number => pair[picture][layer]?.[cell] ?? 0

/** The editor of one pair of pictures. */
export function Editor({ model, original }: { model: StudioModel; original: Pair }) {
  const { abilities, names, size } = model
  const { sides } = abilities
  const grids = useMemo(() => gridsOf(sides), [sides])
  const { editing, edit, undo, redo, reset } = useEditing(original)
  const { now } = editing
  const [selection, setSelection] = useState<Selection | null>(null)
  const [cursor, setCursor] = useState<Cursor | null>(null)
  const [linked, setLinked] = useState(false)
  const [maskText, setMaskText] = useState(() => String(original.a[0]?.[0] ?? 0))
  const mask = useMemo(() => namedCode(maskText, names, size), [maskText, names, size])
  const touched = selection && touchedCells(selection, sides, linked)

  const actions = {
    mask: () => touched && mask !== null && edit(`mask with ${mask}`, { ...now, a: masked(now.a, touched, mask) }),
    transplant: () => touched && edit('transplant', transplanted(now, touched)),
    swap: () => touched && edit('swap', swapped(now, touched)),
    swapLayer: (layer: number) => edit(`swap layer ${layer}`, swapped(now, wholeLayer(layer, sides))),
    undo,
    redo,
    reset,
  }
  const key = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
    const name = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && name === 'z') (event.shiftKey ? redo : undo)()
    else if ((event.ctrlKey || event.metaKey) && name === 'y') redo()
    else if (event.ctrlKey || event.metaKey || event.altKey) return
    else if (name === 'm') actions.mask()
    else if (name === 't') actions.transplant()
    else if (name === 's') actions.swap()
    else if (name === 'p' && cursor) setMaskText(String(codeAt(now, cursor)))
    else if (name === 'escape' && selection) setSelection(null)
    else return
    event.preventDefault()
  }
  const pick = (next: Cursor, extend: boolean) => {
    setCursor(next)
    setSelection((old) =>
      extend && old?.layer === next.layer
        ? { ...old, to: next.cell }
        : { layer: next.layer, from: next.cell, to: next.cell },
    )
  }
  useInspector(
    useMemo(
      () => <EditCard model={model} cursor={cursor} now={now} original={original} />,
      [model, cursor, now, original],
    ),
  )
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the boards inside are heard here
    <div className="flex flex-col gap-4" onKeyDown={key}>
      <p className="sr-only" aria-live="polite">
        {cursor &&
          `Picture ${cursor.picture.toUpperCase()}, layer ${cursor.layer}, cell ${cursor.cell + 1}: code ${codeAt(now, cursor)} ${names.tokenText(codeAt(now, cursor))}`}
      </p>
      <EditToolbar
        model={model}
        editing={editing}
        selected={selection && { layer: selection.layer, count: selectedCells(selection, sides).length }}
        linked={linked}
        onLinked={setLinked}
        maskText={maskText}
        mask={mask}
        onMaskText={setMaskText}
        actions={actions}
      />
      <PairBoard
        model={model}
        editing={editing}
        grids={grids}
        touched={touched}
        selection={selection}
        cursor={cursor}
        onCursor={setCursor}
        onPick={pick}
        onSwapLayer={actions.swapLayer}
      />
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <LikelihoodPanel model={model} original={original.a} edited={now.a} />
        <QuestionPanel model={model} original={original.a} edited={now.a} />
      </div>
    </div>
  )
}
