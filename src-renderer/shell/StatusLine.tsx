import { useQuery } from '@tanstack/react-query'
import { Cpu, MemoryStick, Unplug } from 'lucide-react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { Status } from '../../src-shared/contract/app.ts'
import { connectionState } from '../api/client.ts'
import { statusQuery } from '../api/queries.ts'
import { Progress } from '../components/progress.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import { formatBytes, formatDuration } from '../format.ts'

/** Bottom line of the window: the jobs that run, the device, the memory. */
export function StatusLine() {
  const { data: status } = useQuery({ ...statusQuery, refetchInterval: 5000 })
  const line = useStore(connectionState)
  const lost = line.state === 'closed' || (line.state === 'connecting' && line.attempts > 0)
  return (
    <footer className="flex h-7 shrink-0 items-center gap-4 overflow-hidden border-t border-line bg-surface px-3 text-xs whitespace-nowrap text-muted tabular-nums">
      {lost ? (
        <span role="alert" className="flex items-center gap-2 text-danger">
          <Unplug aria-hidden className="size-3.5" />
          {line.reason}
          <button type="button" onClick={line.connect} className="rounded-sm font-medium text-accent hover:underline">
            Reconnect
          </button>
        </span>
      ) : (
        status && <Jobs status={status} />
      )}
      <span className="flex-1" />
      {status && (
        <>
          <Tooltip side="top" content={`${status.cores} cores; ${status.concurrency} runs at once at most`}>
            <span className="flex items-center gap-1.5">
              <Cpu aria-hidden className="size-3.5 text-faint" />
              {status.device}
            </span>
          </Tooltip>
          <Tooltip side="top" content="Resident memory of the app and its training processes, of the machine's">
            <span className="flex items-center gap-1.5">
              <MemoryStick aria-hidden className="size-3.5 text-faint" />
              {formatBytes(status.memoryUsed)} / {formatBytes(status.memoryTotal)}
            </span>
          </Tooltip>
        </>
      )}
    </footer>
  )
}

function Jobs({ status }: { status: Status }) {
  if (status.running === 0 && status.queued === 0) return <span>No jobs</span>
  return (
    <>
      <span>
        {status.running} running{status.queued > 0 && `, ${status.queued} queued`}
      </span>
      {status.runningJobs.slice(0, 3).map((job) => (
        <Link
          key={job.id}
          href={`/runs/${job.id}`}
          className="flex min-w-0 items-center gap-2 rounded-sm hover:text-text"
        >
          <span className="max-w-40 truncate">{job.name}</span>
          <Progress value={job.step} max={job.steps} label={`Progress of ${job.name}`} className="w-16" />
          {job.secondsLeft !== null && <span>{formatDuration(job.secondsLeft)} left</span>}
        </Link>
      ))}
    </>
  )
}
