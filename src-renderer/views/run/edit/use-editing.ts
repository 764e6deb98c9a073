import { useReducer } from 'react'
import { type Editing, type Pair, redo, startEditing, undo, withEdit } from './edits.ts'

type Action = { kind: 'edit'; name: string; next: Pair } | { kind: 'undo' } | { kind: 'redo' }

const step = (editing: Editing, action: Action): Editing => {
  switch (action.kind) {
    case 'edit':
      return withEdit(editing, action.name, action.next)
    case 'undo':
      return undo(editing)
    case 'redo':
      return redo(editing)
  }
}

/** Edits of a pair of pictures, which must stay the same while the component is mounted. */
export function useEditing(original: Pair) {
  const [editing, act] = useReducer(step, original, startEditing)
  return {
    editing,
    edit: (name: string, next: Pair) => act({ kind: 'edit', name, next }),
    undo: () => act({ kind: 'undo' }),
    redo: () => act({ kind: 'redo' }),
    reset: () => act({ kind: 'edit', name: 'reset', next: original }),
  }
}
