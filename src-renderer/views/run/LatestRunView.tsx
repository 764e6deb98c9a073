import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Redirect } from 'wouter'
import { runsQuery } from '../../api/queries.ts'
import { Page } from '../../components/page.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { NoRuns } from '../runs/NoRuns.tsx'
import { latestRun, type RunViewTab, runViewAddress } from './latest-run.ts'

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
  const latest = runs && latestRun(runs)
  if (latest) return <Redirect to={runViewAddress(latest.id, tab)} replace />
  return (
    <Page title={title}>
      {runs ? (
        <NoRuns icon={icon}>{children}</NoRuns>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={8} className="p-5" />
      )}
    </Page>
  )
}
