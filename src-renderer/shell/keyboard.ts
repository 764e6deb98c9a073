import { useEffect } from 'react'
import { navigate } from '../address.ts'
import { useInspectorState } from '../components/inspector.tsx'
import { useOverlay } from './overlays.ts'
import { places } from './places.ts'

/** True where keys belong to what is being typed. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Milliseconds within which the second key of "g …" must follow. */
const SEQUENCE_MS = 1200

/** The shell's shortcuts: palette, help, inspector and "g" then a view's letter. */
export function useShellKeyboard(): void {
  useEffect(() => {
    let goPressedAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      const { overlay, show } = useOverlay.getState()
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        show(overlay === 'palette' ? null : 'palette')
        return
      }
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || overlay || isTyping(event.target))
        return
      const going = event.timeStamp - goPressedAt < SEQUENCE_MS
      goPressedAt = Number.NEGATIVE_INFINITY
      const place = going ? places.find((candidate) => candidate.key === event.key) : undefined
      if (place) {
        event.preventDefault()
        navigate(place.href)
      } else if (event.key === 'g') goPressedAt = event.timeStamp
      else if (event.key === '?') show('shortcuts')
      else if (event.key === 'i') {
        const { open, setOpen } = useInspectorState.getState()
        setOpen(!open)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
