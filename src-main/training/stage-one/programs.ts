import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { drift } from '../../codebook/rules.ts'
import { compile } from '../../engine/compile.ts'
import { nearestCode } from '../../engine/operations/nearest-code.ts'
import { type Parameters, parameter } from '../../engine/parameters.ts'
import { type LazyProgram, lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import type { Program, Runtime, State } from '../../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import { UPDATE_SPECS } from '../optimizer.ts'
import {
  codebookInputs,
  comparisonTable,
  rampsToLanguage,
  restart,
  restartInputs,
  restarts,
  sync,
} from './codebook-update.ts'
import { DISCRIMINATOR_INPUTS, hasDiscriminator } from './discriminator-step.ts'
import type { LanguageSide } from './language-side.ts'
import { languageLoss, languageStep } from './language-step.ts'
import type { StageOneNetworks } from './networks.ts'
import { CODES, IDS, LANGUAGE_TABLE, learnedVisual, SCALE } from './state.ts'
import { quantizedFeatures, reconstruct, tokenizerStep } from './tokenizer-step.ts'

/** The compiled parts of Stage I, all over one state. */
export interface StageOnePrograms {
  /** One update of encoder, decoder and codebook. Inputs: images, UpdateInputs, codebookInputs. */
  tokenizerStep: LazyProgram
  /** The same, and one update of the discriminator; null without one. Inputs: those, and DISCRIMINATOR_INPUTS. */
  adversarialStep: LazyProgram | null
  /** Replaces dead codes; null if none ever are. Inputs: restartInputs. */
  restart: LazyProgram | null
  /** One update of the language model; null if nothing of it learns. Inputs: tokens, labels, UpdateInputs. */
  languageStep: Program | null
  /** Eq. 3, with the drift before and after. Inputs: plane. */
  sync: Program
  /** Inputs: images. Outputs: reconstruction, codes.<layer>; error, absolute and a distance per network, each [B]. */
  reconstruct: Program
  /** Inputs: tokens, labels. Outputs: loss, counted. */
  languageLoss: Program
  /** Per code: cosine, distance, norm, languageNorm. No inputs. */
  drift: Program
  /** Products of vectors with the language model's rows. Inputs: queries [PRODUCTS_AT_ONCE, n]. Outputs: products. */
  products: LazyProgram
  /** Vectors that are quantized; null unless a codebook begins with them. Inputs: images. Outputs: features.<layer>. */
  features: LazyProgram | null
  /** Nearest of all centres of a book, for k-means; null unless it is used. Inputs: vectors, centres. Outputs: nearest. */
  assign: LazyProgram | null
}

/** Vectors that `products` takes at once, and `assign`. */
export const PRODUCTS_AT_ONCE = 64
export const ASSIGNED_AT_ONCE = 1024

const startingWith = (names: string[], prefix: string): string[] => names.filter((name) => name.startsWith(prefix))
const select = (tensors: Parameters, names: readonly string[]): Record<string, Tensor> =>
  Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))

