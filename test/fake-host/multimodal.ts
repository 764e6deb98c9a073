import { implement } from '@orpc/server'
import { codeMapSides, codeOrder, unflattenCodes } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { contract } from '../../src-shared/contract/index.ts'
import type { CodeLikelihoods, Prompt } from '../../src-shared/contract/multimodal.ts'
import { type TaskName, taskNames } from '../../src-shared/multimodal.ts'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import { chance } from './curves.ts'
import { dialogueOf, TASK_COUNTS } from './dialogues.ts'
import { runOf } from './runs.ts'
import { captionOf, colourWords, drawPicture, hues } from './samples.ts'
import { codeOfColour, colourOf, decodeToy, encodeToy, flattenToy } from './toy-tokenizer.ts'

/** A second stage that never trained: a toy tokenizer, and a model that says and paints what stands in the request. */
const os = implement(contract).multimodal

const PICTURES = 400
const HELD_OUT = 40
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const file = (tensors: Parameters<typeof encodeSafetensors>[0]) =>
  new Blob([encodeSafetensors(tensors) as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' })
/** Drawn pictures, as U8 `pictures` [N, S, S, 3]. */
function picturesFile(numbers: readonly number[], { data: { resolution } }: ExperimentConfig): Blob {
  const size = resolution ** 2 * 3
  const data = new Uint8Array(numbers.length * size)
  for (const [at, picture] of numbers.entries()) data.set(drawPicture(picture, resolution), at * size)
  return file({ pictures: { dtype: 'U8', shape: [numbers.length, resolution, resolution, 3], data } })
}
const encode = (picture: number, config: ExperimentConfig) =>
  encodeToy(drawPicture(picture, config.data.resolution), config)
const pictureTensor = (data: Uint8Array, { data: { resolution } }: ExperimentConfig) => ({
  dtype: 'U8' as const,
  shape: [resolution, resolution, 3],
  data,
})

/** Classes of a prior, each a colour that its pictures have. */
const PRIOR_CLASSES = [...colourWords]

const REASONS = {
  paint:
    'The model reads pictures as features of the encoder and has no codes to write, so it cannot paint; multimodal.paradigm "unified" can.',
}

/** The colour word that the codes of a picture come nearest to, white left out. */
function colourWord(codes: readonly (readonly number[])[]): string {
  const votes = hues.map(() => 0)
  for (const code of codes.at(-1) ?? []) {
    const colour = colourOf(code)
    if (colour.every((value) => value > 225)) continue
    const distances = hues.map((hue) => Math.hypot(...hue.map((value, c) => value - (colour[c] ?? 0))))
    votes[distances.indexOf(Math.min(...distances))]! += 1
  }
  return colourWords[votes.indexOf(Math.max(...votes))] as string
}

function answerTo({ question, pictures }: Prompt, config: ExperimentConfig): string {
  const [asked] = pictures.slice(-1)
  if (!asked) return 'i see no picture.'
  const word = colourWord(asked.kind === 'codes' ? asked.codes : encode(asked.picture, config))
  if (/^\W*(<image>\s*)*(is|does|do)\b/i.test(question)) return question.includes(word) ? 'yes' : 'no'
  if (/how many/i.test(question)) return 'one'
  const shape = asked.kind === 'picture' ? captionOf(asked.picture).split(' ').at(-1) : 'thing'
  return `a ${word} ${shape} on a white ground.`
}

/** The picture that a request to paint stands for. */
function wantedPicture(question: string, seed: number): number {
  const colour = colourWords.findIndex((word) => question.includes(word))
  const shape = ['disc', 'ring', 'square', 'cross'].findIndex((word) => question.includes(word))
  const draw = (name: string) => Math.floor(chance(`${question} ${seed} ${name}`) * 4)
  return (colour < 0 ? draw('colour') : colour) * 4 + (shape < 0 ? draw('shape') : shape)
}

/** Codes a little lighter or darker than one, which might have stood in its place. */
function alternativesOf(code: number, key: string) {
  const own = 0.35 + 0.6 * chance(`${key} own`)
  const codes = new Set([code])
  for (let at = 0; codes.size < 8 && at < 60; at++)
    codes.add(codeOfColour(colourOf(code).map((value) => value + (chance(`${key} ${at} ${value}`) - 0.5) * 130)))
  const others = [...codes].slice(1)
  return [code, ...others].map((one, at) => ({
    code: one,
    probability: at === 0 ? own : ((1 - own) * 0.9 * 2 ** -at) / (1 - 2 ** -others.length),
  }))
}

/** Nats at each place: more where a code's colour is unlike the cell that it lies in. */
function likelihoods(codes: readonly (readonly number[])[], config: ExperimentConfig): CodeLikelihoods {
  const sides = codeMapSides(config)
  const places = codeOrder(sides)
  const parentOf = (layer: number, at: number) => {
    const [side = 1, above = 1] = [sides[layer], sides[layer - 1]]
    return Math.floor((Math.floor(at / side) * above) / side) * above + Math.floor(((at % side) * above) / side)
  }
  const nll = places.map(({ layer, at }) => {
    const colour = colourOf(codes[layer]?.[at] ?? 0)
    const around = layer === 0 ? [255, 255, 255] : colourOf(codes[layer - 1]?.[parentOf(layer, at)] ?? 0)
    const apart = Math.hypot(...colour.map((value, c) => value - (around[c] ?? 0))) / 441
    return 0.2 + 5 * apart + 0.6 * chance(`${layer} ${at} ${colour}`)
  })
  return {
    nll,
    probability: nll.map((value) => Math.exp(-value)),
    best: places.map(({ layer, at }, place) =>
      (nll[place] ?? 0) < 1.2
        ? (codes[layer]?.[at] ?? 0)
        : layer === 0
          ? codeOfColour([255, 255, 255])
          : (codes[layer - 1]?.[parentOf(layer, at)] ?? 0),
    ),
  }
}

/** Codes of which some are taken for another one, more of them towards the end. */
const mistaken = (codes: readonly number[], share: (place: number) => number, key: string): number[] =>
  codes.map((code, place) =>
    chance(`${key} ${place}`) < share(place / codes.length)
      ? (alternativesOf(code, `${key} ${place}`)[1]?.code ?? code)
      : code,
  )

export const multimodal = {
  abilities: os.abilities.handler(({ input, errors }) => {
    const { config, step } = runOf(input.id, errors)
    const { paradigm, input: reads, tasks, context } = config.multimodal
    return {
      step: Math.floor(step / 200) * 200,
      paradigm,
      input: reads,
      cannotRead: null,
      cannotPaint: paradigm === 'visual-encoder' ? REASONS.paint : null,
      resolution: config.data.resolution,
      sides: codeMapSides(config),
      context,
      tasks: taskNames.filter((task) => tasks[task] > 0),
      unconditionalRequest: 'paint a picture.',
      prior: config.prior.steps > 0 ? { classes: PRIOR_CLASSES, guides: true } : null,
    }
  }),
  pictures: os.pictures.handler(({ input, errors }) => {
    const { config } = runOf(input.id, errors)
    const all = Array.from({ length: PICTURES }, (_, picture) => picture)
      .filter((picture) => picture >= PICTURES - HELD_OUT === (input.side === 'heldOut'))
      .map((picture) => ({ picture, caption: captionOf(picture), label: picture % 4 === 3 ? 'symbols' : 'shapes' }))
      .filter(({ caption, label }) => `${caption} ${label}`.includes(input.search.toLowerCase()))
    const pictures = all.slice(input.from, input.from + input.count)
    return {
      total: all.length,
      pictures,
      file: picturesFile(
        pictures.map(({ picture }) => picture),
        config,
      ),
    }
  }),
  say: os.say.handler(async function* ({ input, errors, signal }) {
    const { config } = runOf(input.id, errors)
    const { prompt, settings, answers, paint } = input
    const begin = Date.now()
    const seconds = () => (Date.now() - begin) / 1000
    if (!paint) {
      for (let answer = 0; answer < answers; answer++) {
        const words = answerTo(prompt, config).split(/(?<= )/)
        for (const text of words.slice(0, settings.newTokens)) {
          await pause(60)
          if (signal?.aborted) return
          yield { kind: 'text' as const, answer, text }
        }
        yield {
          kind: 'end' as const,
          answer,
          reason: words.length > settings.newTokens ? ('full' as const) : ('closed' as const),
          seconds: seconds(),
        }
      }
      return
    }
    const key = (answer: number) => `${prompt.question} ${settings.seed + answer} ${paint.first}`
    const wanted = Array.from({ length: answers }, (_, answer) => {
      const codes = flattenToy(encode(wantedPicture(prompt.question, settings.seed + answer), config), config)
      return [...paint.first, ...mistaken(codes, () => 0.1, key(answer)).slice(paint.first.length)]
    })
    for (let answer = 0; answer < answers; answer++) yield { kind: 'picture' as const, answer }
    for (let at = paint.first.length; at < (wanted[0]?.length ?? 0); at++) {
      await pause(40)
      for (const [answer, codes] of wanted.entries()) {
        if (signal?.aborted) return
        const code = codes[at] as number
        const alternatives = alternativesOf(code, `${key(answer)} ${at}`)
        const probability = alternatives[0]?.probability ?? 0
        yield { kind: 'code' as const, answer, at, code, probability, alternatives }
      }
    }
    for (const [answer, codes] of wanted.entries()) {
      const maps = unflattenCodes(codes, codeMapSides(config)).map((map) => [...map])
      yield { kind: 'painted' as const, answer, codes: maps }
      yield { kind: 'end' as const, answer, reason: 'closed' as const, seconds: seconds() }
    }
  }),
  score: os.score.handler(({ input, errors }) => likelihoods(input.codes, runOf(input.id, errors).config)),
  encode: os.encode.handler(({ input, errors }) => ({
    codes: encode(input.picture, runOf(input.id, errors).config),
  })),
  decode: os.decode.handler(({ input, errors }) => {
    const { config } = runOf(input.id, errors)
    return file({ picture: pictureTensor(decodeToy(input.codes, config), config) })
  }),
  decompress: os.decompress.handler(({ input, errors }) => {
    const { config } = runOf(input.id, errors)
    const sides = codeMapSides(config)
    const truth = encode(input.picture, config)
    const flat = flattenToy(truth, config)
    const guess = (share: (place: number) => number, key: string) =>
      unflattenCodes(mistaken(flat, share, `${key} ${input.picture}`), sides).map((map) => [...map])
    const teacherForced = guess(() => 0.14, 'forced')
    const freeRunning = guess((place) => 0.1 + 0.5 * place, 'free')
    const right = (maps: readonly (readonly number[])[]) =>
      maps.map((map, layer) => map.filter((code, cell) => code === truth[layer]?.[cell]).length / map.length)
    const best = flattenToy(teacherForced, config)
    const nll = flat.map((code, place) =>
      best[place] === code ? 0.05 + 0.5 * chance(`nll ${place}`) : 1.5 + 3 * chance(`nll ${place}`),
    )
    const decoded = (codes: readonly (readonly number[])[]) => pictureTensor(decodeToy(codes, config), config)
    return {
      truth,
      teacherForced,
      freeRunning,
      likelihoods: { nll, probability: nll.map((value) => Math.exp(-value)), best },
      teacherForcedRight: right(teacherForced),
      freeRunningRight: right(freeRunning),
      file: file({
        input: pictureTensor(drawPicture(input.picture, config.data.resolution), config),
        truth: decoded(truth),
        teacherForced: decoded(teacherForced),
        freeRunning: decoded(freeRunning),
      }),
    }
  }),
  dialogues: os.dialogues.handler(({ input, errors }) => {
    const { config } = runOf(input.id, errors)
    const total = TASK_COUNTS[input.task][input.side]
    const count = Math.max(0, Math.min(input.count, total - input.from))
    return {
      total,
      dialogues: Array.from({ length: count }, (_, at) => ({
        ...dialogueOf(input.task, input.from + at, config, encode),
        pictures: [at],
      })),
      codes: Array.from({ length: count }, (_, at) => encode((input.from + at) % PICTURES, config)),
      file: picturesFile(
        Array.from({ length: count }, (_, at) => (input.from + at) % PICTURES),
        config,
      ),
    }
  }),
  checkDialogues: os.checkDialogues.handler(async ({ input, errors }) => {
    const { config } = runOf(input.id, errors)
    await pause(600)
    const asked = taskNames.filter((task) => config.multimodal.tasks[task] > 0)
    return {
      checks: asked.flatMap((task) =>
        (['training', 'heldOut'] as const).map((side) => {
          const count = TASK_COUNTS[task][side]
          return { task, side, count, looked: Math.min(count, input.most), problems: problemsOf(task, side) }
        }),
      ),
      skipped: [
        {
          reason: 'its picture is missing',
          count: 3,
          first: ['instruct.json: entry 17', 'instruct.json: entry 102', 'instruct.json: entry 340'],
        },
      ],
    }
  }),
}

const problemsOf = (task: TaskName, side: 'training' | 'heldOut') =>
  task === 'decompression' && side === 'training'
    ? [
        {
          problem: 'is longer than the context of 128 positions',
          count: 12,
          first: ['built in: decompression 5', 'built in: decompression 31', 'built in: decompression 77'],
        },
      ]
    : []
