import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, Redirect } from 'wouter'
import { runsQuery } from '../../api/queries.ts'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { NoRuns } from '../runs/NoRuns.tsx'
import { latestRunWith, type RunViewTab, runViewAddress } from './latest-run.ts'

/** Goes on to a part of the latest run's page, so that the address names the run. @param children what it shows, for those who have no run yet */
export function LatestRunView({
  tab,
  title,
  icon,
  children,
}: {
  tab: RunViewTab
  title: string
  icon: ReactNode
  children: ReactNode
}) {
  const { data: runs, error, refetch } = useQuery(runsQuery)
  const latest = runs && latestRunWith(runs, tab)
  if (latest) return <Redirect to={runViewAddress(latest.id, tab)} replace />
  return (
    <Page title={title}>
      {runs && runs.length > 0 ? (
        <EmptyState
          icon={icon}
          title="No run has this yet"
          actions={
            <Button asChild variant="primary">
              <Link href="/ablate">Choose an experiment</Link>
            </Button>
          }
        >
          {children}
        </EmptyState>
      ) : runs ? (
        <NoRuns icon={icon}>{children}</NoRuns>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={8} className="p-5" />
      )}
    </Page>
  )
}
