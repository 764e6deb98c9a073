import { useQuery } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { useState } from 'react'
import type { PaperTableView } from '../../../src-shared/contract/paper.ts'
import { api } from '../../api/client.ts'
import { evaluationsQuery } from '../../api/evaluation-queries.ts'
import { useImportFigure } from '../../api/paper-actions.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, Input } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { ErrorState } from '../../components/states.tsx'
import { useEvaluationTitle } from '../evaluations/use-title.ts'

const FROM_FILE = 'file'

/** Takes a figure of a row from what was scored here, or from a result file. */
export function ImportDialog({ view, row, onClose }: { view: PaperTableView; row: number; onClose: () => void }) {
  const columns = view.columns.filter(({ fact, own, data }) => !fact && !own && data)
  const name = view.rows[row]?.name ?? ''
  const [column, setColumn] = useState(columns[0]?.key ?? '')
  const [source, setSource] = useState(name)
  const [metric, setMetric] = useState('')
  const [from, setFrom] = useState(FROM_FILE)
  const [file, setFile] = useState<File | null>(null)
  const { data } = useQuery(evaluationsQuery)
  const kept = (data?.evaluations ?? []).filter(({ result }) => result !== null)
  const take = useImportFigure()
  const title = useEvaluationTitle()
  const send = () =>
    take.mutate(
      {
        ...{ table: view.id, row, column, source, metric: metric.trim() === '' ? null : metric.trim() },
        document: () => (from === FROM_FILE ? (file as File) : api.evaluations.document({ id: from })),
      },
      { onSuccess: onClose },
    )
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Import a result of ${name}`}
      description={`Table ${view.id}. ${view.title}`}
      footer={
        <Button
          variant="primary"
          disabled={(from === FROM_FILE && !file) || source.trim() === '' || take.isPending}
          onClick={send}
        >
          <FileUp aria-hidden /> Import
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label="From"
          hint="What was scored under Evaluate, or a file that evaluate --json wrote. The metric card comes along."
        >
          {({ id }) => (
            <Select
              id={id}
              value={from}
              options={[
                ...kept.map(({ id: value, asked }) => ({ value, label: `${title(asked)}, ${value}` })),
                { value: FROM_FILE, label: 'A result file' },
              ]}
              onChange={(value) => {
                take.reset()
                setFrom(value)
              }}
            />
          )}
        </Field>
        {from === FROM_FILE && (
          <Field label="Result file (JSON)">
            {(props) => (
              <Input
                {...props}
                type="file"
                accept=".json,application/json"
                className="h-8 py-1"
                onChange={(event) => {
                  take.reset()
                  setFile(event.target.files?.[0] ?? null)
                }}
              />
            )}
          </Field>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Field label="Column">
            {({ id }) => (
              <Select
                id={id}
                value={column}
                options={columns.map(({ key }) => ({ value: key }))}
                onChange={setColumn}
              />
            )}
          </Field>
          <Field label="Metric" hint="only where the file has several">
            {(props) => <Input {...props} value={metric} onChange={(event) => setMetric(event.target.value)} />}
          </Field>
        </div>
        <Field label="Whose figure it is">
          {(props) => <Input {...props} value={source} onChange={(event) => setSource(event.target.value)} />}
        </Field>
        {take.error && <ErrorState error={take.error} title="The file was not taken" />}
      </div>
    </Dialog>
  )
}
