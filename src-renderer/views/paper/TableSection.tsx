import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useState } from 'react'
import type { PaperTableSummary, PaperTableView } from '../../../src-shared/contract/paper.ts'
import { setParams, useParam } from '../../address.ts'
import { paperTableQuery } from '../../api/paper-queries.ts'
import { Button } from '../../components/button.tsx'
import { Panel } from '../../components/panel.tsx'
import { Select } from '../../components/select.tsx'
import { ErrorState, Skeleton } from '../../components/states.tsx'
import { formatCountOf } from '../../format.ts'
import { CellDialog } from './CellDialog.tsx'
import { cellAddress, parseCellAddress } from './cell-address.ts'
import { ExportMenu } from './ExportMenu.tsx'
import { ImportDialog } from './ImportDialog.tsx'
import { PaperTable } from './PaperTable.tsx'
import { RunDialog } from './RunDialog.tsx'

/** One table: what it is about, the table itself, and what can be done with it. */
export function TableSection({ table }: { table: PaperTableSummary }) {
  const [family, setFamily] = useParam('family')
  const { data: view, error, refetch } = useQuery(paperTableQuery(table.id, family || null))
  return (
    <section aria-labelledby="paper-table">
      <h2 id="paper-table" className="text-xl font-semibold tracking-tight">
        Table {table.id}. {table.title}
      </h2>
      <p className="mt-1 mb-4 max-w-4xl text-base text-muted">{table.sentence}</p>
      {view ? (
        <Shown view={view} onFamilyChange={setFamily} />
      ) : error ? (
        <ErrorState error={error} title="This table cannot be shown" onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={8} />
      )}
    </section>
  )
}

function Shown({ view, onFamilyChange }: { view: PaperTableView; onFamilyChange: (family: string) => void }) {
  const [cell] = useParam('cell')
  const [asking, setAsking] = useState<{ what: 'run' | 'import'; row: number | null } | null>(null)
  const opened = parseCellAddress(cell, view)
  const family = view.families.find(({ key }) => key === view.family)
  const trainable = view.rows.some(({ outside }) => outside === null)
  const finished = view.rows.reduce((sum, { runs }) => sum + runs.finished, 0)
  return (
    <>
      <Panel
        flush
        className="overflow-hidden"
        title={finished === 0 ? 'Published' : 'Published and measured'}
        hint={family && view.families.length === 1 ? `${family.label}; ${formatCountOf(finished, 'finished run')}` : ''}
        actions={
          <>
            {view.families.length > 1 && (
              <Select
                label="Which runs stand beside the table"
                className="max-w-72"
                value={view.family ?? ''}
                options={view.families.map(({ key, label, finished: count }) => ({
                  value: key,
                  label: `${label} (${formatCountOf(count, 'run')})`,
                }))}
                onChange={onFamilyChange}
              />
            )}
            <ExportMenu tables={[view.id]} family={view.family} label="Export this table" />
            {trainable && (
              <Button size="small" variant="primary" onClick={() => setAsking({ what: 'run', row: null })}>
                <Play aria-hidden /> Run this table
              </Button>
            )}
          </>
        }
      >
        <PaperTable
          view={view}
          selected={opened}
          onOpen={(row, column) => setParams({ cell: cellAddress(row, column) })}
          onRun={(row) => setAsking({ what: 'run', row })}
          onImport={(row) => setAsking({ what: 'import', row })}
        />
      </Panel>
      <Legend view={view} />
      {opened && (
        <CellDialog
          view={view}
          row={opened.row}
          column={opened.column}
          onClose={() => setParams({ cell: null })}
          onImport={() => {
            setParams({ cell: null })
            setAsking({ what: 'import', row: opened.row })
          }}
        />
      )}
      {asking?.what === 'run' && <RunDialog view={view} row={asking.row} onClose={() => setAsking(null)} />}
      {asking?.what === 'import' && <ImportDialog view={view} row={asking.row ?? 0} onClose={() => setAsking(null)} />}
    </>
  )
}

/** How to read a cell, and what differs in single rows. */
function Legend({ view }: { view: PaperTableView }) {
  const notes = [
    ...(view.note === null ? [] : [view.note]),
    ...view.rows.flatMap(({ name, differs }) => (differs === null ? [] : [`${name}: ${differs}`])),
  ]
  const measured = view.rows.some(({ cells }) => cells.some((cell) => cell.measured))
  return (
    <div className="mt-3 flex max-w-4xl flex-col gap-1 text-xs text-faint">
      <p>
        {measured
          ? 'First line of a cell: published, best in bold. Below, coloured: mean ± standard deviation over seeds; dots are seeds, the line is the 95 % interval of the mean. A cell opens its card.'
          : 'Nothing has been measured for this table yet: run it in minutes or hours, or import a figure of a system from elsewhere. A cell opens its card.'}
      </p>
      {[...new Set(notes)].map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  )
}
