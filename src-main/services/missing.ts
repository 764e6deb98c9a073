import { existsSync } from 'node:fs'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { Missing } from '../../src-shared/contract/plan.ts'
import { pretrainedEncoder } from '../../src-shared/multimodal.ts'
import type { SimpleSource } from '../../src-shared/picture-source.ts'
import { installedSmolLm2 } from '../language/smollm2.ts'

/** What a config names and this machine does not have, by looking whether it is there; nothing is opened. */
export function missingOf(config: ExperimentConfig, home: string): Missing[] {
  return [...missingPictures(config), ...missingModel(config, home), ...missingTexts(config), ...missingWeights(config)]
}

/** Paths of a picture source with their settings. */
function pathsOf(source: SimpleSource, at: string): [path: string, setting: string][] {
  if (source.kind === 'emoji') return []
  const paths: [string, string][] = [[source.path, `${at}.path`]]
  if ('pictures' in source) paths.push([source.pictures, `${at}.pictures`])
  if ('labels' in source && source.labels !== '') paths.push([source.labels, `${at}.labels`])
  return paths
}

function missingPictures({ data }: ExperimentConfig): Missing[] {
  const { source } = data
  const paths =
    source.kind === 'mixture'
      ? source.parts.flatMap((part, index) => pathsOf(part.source, `data.source.parts.${index}.source`))
      : pathsOf(source, 'data.source')
  return paths
    .filter(([path]) => !existsSync(path))
    .map(([path, setting]) => ({
      path: setting,
      what: 'pictures',
      message: `There is nothing at "${path}": the number of pictures is not known.`,
      remedy: `Set ${setting} to where the data set is, or state how many pictures it has.`,
    }))
}

function missingModel({ language }: ExperimentConfig, home: string): Missing[] {
  if (language.model === 'smollm2' && !isSmolLm2Here(home))
    return [
      {
        path: 'language.model',
        what: 'language model',
        message: 'SmolLM2-135M-Instruct is not installed.',
        remedy: 'Press "Install SmolLM2" under Data and models, or run "npm run setup:llm".',
      },
    ]
  if (language.model !== 'path' || existsSync(language.path)) return []
  return [
    {
      path: 'language.path',
      what: 'language model',
      message: `There is no language model at "${language.path}": its sizes are taken from the config.`,
      remedy: 'Set language.path to a Hugging Face folder or a GGUF file.',
    },
  ]
}

function isSmolLm2Here(home: string): boolean {
  try {
    return installedSmolLm2(home) !== null
  } catch {
    // The variable names a file that is not there, which the run will say.
    return false
  }
}

function missingTexts({ language, multimodal }: ExperimentConfig): Missing[] {
  const asksFile = multimodal.steps > 0 && multimodal.tasks.dialogue > 0
  const dialogues = (asksFile ? (['dialoguesPath', 'picturesPath'] as const) : [])
    .filter((key) => !existsSync(multimodal[key]))
    .map(
      (key): Missing => ({
        path: `multimodal.${key}`,
        what: key === 'dialoguesPath' ? 'texts' : 'pictures',
        message: `There is nothing at "${multimodal[key]}", where ${key === 'dialoguesPath' ? 'dialogues are' : 'their pictures are'} wanted.`,
        remedy: `Set multimodal.${key} to where they are.`,
      }),
    )
  if (language.texts === 'pictures' || existsSync(language.textsPath)) return dialogues
  return [
    ...dialogues,
    {
      path: 'language.textsPath',
      what: 'texts',
      message: `There is no file "${language.textsPath}" of instruction texts.`,
      remedy: 'Set language.textsPath to where it is.',
    },
  ]
}

function missingWeights({ tokenizer, losses, multimodal }: ExperimentConfig): Missing[] {
  const { perceptual } = losses
  const wanted: [path: string, setting: string, words: string][] = []
  if (tokenizer.encoder === 'vit' && tokenizer.vit.weights !== '')
    wanted.push([tokenizer.vit.weights, 'tokenizer.vit.weights', 'weights of a vision transformer'])
  if (perceptual.network === 'lpips-vgg16')
    wanted.push([perceptual.path, 'losses.perceptual.path', 'VGG16 and LPIPS weights'])
  const encoder = pretrainedEncoder(multimodal)
  if (multimodal.steps > 0 && encoder)
    wanted.push([encoder.path, 'multimodal.encoder.path', 'weights of a pretrained encoder'])
  return wanted
    .filter(([path]) => !existsSync(path))
    .map(([path, setting, words]) => ({
      path: setting,
      what: 'weights',
      message: `There are no ${words} at "${path}".`,
      remedy: `Set ${setting} to where they are.`,
    }))
}
