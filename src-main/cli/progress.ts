import { note, type Terminal } from './terminal.ts'

/**
 * Shows how far something is: a bar that redraws its line on a terminal; elsewhere a plain line at every tenth, and when
 * the last one is a minute old, so that a log tells whether a long run is alive.
 */
export interface Progress {
  /** @param share 0 to 1 */
  show(share: number, words: string): void
  /** A line of its own above the bar. */
  line(text: string): void
  /** Takes the bar away. */
  end(): void
}

const BAR = 24
/** Oldest that the last plain line gets, ms. */
const LINE_EVERY_MS = 60_000

/** @param now ms on a clock that never goes back */
export function createProgress(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  let lastTenth = -1
  let lastLineAt = 0
  let drawn = false
  const clear = () => {
    if (drawn) terminal.stderr.write('\r\x1b[K')
    drawn = false
  }
  return {
    show(share, words) {
      const bounded = Math.min(1, Math.max(0, share))
      const percent = `${String(Math.floor(bounded * 100)).padStart(3)} %`
      const columns = terminal.columns()
      if (columns === null) {
        const tenth = Math.floor(bounded * 10)
        if (tenth <= lastTenth && now() - lastLineAt < LINE_EVERY_MS) return
        lastTenth = tenth
        lastLineAt = now()
        note(terminal, `${percent.trimStart()}  ${words}`)
        return
      }
      const full = Math.round(bounded * BAR)
      const text = `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${percent}  ${words}`
      // A line that wraps could not be taken back.
      terminal.stderr.write(`\r\x1b[K${[...text].slice(0, columns - 1).join('')}`)
      drawn = true
    },
    line(text) {
      clear()
      note(terminal, text)
    },
    end: clear,
  }
}
