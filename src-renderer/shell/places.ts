import {
  BookOpen,
  ClipboardCheck,
  Columns2,
  Database,
  FlaskConical,
  Grid3x3,
  House,
  List,
  type LucideIcon,
  MessagesSquare,
  Settings,
  Table2,
} from 'lucide-react'
import type { Address } from '../address.ts'
import type { RunViewTab } from '../views/run/latest-run.ts'

export interface Place {
  label: string
  href: string
  icon: LucideIcon
  /** Paths that belong to the place besides its own. */
  within: readonly string[]
  /** Part of a run's page that the place leads to, that of the latest run unless one is open. */
  tab?: RunViewTab
  /** Second key of the "g …" shortcut. */
  key: string
}

/** The views that the rail, the palette and the keyboard reach. */
export const places: readonly Place[] = [
  { label: 'Home', href: '/', icon: House, within: [], key: 'h' },
  { label: 'Runs', href: '/runs', icon: List, within: ['/runs/'], key: 'r' },
  { label: 'Ablate', href: '/ablate', icon: FlaskConical, within: ['/ablate/', '/ablations/'], key: 'a' },
  { label: 'Compare', href: '/compare', icon: Columns2, within: [], key: 'c' },
  { label: 'Codebook', href: '/codebook', icon: BookOpen, within: [], tab: 'codebook', key: 'b' },
  { label: 'Code maps', href: '/code-maps', icon: Grid3x3, within: [], tab: 'maps', key: 'm' },
  { label: 'Chat and paint', href: '/chat', icon: MessagesSquare, within: [], tab: 'speak', key: 'p' },
  { label: 'Evaluate', href: '/evaluations', icon: ClipboardCheck, within: ['/evaluations/'], key: 'e' },
  { label: 'Live paper', href: '/paper', icon: Table2, within: [], key: 'l' },
  { label: 'Data and models', href: '/data', icon: Database, within: ['/data/'], key: 'd' },
  { label: 'Settings', href: '/settings', icon: Settings, within: [], key: 's' },
]

/** Whether an address belongs to a place. A part of a run that is a place of its own is in that one, not in Runs. */
export function isWithin(place: Place, { path, params }: Address): boolean {
  const part = path.startsWith('/runs/') ? places.find(({ tab }) => tab && tab === params.get('tab')) : undefined
  if (part) return place === part
  return path === place.href || place.within.some((prefix) => path.startsWith(prefix))
}
