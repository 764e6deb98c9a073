import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { PaperTableSummary } from '../../../src-shared/contract/paper.ts'
import { useNumberParam } from '../../address.ts'
import { paperListQuery } from '../../api/paper-queries.ts'
import { cn } from '../../components/class-names.ts'
import { Page } from '../../components/page.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { TableSection } from './TableSection.tsx'

/** The paper's tables as in the paper, each figure beside what was measured here. */
export function PaperView() {
  const { data: tables, error, refetch } = useQuery(paperListQuery)
  const [chosen] = useNumberParam('table')
  const shown = tables?.find(({ id }) => id === chosen) ?? tables?.[0]
  return (
    <Page
      title="Live paper"
      scroll={false}
      className="flex"
      detail={<span className="truncate">Published figures, and below them what runs here have measured</span>}
      actions={<ExportMenu tables={null} family={null} label="Export all tables" />}
    >
      {error ? (
        <ErrorState
          className="m-5 h-fit flex-1"
          error={error}
          title="The paper’s tables cannot be shown"
          onRetry={() => void refetch()}
        />
      ) : !tables || !shown ? (
        <Skeleton className="flex-1 p-5" lines={10} />
      ) : (
        <>
          <TableList tables={tables} shown={shown.id} />
          <div className="min-w-0 flex-1 overflow-auto p-5">
            <TableSection key={shown.id} table={shown} />
          </div>
        </>
      )}
    </Page>
  )
}

function TableList({ tables, shown }: { tables: readonly PaperTableSummary[]; shown: number }) {
  return (
    <nav aria-label="Tables" className="w-52 shrink-0 overflow-y-auto border-r border-line bg-surface py-2">
      {tables.map(({ id, title, filled, cells, open }) => (
        <Link
          key={id}
          href={`/paper?table=${id}`}
          aria-current={id === shown ? 'page' : undefined}
          className={cn(
            'flex gap-2 border-l-2 px-3 py-1.5',
            id === shown ? 'border-accent bg-accent-soft' : 'border-transparent hover:bg-hover',
          )}
        >
          <span className="w-5 shrink-0 text-right text-sm font-semibold tabular-nums">{id}</span>
          <span className="min-w-0 flex-1">
            <span className={cn('block text-sm leading-[18px]', id === shown ? 'text-text' : 'text-muted')}>
              {title}
            </span>
            <span className="block text-2xs text-faint tabular-nums">
              {filled === 0 ? 'nothing measured yet' : `${filled} of ${cells} cells`}
              {open > 0 && `, ${open} training`}
            </span>
          </span>
        </Link>
      ))}
    </nav>
  )
}
