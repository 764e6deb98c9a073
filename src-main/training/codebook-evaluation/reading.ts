import type { MetricCard } from '../../../src-shared/metric-card.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import { compile } from '../../engine/compile.ts'
import { IGNORED_LABEL } from '../../engine/operations/softmax-cross-entropy.ts'
import { int32, number } from '../../engine/runtimes/runtime.ts'
import { BOOTSTRAP, bootstrapMean } from '../../evaluation/bootstrap.ts'
import { languageLoss } from '../stage-one/language-step.ts'
import type { OpenedModel } from '../stage-two/open-model.ts'
import { metricCard } from './cards.ts'

/** Pictures whose codes a language model reads, and tokens of each at most: what it takes is time. */
export const READ_PICTURES = 32
export const READ_TOKENS = 128

/** Mean −log p of each sequence's tokens but the first, in nats. @param sequences of 2 tokens or more, of any lengths */
export async function readingLosses(
  { runtime, state, language, pad }: Pick<OpenedModel, 'runtime' | 'state' | 'language' | 'pad'>,
  sequences: readonly (readonly number[])[],
  progress: (done: number) => void,
): Promise<number[]> {
  const longest = Math.max(...sequences.map(({ length }) => length))
  const program = await compile(
    runtime,
    state,
    'reading',
    { tokens: { shape: [1, longest], dtype: 'int32' }, labels: { shape: [longest], dtype: 'int32' } },
    state.names().filter((name) => name.startsWith('language.')),
    (tensors) => languageLoss(language.shape, tensors),
  )
  try {
    const losses: number[] = []
    for (const sequence of sequences) {
      const [tokens, labels] = [new Int32Array(longest).fill(pad), new Int32Array(longest).fill(IGNORED_LABEL)]
      tokens.set(sequence)
      labels.set(sequence.slice(1))
      const out = await program.run({ tokens: int32(tokens, [1, longest]), labels: int32(labels, [longest]) })
      losses.push(number(out, 'loss'))
      progress(losses.length)
    }
    return losses
  } finally {
    await program.dispose()
  }
}

/** Codes of pictures as token ids in token order, to be read, and what they are held against. */
export interface ToRead {
  /** [P] of each picture; of one length. */
  codes: number[][]
  concepts: string[]
  /** Token ids of a text, as many as there are codes or more. */
  text: readonly number[]
  vocabulary: number
  model: string
  /** Whether the model has been taught to read codes. */
  taught: boolean
  reference: string
  seed: number
}

/**
 * How a pretrained language model takes the codes of pictures where it expects text: perplexity in token order, the same
 * codes in another order (what their frequencies alone give), text of the same length, and tokens drawn evenly.
 */
export async function readingCards(
  model: Parameters<typeof readingLosses>[0],
  { codes, concepts, text, vocabulary, model: name, taught, reference, seed }: ToRead,
  progress: (share: number) => void,
): Promise<MetricCard[]> {
  const length = codes[0]?.length ?? 0
  const draw = (...stream: (string | number)[]) => createRandom(seed, 'reading', ...stream)
  const pieces = Math.min(codes.length, Math.floor(text.length / length))
  const read: Record<string, number[][]> = {
    codes,
    shuffled: codes.map((sequence, at) => shuffle([...sequence], draw('shuffled', at))),
    text: Array.from({ length: pieces }, (_, at) => text.slice(at * length, (at + 1) * length)),
    even: codes.map((sequence, at) => {
      const random = draw('even', at)
      return sequence.map(() => random.int(vocabulary))
    }),
  }
  const told: Record<string, { metric: string; what: string; of: string }> = {
    codes: {
      metric: 'Perplexity of codes read as text',
      what: 'the codes of a picture in token order, a code as the token of its id',
      of: reference,
    },
    shuffled: {
      metric: 'The same codes, shuffled',
      what: 'the same codes in another order: the order says nothing, their frequencies are the same. Below it, the codes before help to foretell a code',
      of: reference,
    },
    text: {
      metric: 'Perplexity of text of the same length',
      what: 'the run’s texts one after the other, cut into as many tokens',
      of: 'the run’s held-out texts, and training ones where these are not enough',
    },
    even: {
      metric: 'Perplexity of tokens drawn evenly',
      what: `as many of the ${vocabulary} tokens, each as likely`,
      of: `the vocabulary of ${name}`,
    },
  }
  const total = Object.values(read).reduce((sum, { length: many }) => sum + many, 0)
  const cards: MetricCard[] = []
  let before = 0
  for (const [kind, sequences] of Object.entries(read)) {
    if (sequences.length === 0) continue
    const losses = await readingLosses(model, sequences, (done) => progress((before + done) / total))
    before += sequences.length
    const groups = kind === 'codes' || kind === 'shuffled' ? concepts : losses.map((_, at) => `${at}`)
    const { mean, low, high } = bootstrapMean(losses, groups, draw('interval', kind))
    const { metric, what, of } = told[kind] as { metric: string; what: string; of: string }
    cards.push(
      metricCard({
        metric,
        value: Math.exp(mean),
        unit: 'tokens',
        definition: `exp of the mean −log p that ${name} gives to each token but the first of sequences of ${length}: ${what}. Nothing stands before a sequence.`,
        source: 'this workbench',
        reference: of,
        count: sequences.length,
        seed,
        interval: { low: Math.exp(low), high: Math.exp(high), method: BOOTSTRAP },
        warnings: taught
          ? [
              'this model has been taught codes in a second stage; its text rows are no longer those of the pretrained one',
            ]
          : [],
      }),
    )
  }
  return cards
}
