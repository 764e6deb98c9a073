import { useMutation, useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, ListChecks, MessageSquareText } from 'lucide-react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { type TaskName, taskNames } from '../../../../src-shared/multimodal.ts'
import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import { useNumberParam, useParam } from '../../../address.ts'
import { api } from '../../../api/client.ts'
import { dialoguesQuery } from '../../../api/multimodal-queries.ts'
import { Button, IconButton } from '../../../components/button.tsx'
import { Checkbox } from '../../../components/checkbox.tsx'
import { cn } from '../../../components/class-names.ts'
import { Select } from '../../../components/select.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatInteger } from '../../../format.ts'
import { Explanation } from '../multimodal/WithModel.tsx'
import { CheckTable } from './CheckTable.tsx'
import { DialogueCard } from './DialogueCard.tsx'
import { LEARNED, LOOKS } from './TokenSequence.tsx'

const PAGE = 8
/** The most of a task that a check may look at. */
const ALL = 100_000

/** The dialogues of the second stage as tokens: what is read, and what is learned. */
export function DialoguesSection({ run }: { run: RunDetail }) {
  const tasks = taskNames.filter((task) => run.config.multimodal.tasks[task] > 0)
  const [taskText, setTask] = useParam('task', tasks[0])
  const [sideText, setSide] = useParam('side', 'training')
  const [ids, setIds] = useParam('ids')
  const [page, setPage] = useNumberParam('page')
  const task = tasks.find((one) => one === taskText) ?? (tasks[0] as TaskName)
  const side = sideText === 'heldOut' ? 'heldOut' : 'training'
  const from = Math.max(0, ((page ?? 1) - 1) * PAGE)
  const query = useQuery(dialoguesQuery({ id: run.id, task, side, from, count: PAGE }))
  const check = useMutation({ mutationFn: () => api.multimodal.checkDialogues({ id: run.id, most: ALL }) })
  const { data } = query
  const turn = (to: number) => setPage(to === 1 ? null : to)
  const pages = data ? Math.max(1, Math.ceil(data.total / PAGE)) : 1
  return (
    <div className="flex flex-col gap-4">
      <Explanation>
        Each dialogue as the model reads it, token by token: the prompt, the pictures and the answer. Only answers are
        learned; a template that changes on the way would mask them away, and a check looks for that.
      </Explanation>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Select
          label="Task"
          value={task}
          onChange={(next) => {
            setTask(next)
            setPage(null)
          }}
          options={tasks.map((value) => ({ value, label: taskLabel(value) }))}
          className="w-40"
        />
        <Segmented
          label="Side of the split"
          value={side}
          onChange={(next) => {
            setSide(next)
            setPage(null)
          }}
          options={[
            { value: 'training', label: 'Training' },
            { value: 'heldOut', label: 'Held-out' },
          ]}
        />
        <Checkbox checked={ids === 'on'} onChange={(on) => setIds(on ? 'on' : '')}>
          Token ids
        </Checkbox>
        {data && data.total > 0 && (
          <span className="flex items-center gap-1 text-xs text-muted tabular-nums">
            {formatInteger(from + 1)}–{formatInteger(Math.min(from + PAGE, data.total))} of {formatInteger(data.total)}
            <IconButton
              label="Earlier dialogues"
              size="iconSmall"
              disabled={from === 0}
              onClick={() => turn((page ?? 1) - 1)}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            <IconButton
              label="Later dialogues"
              size="iconSmall"
              disabled={(page ?? 1) >= pages}
              onClick={() => turn((page ?? 1) + 1)}
            >
              <ChevronRight aria-hidden />
            </IconButton>
          </span>
        )}
        <Button className="ml-auto" onClick={() => check.mutate()} disabled={check.isPending}>
          <ListChecks aria-hidden /> {check.isPending ? 'Looks through all dialogues …' : 'Check all dialogues'}
        </Button>
      </div>
      {check.isError && (
        <ErrorState title="The dialogues could not be checked" error={check.error} onRetry={() => check.mutate()} />
      )}
      {check.data && <CheckTable {...check.data} />}
      <Legend layers={run.config.tokenizer.layers} />
      {query.isError ? (
        <ErrorState title="The dialogues could not be read" error={query.error} onRetry={() => void query.refetch()} />
      ) : !data ? (
        <Skeleton lines={8} />
      ) : data.dialogues.length === 0 ? (
        <EmptyState icon={<MessageSquareText aria-hidden />} title="No dialogue here">
          {data.total === 0
            ? `The ${side === 'training' ? 'training' : 'held-out'} side has none of this task. Look at the other side, or at another task.`
            : 'The address names a page beyond the last one.'}
        </EmptyState>
      ) : (
        <div
          className={cn('flex flex-col gap-3', query.isPlaceholderData && 'opacity-60')}
          aria-busy={query.isFetching}
        >
          {data.dialogues.map((dialogue, at) => (
            <DialogueCard
              // biome-ignore lint/suspicious/noArrayIndexKey: a dialogue is its place
              key={`${task} ${side} ${from + at}`}
              dialogue={dialogue}
              pictures={dialogue.pictures.flatMap((place) => data.pictures[place] ?? [])}
              index={from + at}
              ids={ids === 'on'}
            />
          ))}
        </div>
      )}
    </div>
  )
}

/** What the looks of tokens mean. */
function Legend({ layers }: { layers: number }) {
  const token = 'inline-block px-1 font-mono leading-5'
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
      <span>
        <span className={cn(token, LOOKS.prompt)}>word</span> prompt
      </span>
      <span>
        <span className={cn(token, LOOKS.answer, LEARNED)}>word</span> answer
      </span>
      <span>
        <span className={cn(token, LOOKS.code)}>
          <sub className="text-2xs text-faint">0</sub>code
        </span>{' '}
        visual code, its layer before it{layers > 1 && ` (0 coarse to ${layers - 1} fine)`}
      </span>
      <span>
        <span className={cn(token, LOOKS.cell)}>▦ 3</span> one vector for all codes of a cell
      </span>
      <span>
        <span className={cn(token, LEARNED)}>underlined</span> learned
      </span>
    </p>
  )
}
