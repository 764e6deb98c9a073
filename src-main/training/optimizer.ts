import type { OptimizerConfig } from '../../src-shared/config.ts'
import { type Parameters, parameter } from '../engine/parameters.ts'
import { float32, type HostTensor } from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'

/** Names of the two moments of a parameter in the state. */
export const firstMoment = (name: string): string => `adam.m.${name}`
export const secondMoment = (name: string): string => `adam.v.${name}`

/** Moments of zero for each parameter. */
export function initialMoments(parameters: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  const moments: Record<string, HostTensor> = {}
  for (const [name, { data, shape }] of Object.entries(parameters)) {
    moments[firstMoment(name)] = float32(new Float32Array(data.length), shape)
    moments[secondMoment(name)] = float32(new Float32Array(data.length), shape)
  }
  return moments
}

/** Numbers of one update that change from step to step; they are inputs, so that one compiled step serves all. */
export interface UpdateInputs {
  learningRate: Tensor
  /** 1 − β₁ᵗ and 1 − β₂ᵗ */
  correction1: Tensor
  correction2: Tensor
}

export const UPDATE_SPECS: Record<keyof UpdateInputs, Spec> = {
  learningRate: { shape: [] },
  correction1: { shape: [] },
  correction2: { shape: [] },
}

/** The same numbers for update `count` (from 1) of `total`. */
export function updateInputs(
  config: OptimizerConfig,
  count: number,
  total: number,
): Record<keyof UpdateInputs, number> {
  return {
    learningRate: config.learningRate * scheduleFactor(config, count, total),
    correction1: 1 - config.beta1 ** count,
    correction2: 1 - config.beta2 ** count,
  }
}

/** Linear warm-up, then constant or cosine to zero. */
export function scheduleFactor({ warmupSteps, schedule }: OptimizerConfig, count: number, total: number): number {
  if (count <= warmupSteps) return count / warmupSteps
  if (schedule === 'constant') return 1
  const progress = (count - warmupSteps) / Math.max(1, total - warmupSteps)
  return 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)))
}

/** L2 norm over all gradients together. */
export function globalNorm(gradients: Readonly<Record<string, Tensor>>): tf.Scalar {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)))
  return tf.sqrt(tf.sum(tf.stack(squares))) as tf.Scalar
}

/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019) and clipping by global norm;
 * ε is added outside the square root of the bias-corrected second moment.
 * @param state holds parameters and their moments by name
 * @param decays which parameters the weight decay is for: matrices and kernels, not vectors, unless told
 * @returns what replaces them, by name; and the gradients' norm before clipping
 */
export function adamUpdate(
  state: Parameters,
  gradients: Readonly<Record<string, Tensor>>,
  config: OptimizerConfig,
  inputs: UpdateInputs,
  decays: (value: Tensor, name: string) => boolean = (value) => value.shape.length > 1,
): { next: Record<string, Tensor>; norm: tf.Scalar } {
  const norm = globalNorm(gradients)
  const clip = config.gradientClip > 0 ? tf.minimum(1, tf.div(config.gradientClip, tf.add(norm, 1e-6))) : null
  const stepSize = tf.div(inputs.learningRate, inputs.correction1)
  const scale = tf.sqrt(inputs.correction2)
  const next: Record<string, Tensor> = {}
  for (const [name, raw] of Object.entries(gradients)) {
    const gradient = clip ? tf.mul(raw, clip) : raw
    const value = parameter(state, name)
    const m = mix(parameter(state, firstMoment(name)), gradient, config.beta1)
    const v = mix(parameter(state, secondMoment(name)), tf.square(gradient), config.beta2)
    const update = tf.mul(stepSize, tf.div(m, tf.add(tf.div(tf.sqrt(v), scale), config.epsilon)))
    const kept =
      config.weightDecay > 0 && decays(value, name)
        ? tf.mul(value, tf.sub(1, tf.mul(inputs.learningRate, config.weightDecay)))
        : value
    next[name] = tf.sub(kept, update)
    next[firstMoment(name)] = m
    next[secondMoment(name)] = v
  }
  return { next, norm }
}

const mix = (old: Tensor, fresh: Tensor, beta: number): Tensor => tf.add(tf.mul(old, beta), tf.mul(fresh, 1 - beta))
