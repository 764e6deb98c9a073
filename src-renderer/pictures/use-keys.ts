import { useEffect, useRef } from 'react'

/** True where a key belongs to the control that has the focus. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('[role="menu"],[role="dialog"],[role="listbox"],[role="combobox"],[role="tablist"]') !== null)

/** Listens to keys for a whole view. The handler returns true if it has used the key. */
export function useKeys(handler: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(handler)
  latest.current = handler
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
      if (latest.current(event)) event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}