export async function compileStageOne(
  config: ExperimentConfig,
  runtime: Runtime,
  state: State,
  { shape, learns: learned }: Pick<LanguageSide, 'shape' | 'learns'>,
  networks: StageOneNetworks,
): Promise<StageOnePrograms> {
  const { resolution } = config.data
  const names = state.names()
  const images: Record<string, Spec> = { images: { shape: [config.training.batchSize, resolution, resolution, 3] } }
  const { batchSize, context } = config.language
  const text: Record<string, Spec> = {
    tokens: { shape: [batchSize, context], dtype: 'int32' },
    labels: { shape: [batchSize * context], dtype: 'int32' },
  }
  const visual = startingWith(names, 'tokenizer.')
  const linguistic = startingWith(names, 'language.')
  const moments = (prefix: string) =>
    names.filter((name) => name.startsWith(`adam.m.${prefix}`) || name.startsWith(`adam.v.${prefix}`))
  const codebook = startingWith(names, 'codebook.')
  const [codes, width] = state.typeOf(CODES).shape as [number, number]
  const language = state.typeOf(LANGUAGE_TABLE).shape[1] as number
  const load = (
    name: string,
    inputs: Record<string, Spec>,
    reads: string[],
    step: (tensors: Record<string, Tensor>) => Record<string, Tensor>,
  ) => compile(runtime, state, name, inputs, reads, step)
  const table = usesLanguageTable(config) ? [LANGUAGE_TABLE] : []
  /** What codes are compared with, and what that takes. */
  const compared = [CODES, LANGUAGE_TABLE, ...codebook.filter((name) => name === IDS || name === SCALE)]
  const clusters = config.codebook.start === 'kmeans'
  const visualInputs: Record<string, Spec> = { ...images, ...UPDATE_SPECS, ...codebookInputs(config) }
  const visualState = [...visual, ...moments('tokenizer.'), ...codebook, ...table]
  const judging = [...startingWith(names, 'discriminator.'), ...moments('discriminator.')]
  // Made when the first step wants them: a run may never come to one of the two, or leave it for good.
  const visualStep = (name: string, inputs: Record<string, Spec>, reads: string[], adversarial: boolean) =>
    lazyProgram(() =>
      load(name, inputs, reads, (tensors) =>
        tokenizerStep(config, learnedVisual(config, select(tensors, visual)), tensors, {
          adversarial,
          perceptual: networks.loss,
        }),
      ),
    )
  return {
    tokenizerStep: visualStep('tokenizer step', visualInputs, visualState, false),
    adversarialStep: hasDiscriminator(config)
      ? visualStep('adversarial step', { ...visualInputs, ...DISCRIMINATOR_INPUTS }, [...visualState, ...judging], true)
      : null,
    restart: restarts(config)
      ? lazyProgram(() =>
          load('restart', restartInputs(config, codes, width), [...codebook, ...table], (tensors) =>
            restart(config, tensors),
          ),
        )
      : null,
    languageStep:
      learned.length === 0
        ? null
        : await load(
            'language step',
            { ...text, ...UPDATE_SPECS },
            [...linguistic, ...moments('language.')],
            (tensors) =>
              languageStep(
                config,
                shape,
                select(
                  tensors,
                  learned.map((name) => `language.${name}`),
                ),
                tensors,
              ),
          ),
    sync: await load('sync', { plane: { shape: [width, 2] } }, compared, (tensors) => sync(config, tensors)),
    reconstruct: await load('reconstruct', images, [...visual, CODES], (tensors) =>
      reconstruct(config, tensors, networks.heldOut),
    ),
    languageLoss: await load('language loss', text, linguistic, (tensors) => languageLoss(shape, tensors)),
    drift: await load('drift', {}, compared, (tensors) => ({
      ...drift(parameter(tensors, CODES), comparisonTable(config, tensors)),
    })),
    products: lazyProgram(() =>
      load(
        'products',
        { queries: { shape: [PRODUCTS_AT_ONCE, language] } },
        [LANGUAGE_TABLE],
        ({ queries, [LANGUAGE_TABLE]: table }) => ({
          products: tf.matMul(queries as tf.Tensor2D, table as tf.Tensor2D, false, true),
        }),
      ),
    ),
    features:
      clusters || rampsToLanguage(config)
        ? lazyProgram(() =>
            load('features', images, [...visual, CODES], (tensors) => quantizedFeatures(config, tensors)),
          )
        : null,
    assign: clusters
      ? lazyProgram(() =>
          load('assign', assignInputs(config, codes, width), [], ({ vectors, centres }) => ({
            nearest: nearestCode(vectors as Tensor, centres as Tensor),
          })),
        )
      : null,
  }
}

/** Updates write to the language model's table under dual, and read it under the release's rule. */
const usesLanguageTable = (config: ExperimentConfig): boolean =>
  config.codebook.paradigm === 'dual' || rampsToLanguage(config)

const assignInputs = (config: ExperimentConfig, codes: number, width: number): Record<string, Spec> => ({
  vectors: { shape: [ASSIGNED_AT_ONCE, width] },
  centres: { shape: [config.codebook.shared ? codes : config.codebook.size, width] },
})

/** The tokenizer's step with or without a discriminator, compiled; the other one gives its memory back. */
export async function readyForStep(
  { tokenizerStep, adversarialStep }: StageOnePrograms,
  adversarial: boolean,
): Promise<Program> {
  const [wanted, other] =
    adversarial && adversarialStep ? [adversarialStep, tokenizerStep] : [tokenizerStep, adversarialStep]
  await other?.dispose()
  await wanted.prepare()
  return wanted
}
