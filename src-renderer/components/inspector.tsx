import { PanelRightClose } from 'lucide-react'
import type { ReactNode } from 'react'
import { useId, useLayoutEffect } from 'react'
import { create } from 'zustand'
import { IconButton } from './button.tsx'

interface InspectorState {
  /** Contents by the component that gave them; the latest one is shown. */
  contents: ReadonlyMap<string, ReactNode>
  open: boolean
  put: (owner: string, content: ReactNode) => void
  setOpen: (open: boolean) => void
}

export const useInspectorState = create<InspectorState>((set) => ({
  contents: new Map(),
  open: true,
  put: (owner, content) =>
    set(({ contents }) => {
      const next = new Map(contents)
      if (content === null) next.delete(owner)
      else next.set(owner, content)
      return { contents: next }
    }),
  setOpen: (open) => set({ open }),
}))

/**
 * Shows `content` in the inspector on the right while the calling component is mounted; null shows nothing of it.
 * Memoise contents that are costly to draw: they are handed over anew at every render of the caller.
 */
export function useInspector(content: ReactNode): void {
  const owner = useId()
  const put = useInspectorState((state) => state.put)
  useLayoutEffect(() => put(owner, content), [put, owner, content])
  useLayoutEffect(() => () => put(owner, null), [put, owner])
}

/** The pane itself, part of the shell; takes no room while there is nothing to show. */
export function InspectorPane() {
  const { contents, open, setOpen } = useInspectorState()
  const content = [...contents.values()].at(-1)
  if (!content || !open) return null
  return (
    <aside
      aria-label="Inspector"
      className="relative flex w-72 shrink-0 flex-col overflow-hidden border-l border-line bg-surface"
    >
      <div className="absolute top-2.5 right-2 z-20">
        <IconButton label="Hide the inspector" shortcut="i" size="iconSmall" onClick={() => setOpen(false)}>
          <PanelRightClose aria-hidden />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">{content}</div>
    </aside>
  )
}

/** A titled part of the inspector. */
export const InspectorSection = ({ title, children }: { title: ReactNode; children: ReactNode }) => (
  <section className="border-b border-line px-4 py-3 last:border-b-0">
    <h3 className="mb-2 pr-8 text-xs font-semibold tracking-wide text-muted">{title}</h3>
    {children}
  </section>
)
