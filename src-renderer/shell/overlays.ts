import { create } from 'zustand'

/** Which of the shell's own overlays is open. */
export const useOverlay = create<{
  overlay: 'palette' | 'shortcuts' | null
  show: (overlay: 'palette' | 'shortcuts' | null) => void
}>((set) => ({ overlay: null, show: (overlay) => set({ overlay }) }))
