import { Key } from '../components/badge.tsx'
import { Dialog } from '../components/dialog.tsx'
import { CODE_MAP_KEYS, EDITOR_KEYS, type KeyHint } from '../views/run/keys.ts'
import { useOverlay } from './overlays.ts'
import { places } from './places.ts'

const command = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

/** As a line of this list begins. */
const begun = (rows: readonly KeyHint[]): KeyHint[] =>
  rows.map(({ keys, does }) => ({ keys, does: does.charAt(0).toUpperCase() + does.slice(1) }))

const groups: { title: string; rows: readonly KeyHint[] }[] = [
  {
    title: 'Everywhere',
    rows: [
      { keys: [command, 'K'], does: 'Command palette' },
      { keys: ['?'], does: 'This list' },
      { keys: ['i'], does: 'Show or hide the inspector' },
      ...places.map((place) => ({ keys: ['g', place.key], does: `Go to ${place.label}` })),
    ],
  },
  {
    title: 'Lists of runs',
    rows: [
      { keys: ['/'], does: 'Search' },
      { keys: ['↑', '↓'], does: 'Move to another row' },
      { keys: ['Home', 'End'], does: 'First and last row' },
      { keys: ['Enter'], does: 'Open the row' },
      { keys: ['Space'], does: 'Select the row' },
      { keys: ['c'], does: 'Compare the selected runs' },
      { keys: ['Esc'], does: 'Clear the selection' },
    ],
  },
  { title: 'Code maps', rows: begun(CODE_MAP_KEYS) },
  { title: 'Code-map editor', rows: begun(EDITOR_KEYS) },
]

/** The keyboard shortcuts: "?". */
export function Shortcuts() {
  const { overlay, show } = useOverlay()
  return (
    <Dialog
      open={overlay === 'shortcuts'}
      onOpenChange={(open) => show(open ? 'shortcuts' : null)}
      title="Keyboard shortcuts"
      className="max-w-2xl"
    >
      <div className="columns-2 gap-x-10">
        {groups.map((group) => (
          <section key={group.title} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-xs font-semibold text-muted">{group.title}</h3>
            <dl>
              {group.rows.map((row) => (
                <div key={row.does} className="flex h-8 items-center justify-between border-b border-line text-sm">
                  <dt>{row.does}</dt>
                  <dd className="flex gap-1">
                    {row.keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
