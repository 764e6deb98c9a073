import { Link, useLocation, useSearch } from 'wouter'
import { type Address, parseAddress } from '../address.ts'
import { cn } from '../components/class-names.ts'
import { isWithin, type Place, places } from './places.ts'

/** The last address of each place, so that going back to it restores its filters and selection. */
const lastAddress = new Map<string, string>()
function remember(): void {
  const { path } = parseAddress(location.hash)
  const place = places.find((candidate) => candidate.href === path)
  if (place) lastAddress.set(place.href, location.hash.replace(/^#/, ''))
}

export function Rail() {
  const [path] = useLocation()
  const address: Address = { path, params: new URLSearchParams(useSearch()) }
  remember()
  const [home, ...work] = places as [Place, ...Place[]]
  const settings = work.pop() as Place
  return (
    <nav
      aria-label="Views"
      className="flex w-16 shrink-0 flex-col items-center gap-0.5 border-r border-line bg-surface py-1.5"
    >
      <RailLink place={home} address={address} />
      <div aria-hidden className="my-1 h-px w-8 bg-line" />
      {work.map((place) => (
        <RailLink key={place.href} place={place} address={address} />
      ))}
      <div className="flex-1" />
      <RailLink place={settings} address={address} />
    </nav>
  )
}

function RailLink({ place, address }: { place: Place; address: Address }) {
  const here = isWithin(place, address)
  const Icon = place.icon
  return (
    <Link
      href={here ? place.href : (lastAddress.get(place.href) ?? place.href)}
      aria-current={here ? 'page' : undefined}
      className={cn(
        'flex w-14 flex-col items-center gap-0.5 rounded-md pt-1.5 pb-1 text-center text-2xs font-medium',
        here ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-text',
      )}
    >
      <Icon aria-hidden className="size-[18px]" strokeWidth={1.75} />
      {place.label}
    </Link>
  )
}
