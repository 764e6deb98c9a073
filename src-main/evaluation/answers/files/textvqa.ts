import type { Benchmark, BenchmarkQuestion } from '../benchmark.ts'
import { EntryProblem, eachEntry } from '../entries.ts'
import { questionInPrompt } from '../textvqa-prompt.ts'
import { Collected, question, sharing } from './collected.ts'
import { type OfficialPaths, onlyPath } from './official-paths.ts'

/** The scoring of TextVQA takes so many human answers and no other number. */
const HUMAN_ANSWERS = 10

/**
 * TextVQA: "TextVQA_0.5.1_val.json", and for prompts with OCR tokens "TextVQA_Rosetta_OCR_v0.2_val.json". Answers name their
 * question by its id; those of LLaVA name the picture and repeat the question in their prompt.
 * @throws BenchmarkError
 */
export async function readTextVqa(paths: OfficialPaths): Promise<Benchmark> {
  const path = onlyPath([...paths.questions, ...paths.annotations], 'TextVQA', 'its file of questions (--questions)')
  const tokens = paths.ocr === '' ? null : await readTokens(paths.ocr)
  const share = sharing()
  const questions = new Collected<BenchmarkQuestion>(path, 'questions')
  /** Ids by picture and question; the same may be asked twice. */
  const asked = new Map<string, string[]>()
  await eachEntry(path, 'questions', { list: 'data' }, (entry) => {
    const id = String(entry.key('question_id'))
    const imageId = String(entry.key('image_id'))
    const text = entry.text('question')
    if (!entry.has('answers')) throw new EntryProblem('has no answers; those of the test split are not public')
    const truth = entry.list('answers')
    if (truth.length !== HUMAN_ANSWERS || !truth.every((answer) => typeof answer === 'string'))
      throw new EntryProblem(`has ${truth.length} answers, and ${HUMAN_ANSWERS} texts are wanted`)
    questions.add(
      id,
      question({
        id,
        // As LLaVA writes its answers, which its scoring finds by the prompt.
        key: { question_id: imageId },
        question: text,
        context: tokens ? `Reference OCR token: ${(tokens.get(imageId) ?? []).join(', ')}` : '',
        truth: truth.map(share),
        image: { kind: 'file', names: [`${imageId}.jpg`] },
      }),
    )
    const key = placeOf(imageId, text.toLowerCase())
    asked.set(key, [...(asked.get(key) ?? []), id])
  })
  return {
    name: 'textvqa',
    questions: [...questions.checked().values()],
    files: [path, ...(paths.ocr === '' ? [] : [paths.ocr])],
    warnings: [],
    unanswered: 'refuse',
    idReader() {
      const taken = new Map<string, number>()
      return (entry) => {
        const key = String(entry.key('question_id'))
        if (!entry.has('prompt') || questions.byId.has(key)) return key
        const text = questionInPrompt(entry.text('prompt'))
        if (text === null) throw new EntryProblem('has a prompt in none of LLaVA’s forms, so its question is unknown')
        const place = placeOf(key, text)
        const ids = asked.get(place)
        if (!ids) return `${key} “${text}”`
        const at = taken.get(place) ?? 0
        taken.set(place, at + 1)
        return ids[Math.min(at, ids.length - 1)] as string
      }
    },
  }
}

const placeOf = (image: string, question: string): string => `${image}\n${question}`

async function readTokens(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const tokens = new Map<string, readonly string[]>()
  await eachEntry(path, 'OCR tokens', { list: 'data' }, (entry) =>
    tokens.set(String(entry.key('image_id')), entry.list('ocr_tokens').map(String)),
  )
  return tokens
}
