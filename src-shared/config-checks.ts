import type { z } from 'zod'
import { codeMapSides, codeWidth, downsampling } from './code-maps.ts'
import type { ExperimentConfig } from './config.ts'
import { checkMultimodal } from './multimodal-checks.ts'

type Fail = (path: string, message: string) => void

/** What no single setting can see: how the settings of a config go together. */
export function checkConfig(config: ExperimentConfig, context: z.core.$RefinementCtx<ExperimentConfig>): void {
  const fail: Fail = (path, message) => context.addIssue({ code: 'custom', path: path.split('.'), message })
  for (const check of [
    checkEngine,
    checkData,
    checkTokenizer,
    checkCodeMaps,
    checkLanguage,
    checkCodebook,
    checkLosses,
    checkMultimodal,
  ])
    check(config, fail)
  if (config.training.checkpointEvery > config.training.steps * 1000)
    fail(
      'training.checkpointEvery',
      `${config.training.checkpointEvery} is beyond any reach of ${config.training.steps} steps`,
    )
}

function checkData({ data }: ExperimentConfig, fail: Fail): void {
  if (data.reading === 'cache' && (data.crop === 'taming' || data.crop === 'random-resized'))
    fail(
      'data.reading',
      `a cache keeps one square of each picture, and crop "${data.crop}" takes another each time; set "stream", or crop "cover"`,
    )
}

function checkEngine({ engine }: ExperimentConfig, fail: Fail): void {
  if (engine.runtime === 'tensorflow' && !['auto', 'cpu', 'cuda'].includes(engine.provider))
    fail('engine.provider', `"${engine.provider}" belongs to the runtime "onnx"; tensorflow has auto, cpu and cuda`)
}

/** Layers that each kind of tokenizer may have. */
const LAYERS: Partial<Record<ExperimentConfig['tokenizer']['kind'], { most: number; least: number; words: string }>> = {
  vq: { least: 1, most: 1, words: 'a vq tokenizer has 1 layer' },
  hq: { least: 2, most: 3, words: 'an hq tokenizer has 2 or 3 levels' },
  vqvae2: { least: 2, most: 3, words: 'a vqvae2 tokenizer has 2 or 3 levels' },
}

function checkTokenizer({ tokenizer, data }: ExperimentConfig, fail: Fail): void {
  for (const [index, count] of tokenizer.channels.entries())
    if (count % tokenizer.groups !== 0)
      fail(
        `tokenizer.channels.${index}`,
        `${count} channels are not divisible by tokenizer.groups = ${tokenizer.groups}; the nearest that is: ${Math.max(1, Math.round(count / tokenizer.groups)) * tokenizer.groups}`,
      )
  const layers = LAYERS[tokenizer.kind]
  if (layers && (tokenizer.layers < layers.least || tokenizer.layers > layers.most))
    fail('tokenizer.layers', `${layers.words}, not ${tokenizer.layers}`)
  if (tokenizer.encoder !== 'vit') return
  const { patch, width, heads, form, weights, trains } = tokenizer.vit
  if (data.resolution % patch !== 0)
    fail('tokenizer.vit.patch', `pictures of ${data.resolution} px are not divisible into patches of ${patch}`)
  if (2 ** (tokenizer.channels.length - 1) !== patch)
    fail(
      'tokenizer.channels',
      `the decoder's ${tokenizer.channels.length} resolutions enlarge a map ${2 ** (tokenizer.channels.length - 1)} times, but a patch is ${patch} px; use ${Math.log2(patch) + 1} entries`,
    )
  if (width % heads !== 0) fail('tokenizer.vit.heads', `width ${width} is not divisible by ${heads} heads`)
  if (form === 'plain' && weights !== '')
    fail('tokenizer.vit.form', 'a plain transformer has no pretrained weights; use "vit" or "clip"')
  if (weights === '' && !trains)
    fail('tokenizer.vit.trains', 'is false, but no weights are given: an encoder would stay as chance made it')
}

function checkCodeMaps(config: ExperimentConfig, fail: Fail): void {
  const { tokenizer, data } = config
  const finest = data.resolution / downsampling(tokenizer)
  const coarsest = codeMapSides(config)[0] as number
  if (finest < 2 || coarsest < 1 || !Number.isInteger(coarsest))
    fail(
      'tokenizer.channels',
      `${tokenizer.channels.length} resolutions leave a code map of side ${finest} at ${data.resolution} px, too small for ${tokenizer.layers} ${tokenizer.layers === 1 ? 'layer' : 'layers'} of ${tokenizer.kind}; use at most ${Math.log2(data.resolution)} entries, or fewer levels`,
    )
  if (tokenizer.kind !== 'hq' || tokenizer.resampling !== 'shuffle') return
  const width = codeWidth(config)
  const share = 4 ** (tokenizer.layers - 1)
  if (width % share !== 0)
    fail(
      config.codebook.width > 0 && config.codebook.paradigm === 'independent' ? 'codebook.width' : 'language.width',
      `${width} is not divisible by ${share}, which hq needs for its pixel shuffle; the nearest that is: ${Math.max(1, Math.round(width / share)) * share}`,
    )
}

