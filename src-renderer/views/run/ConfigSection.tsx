import { useQuery } from '@tanstack/react-query'
import { ClipboardCopy } from 'lucide-react'
import { Link } from 'wouter'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { runQuery } from '../../api/queries.ts'
import { fileName, saveText } from '../../charts/save-picture.ts'
import { Button } from '../../components/button.tsx'
import { Panel } from '../../components/panel.tsx'
import { ErrorState } from '../../components/states.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { notify, notifyError } from '../../components/toast.tsx'
import { formatValue } from '../../format.ts'
import { configDifferences } from './config-differences.ts'

/** What the run computes: every setting, and what is different from the run it was cloned from. */
export function ConfigSection({ run }: { run: RunDetail }) {
  const json = JSON.stringify(run.config, null, 2)
  const copy = () =>
    navigator.clipboard.writeText(json).then(
      () => notify('Config copied as JSON'),
      (error: unknown) => notifyError('The config could not be copied', error),
    )
  return (
    <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Panel
        title="Settings"
        hint="fixed since the run started"
        flush
        actions={
          <>
            <Button size="small" variant="ghost" onClick={() => void copy()}>
              <ClipboardCopy aria-hidden /> Copy as JSON
            </Button>
            <Button
              size="small"
              variant="ghost"
              onClick={() => saveText(`${fileName(run.name, 'config')}.json`, `${json}\n`, 'application/json')}
            >
              Save
            </Button>
          </>
        }
      >
        <div className="columns-1 gap-8 px-4 py-2 md:columns-2">
          {Object.entries(run.config).map(([name, value]) => (
            <Branch key={name} name={name} value={value} />
          ))}
        </div>
      </Panel>
      <div className="flex flex-col gap-3">
        {run.parentId !== null && <ParentDifferences run={run} parentId={run.parentId} />}
        <Panel title="Where it is kept">
          <dl className="flex flex-col gap-1 text-sm">
            <dt className="text-muted">Run directory</dt>
            <dd className="font-mono text-xs break-all select-all">{run.directory}</dd>
            <dt className="mt-2 text-muted">Run id</dt>
            <dd className="font-mono text-xs break-all select-all">{run.id}</dd>
            <dt className="mt-2 text-muted">Checkpoints at steps</dt>
            <dd className="font-mono text-xs">{run.checkpointSteps.join(', ') || 'none yet'}</dd>
          </dl>
        </Panel>
      </div>
    </div>
  )
}

const isBranch = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** A setting, or a group of settings that opens and closes. */
function Branch({ name, value }: { name: string; value: unknown }) {
  if (!isBranch(value))
    return (
      <div className="flex items-baseline justify-between gap-4 py-0.5 text-sm">
        <span className="text-muted">{name}</span>
        <span className="min-w-0 truncate text-right font-mono" title={formatValue(value)}>
          {formatValue(value)}
        </span>
      </div>
    )
  return (
    <details open className="mb-2 break-inside-avoid">
      <summary className="rounded-sm py-0.5 text-sm font-semibold select-none">{name}</summary>
      <div className="ml-1.5 border-l border-line pl-3">
        {Object.entries(value).map(([key, inner]) => (
          <Branch key={key} name={key} value={inner} />
        ))}
      </div>
    </details>
  )
}

function ParentDifferences({ run, parentId }: { run: RunDetail; parentId: string }) {
  const parent = useQuery(runQuery(parentId))
  if (parent.isError)
    return (
      <ErrorState title="The parent run could not be read" error={parent.error} onRetry={() => void parent.refetch()} />
    )
  if (!parent.data) return null
  const differences = configDifferences([parent.data.config, run.config])
  return (
    <Panel
      title="Different from its parent"
      hint={
        <Link href={`/runs/${parentId}`} className="text-accent hover:underline">
          {parent.data.name}
        </Link>
      }
      flush
    >
      {differences.length === 0 ? (
        <p className="p-3 text-sm text-muted">Every setting is the same.</p>
      ) : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell className="pl-3">Setting</HeadCell>
              <HeadCell>Parent</HeadCell>
              <HeadCell>This run</HeadCell>
            </tr>
          </TableHead>
          <tbody className="font-mono">
            {differences.map(({ path, values }) => (
              <tr key={path}>
                <Cell className="pl-3">{path}</Cell>
                <Cell className="text-muted">{formatValue(values[0])}</Cell>
                <Cell>{formatValue(values[1])}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}
