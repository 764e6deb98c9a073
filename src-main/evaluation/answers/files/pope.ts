import { basename } from 'node:path'
import type { Benchmark, BenchmarkQuestion } from '../benchmark.ts'
import { BenchmarkError } from '../benchmark-error.ts'
import { EntryProblem, eachEntry, type Fields, firstCharacter } from '../entries.ts'
import { Offenders } from '../offenders.ts'
import { SPLIT } from '../scoring.ts'
import { Collected, question } from './collected.ts'
import { needed, type OfficialPaths, onlyPath, withFolders } from './official-paths.ts'

const POPE_FILE = /^(?:.*_)?pope_([^/\\]+?)\.jsonl?$/

/**
 * POPE: the files "coco_pope_random.json", "…_popular.json" and "…_adversarial.json", or their folder. Their numbers begin
 * anew in each, so a question's id is its split and its number. LLaVA numbers all of them in a file of its own; where that
 * is given as the questions, and the three as annotations, the ids are its numbers.
 * @throws BenchmarkError
 */
export async function readPope({ questions, annotations }: OfficialPaths): Promise<Benchmark> {
  const official = withFolders(annotations.length === 0 ? questions : annotations, POPE_FILE)
  if (official.length === 0) throw needed('POPE', 'its files coco_pope_….json, or their folder (--questions)')
  const splits = new Map<string, BenchmarkQuestion[]>()
  for (const path of official) {
    const split = splitOf(path)
    if (splits.has(split)) throw new BenchmarkError(`POPE’s split "${split}" is named twice, by "${path}" as well`)
    splits.set(split, await readSplit(path, split))
  }
  const numbered = annotations.length > 0 && questions.length > 0
  const llava = numbered ? onlyPath(questions, 'POPE', 'LLaVA’s file of questions (--questions)') : null
  const all = llava === null ? [...splits.values()].flat() : await readNumbered(llava, splits)
  const [onlySplit] = splits.size === 1 ? splits.keys() : []
  return {
    name: 'pope',
    questions: all,
    files: [...(llava === null ? [] : [llava]), ...official],
    warnings: [],
    unanswered: 'refuse',
    idReader: () => (entry) => (llava === null ? idIn(entry, onlySplit) : String(entry.key('question_id'))),
  }
}

function splitOf(path: string): string {
  const split = POPE_FILE.exec(basename(path))?.[1]
  if (split === undefined)
    throw new BenchmarkError(`"${path}" does not say which split of POPE it is; call it "coco_pope_<split>.json"`)
  return split
}

async function readSplit(path: string, split: string): Promise<BenchmarkQuestion[]> {
  const questions = new Collected<BenchmarkQuestion>(path, 'questions')
  const form = (await firstCharacter(path, 'questions')) === '[' ? 'list' : 'lines'
  await eachEntry(path, 'questions', form, (entry) => {
    const number = entry.key('question_id')
    const label = entry.text('label')
    if (label !== 'yes' && label !== 'no')
      throw new EntryProblem(`has the label "${label}", which is neither yes nor no`)
    questions.add(
      String(number),
      question({
        id: `${split}/${number}`,
        key: { question_id: number, category: split },
        question: entry.text('text'),
        truth: [label],
        image: { kind: 'file', names: [entry.text('image')] },
        groups: { [SPLIT]: split },
      }),
    )
  })
  return [...questions.checked().values()]
}

/** An answer that says its split, or is of the only one there is. */
function idIn(entry: Fields, onlySplit: string | undefined): string {
  const key = entry.key('question_id')
  const split = entry.has('category') ? entry.text('category') : onlySplit
  if (split === undefined)
    throw new EntryProblem(
      'does not say in "category" of which split its question is, and POPE’s numbers begin anew in each',
    )
  return `${split}/${key}`
}

/** LLaVA's questions, each with the label that stands at its place in its split. */
async function readNumbered(
  path: string,
  splits: ReadonlyMap<string, readonly BenchmarkQuestion[]>,
): Promise<BenchmarkQuestion[]> {
  const questions = new Collected<BenchmarkQuestion>(path, 'questions')
  const places = new Map<string, number>()
  const others = new Offenders()
  await eachEntry(path, 'questions', 'lines', (entry) => {
    const key = entry.key('question_id')
    const split = entry.text('category')
    const labelled = splits.get(split)
    if (!labelled) throw new EntryProblem(`is of the split "${split}", and there are ${[...splits.keys()].join(', ')}`)
    const at = places.get(split) ?? 0
    places.set(split, at + 1)
    const own = labelled[at]
    const [image] = own?.image?.kind === 'file' ? own.image.names : []
    if (!own || image !== entry.text('image') || !entry.text('text').startsWith(own.question)) others.add(String(key))
    else questions.add(String(key), { ...own, id: String(key), key: { question_id: key } })
  })
  if (others.count > 0)
    throw new BenchmarkError(
      `${others.count} questions of "${path}" are not those that stand at their place in their split: ${others}; give the files of one edition of POPE`,
    )
  for (const [split, labelled] of splits)
    if ((places.get(split) ?? 0) < labelled.length)
      throw new BenchmarkError(
        `"${path}" has ${places.get(split) ?? 0} questions of the split "${split}", which has ${labelled.length}`,
      )
  return [...questions.checked().values()]
}