function checkLanguage({ language }: ExperimentConfig, fail: Fail): void {
  if (language.width % language.heads !== 0)
    fail('language.heads', `width ${language.width} is not divisible by ${language.heads} heads`)
  else if ((language.width / language.heads) % 2 !== 0)
    fail(
      'language.heads',
      `heads of width ${language.width / language.heads} are odd; rotary embedding needs an even width`,
    )
  if (language.heads % language.keyValueHeads !== 0)
    fail(
      'language.keyValueHeads',
      `${language.heads} heads are not divisible by ${language.keyValueHeads} key-value heads`,
    )
  if (language.model === 'words') {
    if (language.vocabulary !== 0)
      fail('language.vocabulary', `${language.vocabulary}: under "words" the texts decide the vocabulary; set 0`)
    if (!language.tied) fail('language.tied', 'under "words" the embedding table is the output matrix too; set true')
    if (language.tuning === 'lora')
      fail('language.tuning', 'adapters are for a model that was trained before; use "full" under "words"')
  } else if (language.vocabulary < 2)
    fail('language.vocabulary', `${language.vocabulary} is no vocabulary; set the number of tokens of the model`)
  if (language.lora.start !== '' && language.tuning !== 'lora')
    fail(
      'language.lora.start',
      `no adapter is used under language.tuning "${language.tuning}"; set "lora", or leave it empty`,
    )
  if (language.model === 'path' && language.path === '')
    fail('language.path', 'is empty; set it to a Hugging Face folder or a GGUF file')
  if (language.texts !== 'pictures' && language.textsPath === '')
    fail('language.textsPath', `is empty; set it to the ${language.texts} file`)
}

function checkCodebook({ codebook, language }: ExperimentConfig, fail: Fail): void {
  const { paradigm, size, rows } = codebook
  if (paradigm === 'independent') {
    if (size < 2) fail('codebook.size', 'an independent codebook needs a size, such as 1024')
    if (rows !== 'all') fail('codebook.rows', `an independent codebook has no language-model rows; set "all"`)
    if (codebook.rule === 'release') fail('codebook.rule', 'the release rule moves to a language model; set "paper"')
    return
  }
  if (rows === 'all' && size !== 0)
    fail(
      'codebook.size',
      `${size}: under "${paradigm}" the vocabulary decides the size; set 0, codebook.rows, or paradigm "independent"`,
    )
  if (rows !== 'all' && size < 2)
    fail('codebook.size', `codebook.rows "${rows}" chooses some of the vocabulary; set how many, such as 1024`)
  if (rows !== 'all' && language.vocabulary > 0 && size > language.vocabulary)
    fail('codebook.size', `${size} rows are more than the vocabulary's ${language.vocabulary}`)
  if (codebook.rule === 'release' && paradigm !== 'iterative')
    fail('codebook.rule', `the release rule is a way of paradigm "iterative", not of "${paradigm}"`)
  if (codebook.start !== 'gaussian')
    fail('codebook.start', `under "${paradigm}" the codebook starts from the language model's table; set "gaussian"`)
  if (codebook.width !== 0)
    fail('codebook.width', `${codebook.width}: under "${paradigm}" a code is as wide as the language model; set 0`)
  if (!codebook.shared)
    fail('codebook.shared', `under "${paradigm}" all layers share the language model's codebook; set true`)
}

/** Side of the discriminator's map of logits: halved by each layer, then twice one less. */
const discriminatorSide = (resolution: number, layers: number): number => Math.floor(resolution / 2 ** layers) - 2

function checkLosses({ losses, training, data }: ExperimentConfig, fail: Fail): void {
  const { perceptual, adversarial } = losses
  if (perceptual.network === 'lpips-vgg16' && perceptual.path === '')
    fail('losses.perceptual.path', 'is empty; set it to the VGG16 and LPIPS weights, or use "mobilenet-v2"')
  if (adversarial.stop !== 0 && adversarial.stop <= adversarial.start)
    fail(
      'losses.adversarial.stop',
      `step ${adversarial.stop} is not after the start at ${adversarial.start}; set 0 for never`,
    )
  if (adversarial.weight > 0 && discriminatorSide(data.resolution, adversarial.layers) < 1)
    fail(
      'losses.adversarial.layers',
      `a discriminator of ${adversarial.layers} layers leaves nothing of pictures of ${data.resolution} px; use at most ${Math.floor(Math.log2(data.resolution / 3))}`,
    )
  if (adversarial.weight > 0 && adversarial.start >= training.steps)
    fail(
      'losses.adversarial.start',
      `step ${adversarial.start} is not among the ${training.steps} steps; set weight 0 for none`,
    )
}
