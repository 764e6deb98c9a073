import { tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { drift } from '../../codebook/rules.ts'
import { compile } from '../../engine/compile.ts'
import { type Parameters, parameter } from '../../engine/parameters.ts'
import { type LazyProgram, lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import type { Program, Runtime, State } from '../../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import type { UpdateInputs } from '../optimizer.ts'
import { comparisonTable, drawSpecs, learns, sync, updatesFromFeatures } from './codebook-update.ts'
import { DISCRIMINATOR_INPUTS, hasDiscriminator } from './discriminator-step.ts'
import type { LanguageSide } from './language-side.ts'
import { languageLoss, languageStep } from './language-step.ts'
import type { StageOneNetworks } from './networks.ts'
import { CODES, LANGUAGE_TABLE, learnedVisual } from './state.ts'
import { reconstruct, tokenizerStep } from './tokenizer-step.ts'

/** The compiled parts of Stage I, all over one state. */
export interface StageOnePrograms {
  /** One update of encoder, decoder and codebook. Inputs: images, UpdateInputs, useFeatures, rows, plus, minus. */
  tokenizerStep: LazyProgram
  /** The same, and one update of the discriminator; null without one. Inputs: those, and DISCRIMINATOR_INPUTS. */
  adversarialStep: LazyProgram | null
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
  products: Program
}

/** Vectors that `products` takes at once. */
export const PRODUCTS_AT_ONCE = 64

const UPDATE_SPECS: Record<keyof UpdateInputs, Spec> = {
  learningRate: { shape: [] },
  correction1: { shape: [] },
  correction2: { shape: [] },
}

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
  const table = config.codebook.paradigm === 'dual' ? [LANGUAGE_TABLE] : []
  const draws: Record<string, Spec> = config.codebook.restart > 0 && learns(config) ? drawSpecs(codes) : {}
  const visualInputs: Record<string, Spec> = {
    ...images,
    ...UPDATE_SPECS,
    ...(updatesFromFeatures(config) ? { useFeatures: { shape: [] } } : {}),
    ...draws,
  }
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
    sync: await load('sync', { plane: { shape: [width, 2] } }, [CODES, LANGUAGE_TABLE], (tensors) =>
      sync(config, tensors),
    ),
    reconstruct: await load('reconstruct', images, [...visual, CODES], (tensors) =>
      reconstruct(config, tensors, networks.heldOut),
    ),
    languageLoss: await load('language loss', text, linguistic, (tensors) => languageLoss(shape, tensors)),
    drift: await load('drift', {}, [CODES, LANGUAGE_TABLE], (tensors) => ({
      ...drift(parameter(tensors, CODES), comparisonTable(config, tensors)),
    })),
    products: await load(
      'products',
      { queries: { shape: [PRODUCTS_AT_ONCE, language] } },
      [LANGUAGE_TABLE],
      ({ queries, [LANGUAGE_TABLE]: table }) => ({
        products: tf.matMul(queries as tf.Tensor2D, table as tf.Tensor2D, false, true),
      }),
    ),
  }
}

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

/** Vectors quantized in one step. */
export const vectorsPerStep = (config: ExperimentConfig): number => config.training.batchSize * tokensPerPicture(config)
