import { codeMapSides, downsampling, tokensPerPicture } from './code-maps.ts'
import type { ExperimentConfig } from './config.ts'
import { pretrainedEncoder } from './multimodal.ts'

type Fail = (path: string, message: string) => void

/** What the settings of a second stage ask of one another; nothing where there is none. */
export function checkMultimodal(config: ExperimentConfig, fail: Fail): void {
  const { multimodal, codebook } = config
  if (multimodal.steps === 0) return
  if (multimodal.paradigm === 'unified' && codebook.paradigm === 'independent')
    fail(
      'multimodal.paradigm',
      'an independent codebook’s codes are no tokens of the language model; set "visual-tokenizer", or bind the codebook to the model by codebook.paradigm',
    )
  if (multimodal.template !== 'model' && config.language.model === 'words')
    fail(
      'multimodal.template',
      `"${multimodal.template}" is for a model that was trained before; use "model" under "words"`,
    )
  const encoder = pretrainedEncoder(multimodal)
  for (const size of ['width', 'patches'] as const)
    if (encoder && encoder[size] === 0)
      fail(`multimodal.encoder.${size}`, 'is 0; set it to what the network of multimodal.encoder.path gives')
  checkTuning(config, fail)
  const sides = checkResolution(config, fail)
  if (sides) checkLengths(config, sides, fail)
  if (multimodal.tasks.dialogue > 0 && multimodal.dialoguesPath === '')
    fail('multimodal.dialoguesPath', 'is empty; set it to a LLaVA json, or multimodal.tasks.dialogue to 0')
  if (Object.values(multimodal.tasks).every((weight) => weight === 0))
    fail('multimodal.tasks', 'every task has weight 0, so nothing would be learned; give one a weight')
}

function checkTuning({ multimodal, language }: ExperimentConfig, fail: Fail): void {
  if (language.model === 'words') {
    if (multimodal.tuning === 'lora')
      fail('multimodal.tuning', 'adapters are for a model that was trained before; use "full" under "words"')
    return
  }
  if (language.tuning !== 'frozen' && language.tuning !== multimodal.tuning)
    fail(
      'multimodal.tuning',
      `"${multimodal.tuning}" cannot go on from language.tuning "${language.tuning}"; set both alike, or language.tuning "frozen"`,
    )
}

/** Sides of the code maps of pictures as they are read; null if they cannot be. */
function checkResolution(config: ExperimentConfig, fail: Fail): number[] | null {
  const { multimodal, data, tokenizer } = config
  if (multimodal.resolution === 0 || multimodal.resolution === data.resolution) return codeMapSides(config)
  if (tokenizer.encoder === 'vit' || tokenizer.kind === 'spae') {
    fail(
      'multimodal.resolution',
      `${multimodal.resolution}: a ${tokenizer.kind === 'spae' ? 'pyramid' : 'vision transformer'} reads pictures of the side it was trained on, ${data.resolution}; set 0`,
    )
    return null
  }
  const reading = { tokenizer, data: { resolution: multimodal.resolution } }
  const coarsest = codeMapSides(reading)[0] as number
  if (Number.isInteger(coarsest) && coarsest >= 1) return codeMapSides(reading)
  const step =
    downsampling(tokenizer) * (tokenizer.kind === 'hq' || tokenizer.kind === 'vqvae2' ? 2 ** (tokenizer.layers - 1) : 1)
  fail(
    'multimodal.resolution',
    `${multimodal.resolution} px is not a whole number of cells; the nearest that is: ${Math.max(1, Math.round(multimodal.resolution / step)) * step}`,
  )
  return null
}

function checkLengths({ multimodal, tokenizer, data }: ExperimentConfig, sides: readonly number[], fail: Fail): void {
  const { context, tasks, paradigm, segments } = multimodal
  const encoder = pretrainedEncoder(multimodal)
  const cells = (sides[0] as number) ** 2
  const resolution = multimodal.resolution > 0 ? multimodal.resolution : data.resolution
  const codes = tokensPerPicture({ tokenizer, data: { resolution } })
  if (multimodal.tasks.decompression > 0 && cells % segments !== 0)
    fail('multimodal.segments', `${cells} cells are not divisible into ${segments} segments`)
  if (paradigm === 'visual-encoder') {
    if (encoder && encoder.patches >= context)
      fail(
        'multimodal.context',
        `${context} holds no picture of ${encoder.patches} patches with words; set it above that`,
      )
    return
  }
  const needs = Math.max(
    tasks.decompression > 0 ? cells + codes : 0,
    tasks.paint > 0 ? codes : 0,
    multimodal.input === 'flattened' ? codes : cells,
  )
  if (needs >= context)
    fail(
      'multimodal.context',
      `${context} positions do not hold a picture of ${needs} and words beside it; set at least ${needs + 32}, or take tasks out`,
    )
}
