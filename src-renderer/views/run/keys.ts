/** What a key does, or several. */
export interface KeyHint {
  keys: readonly string[]
  does: string
}

/** Keys of the code maps of a run. */
export const CODE_MAP_KEYS: readonly KeyHint[] = [
  { keys: ['←', '↑', '→', '↓'], does: 'move the cell' },
  { keys: ['1', '…', '9'], does: 'layer' },
  { keys: ['[', ']'], does: 'picture' },
  { keys: [',', '.'], does: 'step' },
  { keys: ['+', '−', '0'], does: 'zoom; wheel and drag' },
  { keys: ['Enter'], does: 'pin' },
  { keys: ['Esc'], does: 'release' },
]

/** Keys of the code-map editor. */
export const EDITOR_KEYS: readonly KeyHint[] = [
  { keys: ['←', '↑', '→', '↓'], does: 'move the cell' },
  { keys: ['Space'], does: 'select the cell' },
  { keys: ['Shift'], does: 'extend the selection' },
  { keys: ['T'], does: 'transplant from B into A' },
  { keys: ['S'], does: 'swap between A and B' },
  { keys: ['M'], does: 'mask in A' },
  { keys: ['P'], does: 'mask with the code of this cell' },
  { keys: ['Ctrl+Z'], does: 'undo; with Shift redo' },
  { keys: ['Esc'], does: 'clear the selection' },
]
