import { Link } from 'wouter'
import { cn } from '../../components/class-names.ts'

const tabs = [
  { id: 'pictures', label: 'Pictures', href: '/data' },
  { id: 'models', label: 'Language models', href: '/data/models' },
] as const

/** The two halves of the place "Data and models". */
export const DataTabs = ({ current }: { current: (typeof tabs)[number]['id'] }) => (
  <nav aria-label="Data and models" className="mb-4 flex gap-4 border-b border-line">
    {tabs.map(({ id, label, href }) => (
      <Link
        key={id}
        href={href}
        aria-current={id === current ? 'page' : undefined}
        className={cn(
          '-mb-px flex h-9 items-center border-b-2 text-sm font-medium',
          id === current ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
        )}
      >
        {label}
      </Link>
    ))}
  </nav>
)
