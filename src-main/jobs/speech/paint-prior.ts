import type { AskedOfModel, SpeechEvent } from '../../../src-shared/contract/multimodal.ts'
import { ModelError } from './model-error.ts'
import type { RunPrior } from './open-run-prior.ts'
import type { Manner } from './spoken-answers.ts'

/** Likeliest codes that are told with each code of a painted picture. */
const ALTERNATIVES = 8

/** Why a prior does not do what a language model does, in a sentence. */
export const CANNOT_READ = 'A prior knows codes alone: it reads neither words nor pictures.'

/** The name of a class out of a question; null: none. @throws ModelError for a class that the prior does not know */
export function classOf({ prior: { classes } }: Pick<RunPrior, 'prior'>, question: string): string | null {
  const name = question.trim()
  if (name === '') return null
  if (classes.includes(name)) return name
  throw new ModelError(
    'bad-request',
    `the prior knows no class "${name}"`,
    classes.length === 0
      ? 'It was trained without classes (prior.classes): ask for a picture of none.'
      : `Its classes are ${classes.slice(0, 20).join(', ')}${classes.length > 20 ? `, and ${classes.length - 20} more` : ''}.`,
  )
}

/** What is guided must have a class, and a prior that was taught without one as well. */
export function checkGuidance({ config }: Pick<RunPrior, 'config'>, guidance: number, name: string | null): void {
  if (guidance === 1) return
  if (name === null)
    throw new ModelError(
      'bad-request',
      `guidance ${guidance} leads to a class, but none is asked for`,
      'Name a class, or set guidance 1.',
    )
  if (config.prior.classDropout === 0)
    throw new ModelError(
      'bad-request',
      `guidance ${guidance} compares with pictures of no class, which this prior never learned: prior.classDropout is 0`,
      'Set guidance 1.',
    )
}

/** Paints pictures of a class, each with random numbers of its own. @param part told of what comes, as it comes */
export async function paintPrior(
  model: RunPrior,
  { prompt, settings, answers, paint }: Pick<AskedOfModel['say'], 'prompt'> & Manner,
  { signal, part }: { signal: AbortSignal; part: (event: SpeechEvent) => void },
): Promise<void> {
  if (paint === null)
    throw new ModelError('bad-request', `${CANNOT_READ} It cannot answer in words.`, 'Ask it to paint a picture.')
  const { prior, tokenizer } = model
  const name = classOf(model, prompt.question)
  const { codes: sampling, guidance, seed } = settings
  checkGuidance(model, guidance, name)
  const began = performance.now()
  const areas = tokenizer.sides.map((side) => side * side)
  const whole = areas.reduce((sum, area) => sum + area, 0)
  if (paint.first.length > whole)
    throw new ModelError(
      'bad-request',
      `${paint.first.length} first codes of a picture of ${whole}`,
      'Give no more of them.',
    )
  for (let answer = 0; answer < answers; answer++) part({ kind: 'picture', answer })
  const maps = await prior.paint(new Array<string | null>(answers).fill(name), {
    ...{ sampling, guidance, seed, signal, alternatives: ALTERNATIVES },
    first: Int32Array.from(paint.first),
    drawn: ({ picture, at, code, probability, alternatives }) =>
      part({ kind: 'code', answer: picture, at, code, probability, alternatives }),
  })
  const seconds = (performance.now() - began) / 1000
  for (let answer = 0; answer < answers; answer++) {
    const codes = maps.map((map, layer) => {
      const area = areas[layer] as number
      return [...map.subarray(answer * area, (answer + 1) * area)]
    })
    part({ kind: 'painted', answer, codes })
    part({ kind: 'end', answer, reason: 'closed', seconds })
  }
}
