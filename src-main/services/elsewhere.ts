import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { DeviceMemory, Machine, PreFlightElsewhere } from '../../src-shared/contract.ts'
import { hoursAt } from '../training/estimate/hours.ts'
import { type Memory, memoryOf, sharded, totalOf } from '../training/estimate/memory.ts'
import type { RunEstimate } from '../training/estimate.ts'

/** A run as far as other machines need to know it. */
export interface Planned {
  config: ExperimentConfig
  vocabulary: number
  estimate: RunEstimate
}

/** What the baseline and all runs take on devices that a person describes. @param arms one run of each */
export function elsewhereOf(
  machine: Machine,
  baseline: Planned,
  arms: readonly Planned[],
  seeds: number,
): PreFlightElsewhere {
  const { devices, throughput } = machine
  const { config, vocabulary, estimate } = baseline
  const picturesPerDevice = Math.ceil(config.training.batchSize / devices)
  const texts = Math.ceil(config.language.batchSize / devices)
  const memory = memoryOf(config, vocabulary, estimate.parts, picturesPerDevice, texts)
  const hours = ({ config: { training }, estimate: { gflopPerStep } }: Planned): number | null =>
    throughput && hoursAt(throughput, { ...training, operations: gflopPerStep * 1e9 }, devices)
  const all = arms.map(hours).filter((value) => value !== null)
  return {
    devices,
    picturesPerDevice,
    hoursPerRun: hours(baseline),
    hours: throughput && seeds * all.reduce((sum, value) => sum + value, 0),
    replicated: deviceMemory(memory, machine),
    sharded: deviceMemory(sharded(memory, devices), machine),
  }
}

export const memoryParts = (memory: Memory): { part: string; bytes: number }[] =>
  Object.entries(memory).map(([part, bytes]) => ({ part, bytes }))

function deviceMemory(memory: Memory, { deviceMemory: stated }: Machine): DeviceMemory {
  const bytes = totalOf(memory)
  return { bytes, parts: memoryParts(memory), fits: stated === null ? null : bytes <= stated * 1e9 }
}
