import { Columns2, Database, FlaskConical, House, List, type LucideIcon, Settings } from 'lucide-react'

export interface Place {
  label: string
  href: string
  icon: LucideIcon
  /** Paths that belong to the place besides its own. */
  within: readonly string[]
  /** Second key of the "g …" shortcut. */
  key: string
}

/** The views that the rail, the palette and the keyboard reach. */
export const places: readonly Place[] = [
  { label: 'Home', href: '/', icon: House, within: [], key: 'h' },
  { label: 'Runs', href: '/runs', icon: List, within: ['/runs/'], key: 'r' },
  { label: 'Ablate', href: '/ablate', icon: FlaskConical, within: ['/ablate/', '/ablations/'], key: 'a' },
  { label: 'Compare', href: '/compare', icon: Columns2, within: [], key: 'c' },
  { label: 'Data and models', href: '/data', icon: Database, within: ['/data/'], key: 'd' },
  { label: 'Settings', href: '/settings', icon: Settings, within: [], key: 's' },
]

export const isWithin = (place: Place, path: string): boolean =>
  path === place.href || place.within.some((prefix) => path.startsWith(prefix))
