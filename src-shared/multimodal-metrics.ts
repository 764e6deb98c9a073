import type { MetricDefinition } from './metric-definition.ts'
import { type MultimodalConfig, type TaskName, taskNames } from './multimodal.ts'

const TASK_LABELS: Record<TaskName, string> = {
  caption: 'captions',
  name: 'what is this',
  'yes-no': 'yes or no',
  choice: 'multiple choice',
  'scene-name': 'what is this, in scenes',
  'scene-yes-no': 'yes or no, in scenes',
  counting: 'counting',
  position: 'positions',
  paint: 'text to image',
  decompression: 'decompression',
  dialogue: 'dialogues',
}

/** A task as people call it. */
export const taskLabel = (task: TaskName): string => TASK_LABELS[task]

const fixed: Record<string, MetricDefinition> = {
  'multimodal.loss': {
    label: 'Stage II loss',
    unit: 'nats a token',
    definition:
      'Mean negative log-likelihood of the answer tokens of the batch, painted codes included, before the update (Eq. 6).',
    better: 'lower',
    group: 'multimodal',
  },
  'multimodal.gradientNorm': {
    label: 'Stage II gradient norm',
    unit: 'L2',
    definition: 'Norm of all gradients of Stage II together, before clipping.',
    better: 'none',
    group: 'multimodal',
  },
  'task.paint.recognised': {
    label: 'Paintings recognised',
    unit: 'share',
    definition:
      'Share of the pictures painted for held-out requests whose five nearest training pictures in the features of MobileNetV2 (block_13_expand_relu, cosine) are of the kind that was asked for. At the end of training.',
    better: 'higher',
    group: 'multimodal',
  },
  'task.paint.judged': {
    label: 'Paintings judged',
    unit: 'pictures',
    definition:
      'Pictures painted for held-out requests for a picture of a known kind: those that the shares of recognised ones are of.',
    better: 'none',
    group: 'multimodal',
  },
  'task.paint.reconstructed': {
    label: 'True pictures recognised',
    unit: 'share',
    definition: 'The same of the true pictures through the tokenizer: as good as painting with its codes can be.',
    better: 'none',
    group: 'multimodal',
  },
  'task.paint.commonest': {
    label: 'Commonest kind, painting',
    unit: 'share',
    definition: 'Share of the held-out requests that ask for the commonest kind of the judge’s training pictures.',
    better: 'none',
    group: 'multimodal',
  },
  'speed.positions': {
    label: 'Stage II speed',
    unit: 'positions/s',
    definition: 'Positions of the sequences of a step, text and picture, without what fills them up, per second.',
    better: 'higher',
    group: 'speed',
  },
}

const ofTask: Record<string, (task: string) => MetricDefinition> = {
  loss: (task) => ({
    label: `Held-out loss, ${task}`,
    unit: 'nats a token',
    definition:
      'Mean negative log-likelihood of the answer tokens of the held-out dialogues of the task, teacher-forced.',
    better: 'lower',
    group: 'multimodal',
  }),
  right: (task) => ({
    label: `Right answers, ${task}`,
    unit: 'share',
    definition:
      'Share of the answers of the held-out dialogues of the task that greedy decoding writes exactly: every token is the likeliest one, given the right ones before it.',
    better: 'higher',
    group: 'multimodal',
  }),
  blind: (task) => ({
    label: `Right answers without the picture, ${task}`,
    unit: 'share',
    definition: 'The same, with vectors of zeros where the picture was: what the words alone give away.',
    better: 'none',
    group: 'multimodal',
  }),
  majority: (task) => ({
    label: `Commonest answer, ${task}`,
    unit: 'share',
    definition: 'Share of the answers of the held-out dialogues of the task that are the commonest one.',
    better: 'none',
    group: 'multimodal',
  }),
  codes: (task) => ({
    label: `Codes right, ${task}`,
    unit: 'share',
    definition:
      'Share of the answer tokens, nearly all of them codes, that are the likeliest one given the right ones before them, over the held-out dialogues of the task.',
    better: 'higher',
    group: 'multimodal',
  }),
}

/** The definition of a metric of Stage II: task.<task>.<what>, and what is common to all tasks. */
export function multimodalMetric(name: string): MetricDefinition | undefined {
  const [first, task, what] = name.split('.')
  const known = taskNames.find((each) => each === task)
  return fixed[name] ?? (first === 'task' && known ? ofTask[what ?? '']?.(TASK_LABELS[known]) : undefined)
}

/** What a table of results shows of each task: answers right, without the picture and by the commonest; or codes, and paintings. */
export const taskResults = (tasks: readonly TaskName[]): string[] =>
  tasks.flatMap((task) => {
    const of = (...names: string[]) => names.map((name) => `task.${task}.${name}`)
    if (task === 'paint') return of('recognised', 'reconstructed', 'commonest', 'loss', 'codes')
    return task === 'decompression' ? of('loss', 'codes') : of('right', 'blind', 'majority', 'loss')
  })

/** Tasks that any of these runs learns in a second stage, in the order of the tasks. */
export const tasksOf = (configs: readonly { multimodal: MultimodalConfig }[]): TaskName[] =>
  taskNames.filter((task) => configs.some(({ multimodal }) => multimodal.steps > 0 && multimodal.tasks[task] > 0))
