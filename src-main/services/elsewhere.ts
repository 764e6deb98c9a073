import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { DeviceMemory, Machine, PreFlightElsewhere } from '../../src-shared/contract/plan.ts'
import { hoursAt } from '../training/estimate/hours.ts'
import { type Memory, memoryOf, sharded, totalOf } from '../training/estimate/memory.ts'
import { type RunEstimate, stepsAlike } from '../training/estimate.ts'

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
  const picturesPerDevice = Math.ceil(baseline.config.training.batchSize / devices)
  const hours = ({ config, estimate }: Planned): number | null => {
    const { batchSize } = config.training
    const steps = stepsAlike(config, estimate)
    return throughput && hoursAt(throughput, { steps, batchSize, operations: estimate.gflopPerStep * 1e9 }, devices)
  }
  const all = arms.map(hours).filter((value) => value !== null)
  return {
    devices,
    picturesPerDevice,
    hoursPerRun: hours(baseline),
    hours: throughput && seeds * all.reduce((sum, value) => sum + value, 0),
    replicated: deviceMemory(baseline, machine, picturesPerDevice, (memory) => memory),
    sharded: deviceMemory(baseline, machine, picturesPerDevice, (memory) => sharded(memory, devices)),
  }
}

export const memoryParts = (memory: Memory): { part: string; bytes: number }[] =>
  Object.entries(memory).map(([part, bytes]) => ({ part, bytes }))

function deviceMemory(
  { config, vocabulary, estimate }: Planned,
  { devices, deviceMemory: stated }: Machine,
  pictures: number,
  cut: (memory: Memory) => Memory,
): DeviceMemory {
  const texts = Math.ceil(config.language.batchSize / devices)
  const memoryFor = (count: number): Memory => cut(memoryOf(config, vocabulary, estimate.parts, count, texts))
  const memory = memoryFor(pictures)
  const bytes = totalOf(memory)
  if (stated === null) return { bytes, parts: memoryParts(memory), fits: null, picturesThatFit: null }
  const room = stated * 1e9
  return {
    bytes,
    parts: memoryParts(memory),
    fits: bytes <= room,
    picturesThatFit: mostThatFit((count) => totalOf(memoryFor(count)) <= room),
  }
}

/** The largest count that fits, where every smaller one does too; 0 if not even one. */
function mostThatFit(fits: (count: number) => boolean): number {
  if (!fits(1)) return 0
  let [low, high] = [1, 2]
  while (fits(high) && high < 2 ** 30) [low, high] = [high, 2 * high]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
