import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { PAINTING_REQUESTS } from '../../../src-shared/events.ts'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'
import { taskLabel } from '../../../src-shared/multimodal-metrics.ts'
import { wilsonInterval } from '../../../src-shared/proportions.ts'
import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { paintingSheet } from './picture-sheet.ts'

const PER_ROW = 8
const MOST_PAINTED = 32
/** Questions of a task that are shown with what was said. */
const SHOWN = 6

/** What a run's second stage left: its newest paintings and answers, null where there are none. */
export interface StageTwoRecords {
  painting(runId: string): Promise<Uint8Array | null>
  answers(runId: string): Promise<readonly HeldOutAnswer[] | null>
}

/** Pages of what the models of an ablation painted and answered, each arm with its first seed. */
export async function stageTwoPages(
  { arms }: Pick<AblationDetail, 'arms'>,
  { painting, answers }: StageTwoRecords,
): Promise<{ files: Record<string, Uint8Array>; lines: string[] }> {
  const files: Record<string, Uint8Array> = {}
  const painted: string[] = []
  const answered: string[] = []
  for (const [index, { label, runIds }] of arms.entries()) {
    const [first] = runIds
    if (first === undefined) continue
    const file = await painting(first)
    if (file) {
      const { png, shown } = await paintingSheet(file, { perRow: PER_ROW, limit: MOST_PAINTED })
      const name = `paintings-${index + 1}.png`
      files[name] = png
      painted.push(`### ${label}`, '', `![What ${label} painted](${name})`, '', ...requests(file, shown), '')
    }
    const said = await answers(first)
    if (said) answered.push(`### ${label}`, '', ...answerRows(said), '')
  }
  return {
    files,
    lines: [
      ...(painted.length === 0
        ? []
        : ['## Paintings of held-out requests', '', 'In order, row by row; none was chosen.', '', ...painted]),
      ...(answered.length === 0
        ? []
        : [
            '## Answers to held-out questions',
            '',
            `The first ${SHOWN} of each task; none was chosen.`,
            '',
            ...answered,
          ]),
    ],
  }
}

function requests(file: Uint8Array, shown: number): string[] {
  const asked = JSON.parse(decodeSafetensors(file).metadata[PAINTING_REQUESTS] ?? '[]') as string[]
  const rows: string[] = []
  for (let from = 0; from < shown; from += PER_ROW)
    rows.push(
      `${from / PER_ROW + 1}. ${asked
        .slice(from, Math.min(from + PER_ROW, shown))
        .map(plain)
        .join(' · ')}`,
    )
  return rows
}

function answerRows(answers: readonly HeldOutAnswer[]): string[] {
  const rows = ['| task | question | right answer | said | |', '|---|---|---|---|---|']
  for (const [task, own] of Map.groupBy(answers, (one) => one.task)) {
    const right = own.filter((one) => one.right).length
    const { share, low, high } = wilsonInterval(right, own.length)
    const percent = (value: number) => (100 * value).toFixed(1)
    rows.push(
      `| **${taskLabel(task)}** | ${right} of ${own.length} right: ${percent(share)} % [${percent(low)}, ${percent(high)}] | | | |`,
    )
    for (const { question, answer, said, right: isRight } of own.slice(0, SHOWN))
      rows.push(`| | ${plain(question)} | ${plain(answer)} | ${plain(said)} | ${isRight ? '✓' : '✗'} |`)
  }
  return rows
}

/** On one line, without the places of pictures, and with nothing that a table would read. */
const plain = (text: string): string =>
  text.replaceAll('<image>', '').replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
