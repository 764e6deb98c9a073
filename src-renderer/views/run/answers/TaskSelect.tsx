import type { TaskName } from '../../../../src-shared/multimodal.ts'
import { taskLabel } from '../../../../src-shared/multimodal-metrics.ts'
import { Select } from '../../../components/select.tsx'

export const ALL_TASKS = 'all'

/** One of the tasks that were asked, or all of them. */
export const TaskSelect = ({
  tasks,
  value,
  onChange,
}: {
  tasks: readonly TaskName[]
  /** A task, or ALL_TASKS. */
  value: string
  onChange: (task: string) => void
}) => (
  <Select
    label="Task"
    value={value}
    onChange={onChange}
    options={[
      { value: ALL_TASKS, label: 'All tasks' },
      ...tasks.map((task) => ({ value: task as string, label: taskLabel(task) })),
    ]}
    className="w-48"
  />
)
