import { useQuery } from '@tanstack/react-query'
import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { useParam } from '../../address.ts'
import { api } from '../../api/client.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { cn } from '../../components/class-names.ts'
import { Input } from '../../components/input.tsx'
import { Panel } from '../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { formatInteger } from '../../format.ts'
import { filterLines, type LogLevel, type LogLine, logLevels, logLine } from './log-lines.ts'

const LINES = 2000
const LOOKS = {
  info: { icon: Info, tone: 'text-faint' },
  warning: { icon: TriangleAlert, tone: 'text-warn' },
  error: { icon: CircleAlert, tone: 'text-danger' },
}

/** Events of the run and the last lines its process wrote to stderr. */
export function LogSection({ run }: { run: RunDetail }) {
  const [levelText, setLevel] = useParam('level', 'info')
  const [search, setSearch] = useParam('find')
  const [follow, setFollow] = useParam('follow', 'yes')
  const level: LogLevel = logLevels.find((one) => one === levelText) ?? 'info'
  const log = useQuery({
    queryKey: ['run', run.id, 'log'],
    queryFn: () => api.runs.log({ id: run.id, limit: LINES }),
  })
  const lines = useMemo(() => (log.data?.events ?? []).map(logLine), [log.data])
  const shown = useMemo(() => filterLines(lines, level, search), [lines, level, search])
  const end = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what is followed
  useEffect(() => {
    if (follow === 'yes') end.current?.scrollIntoView({ block: 'end' })
  }, [follow, shown])

  if (log.isError) return <ErrorState error={log.error} onRetry={() => void log.refetch()} />
  if (log.isPending) return <Skeleton lines={8} />
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-4">
        <Segmented
          label="Least level"
          value={level}
          onChange={setLevel}
          options={[
            { value: 'info', label: 'All' },
            { value: 'warning', label: 'Warnings' },
            { value: 'error', label: 'Errors' },
          ]}
        />
        <Input
          type="search"
          placeholder="Find in the log"
          aria-label="Find in the log"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="w-60"
        />
        <Checkbox checked={follow === 'yes'} onChange={(on) => setFollow(on ? 'yes' : 'no')}>
          Follow
        </Checkbox>
        <span className="ml-auto text-xs text-faint">
          {formatInteger(shown.length)} of {formatInteger(lines.length)} lines
        </span>
      </div>
      <Panel flush className="min-h-0 flex-1 overflow-auto">
        {shown.length === 0 ? (
          <p className="p-4 text-sm text-muted">
            {lines.length === 0 ? 'The run has written nothing yet.' : 'No line matches; choose another level or text.'}
          </p>
        ) : (
          <ol className="py-1">
            {shown.map((line) => (
              <Line key={line.seq} line={line} />
            ))}
          </ol>
        )}
        <div ref={end} />
      </Panel>
      {log.data.stderrTail.trim() !== '' && (
        <Panel title="Last lines of stderr" flush className="max-h-48 shrink-0">
          <pre className="max-h-36 overflow-auto px-3 py-2 font-mono text-xs whitespace-pre-wrap">
            {log.data.stderrTail}
          </pre>
        </Panel>
      )}
    </div>
  )
}

const clock = (time: number): string =>
  new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

function Line({ line }: { line: LogLine }) {
  const { icon: Icon, tone } = LOOKS[line.level]
  return (
    <li className="grid grid-cols-[64px_16px_64px_minmax(0,1fr)] items-baseline gap-3 px-3 py-px text-sm hover:bg-hover">
      <time dateTime={new Date(line.time).toISOString()} className="font-mono text-xs text-faint">
        {clock(line.time)}
      </time>
      <span className={cn('translate-y-0.5', tone)}>
        <Icon aria-label={line.level} className="size-3.5" />
      </span>
      <span className="text-right font-mono text-xs text-muted">
        {line.step === null ? '' : formatInteger(line.step)}
      </span>
      <span className={cn('break-words', line.level !== 'info' && tone)}>{line.text}</span>
    </li>
  )
}
