import { codeMapSides, codeOrder } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { ShownDialogue, ShownPosition } from '../../src-shared/contract/multimodal.ts'
import type { HeldOutAnswer } from '../../src-shared/held-out-answers.ts'
import { type TaskName, taskNames } from '../../src-shared/multimodal.ts'
import { chance } from './curves.ts'
import { captionOf } from './samples.ts'

const count = (training: number, heldOut: number) => ({ training, heldOut })
export const TASK_COUNTS: Record<TaskName, { training: number; heldOut: number }> = {
  caption: count(1433, 160),
  name: count(4299, 480),
  'yes-no': count(25_794, 960),
  choice: count(12_900, 480),
  'scene-name': count(2000, 200),
  'scene-yes-no': count(2000, 200),
  counting: count(2000, 200),
  position: count(2000, 200),
  paint: count(5732, 640),
  decompression: count(1433, 160),
  dialogue: count(0, 0),
}

const TEXTS: Record<TaskName, (caption: string) => { question: string; answer: string }> = {
  caption: (caption) => ({ question: '<image>\ndescribe the picture.', answer: caption }),
  name: (caption) => ({ question: '<image>\nwhat is this?', answer: caption }),
  'yes-no': (caption) => ({ question: `<image>\nis there ${caption} in the image?`, answer: 'yes' }),
  choice: (caption) => ({ question: `<image>\nwhich is it? a: ${caption} b: a dog c: a tree d: a car`, answer: 'a' }),
  'scene-name': (caption) => ({ question: '<image>\nwhat is at the top left?', answer: caption }),
  'scene-yes-no': (caption) => ({ question: `<image>\ndo you see ${caption}?`, answer: 'yes' }),
  counting: () => ({ question: '<image>\nhow many discs are there?', answer: 'two' }),
  position: () => ({ question: '<image>\nwhere is the ring?', answer: 'at the top left' }),
  paint: (caption) => ({ question: `paint ${caption}.`, answer: '<image>' }),
  decompression: () => ({ question: '<image>\nwrite all codes.', answer: '<image>' }),
  dialogue: (caption) => ({ question: '<image>\nwhat do you see?', answer: caption }),
}

/** A made-up dialogue as a model reads it. */
export function dialogueOf(
  task: TaskName,
  index: number,
  config: ExperimentConfig,
  encode: (picture: number, config: ExperimentConfig) => number[][],
): ShownDialogue {
  const sides = codeMapSides(config)
  const codes = encode(index % 400, config)
  const turn = TEXTS[task](captionOf(index))
  const positions: ShownPosition[] = []
  const word = (text: string, learned: boolean) =>
    positions.push({ kind: 'text', token: hash(text), text, learned, layer: -1, cell: -1 })
  const side = sides[0] ?? 1
  const picture = (learned: boolean) => {
    if (!learned && config.multimodal.input !== 'flattened') {
      const kind = config.multimodal.input === 'features' ? 'features' : 'cell'
      for (let cell = 0; cell < side * side; cell++)
        positions.push({ kind, token: -1, text: `cell ${cell}`, learned: false, layer: -1, cell })
      return
    }
    let cell = -1
    for (const { layer, at } of codeOrder(sides)) {
      if (layer === 0) cell++
      const token = codes[layer]?.[at] ?? 0
      positions.push({ kind: 'code', token, text: `code${token}`, learned, layer, cell })
    }
  }
  const say = (text: string, learned: boolean) => {
    for (const [at, part] of text.split('<image>').entries()) {
      if (at > 0) picture(learned)
      for (const piece of part.match(/\n|\s?[\w']+|[^\w\s]/g) ?? []) word(piece, learned)
    }
  }
  word('user', false)
  word(':', false)
  say(` ${turn.question}`, false)
  word('\n', false)
  word('assistant', false)
  word(':', false)
  say(` ${turn.answer}`, true)
  word('<end>', true)
  const problem =
    positions.length > config.multimodal.context
      ? `is longer than the context of ${config.multimodal.context} positions`
      : null
  return { task, source: 'built in', turns: [turn], positions, pictures: [], problem }
}

/** What a model that learned a little said to held-out questions; one of a visual encoder a little more. */
export const heldOutAnswers = ({ multimodal }: ExperimentConfig): HeldOutAnswer[] =>
  taskNames
    .filter((task) => multimodal.tasks[task] > 0 && task !== 'paint' && task !== 'decompression')
    .flatMap((task) =>
      Array.from({ length: 48 }, (_, at): HeldOutAnswer => {
        const place = (at * 7 + 3) % 200
        const { question, answer } = TEXTS[task](captionOf(place))
        const learned = multimodal.paradigm === 'visual-encoder' ? 0.78 : 0.6
        const right = chance(`right ${task} ${at} ${multimodal.paradigm}`) < learned
        const said = right ? answer : TEXTS[task](captionOf(place + 5)).answer
        const blind = chance(`blind ${task} ${at}`) < 0.25
        return { task, place, turn: 0, question, answer, said, right: right || said === answer, blind }
      }),
    )

const hash = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1917, 7)
