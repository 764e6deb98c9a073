import type { Command } from 'commander'
import type { Machine } from '../../src-shared/contract/plan.ts'
import { readPace, type StatedPace, USUAL_UTILISATION } from '../../src-shared/stated-pace.ts'
import { UsageError } from './errors.ts'

/** Options that describe a machine which is not here. */
export interface MachineOptions {
  throughput?: string
  utilisation?: string
  devices?: string
  deviceMemory?: string
  pictures?: string
}

export function addMachineOptions(command: Command): void {
  command
    .option('--throughput <pace>', 'pace of one device elsewhere: "250 TFLOP/s" (peak) or "400 images/s"')
    .option('--utilisation <share>', 'share of the peak that training reaches, above 0 and at most 1 (0.4)')
    .option('--devices <n>', 'devices elsewhere (1)')
    .option('--device-memory <GB>', 'memory of one device elsewhere, 10⁹ bytes')
    .option('--pictures <n>', 'pictures of the data set where it is not here')
}

/** @throws UsageError naming the option that cannot be read */
export function machineOf(options: MachineOptions): Machine | null {
  const { throughput, utilisation, devices, deviceMemory } = options
  if (utilisation !== undefined && !throughput?.includes('TFLOP'))
    throw new UsageError('--utilisation is a share of the peak in --throughput "… TFLOP/s"')
  if (throughput === undefined && devices === undefined && deviceMemory === undefined) return null
  return {
    devices: devices === undefined ? 1 : whole('--devices', devices),
    deviceMemory: deviceMemory === undefined ? null : positive('--device-memory', deviceMemory),
    throughput: throughput === undefined ? null : paceOf(throughput, utilisation),
  }
}

export const picturesOf = ({ pictures }: MachineOptions): number | null =>
  pictures === undefined ? null : whole('--pictures', pictures)

function paceOf(text: string, utilisation: string | undefined): StatedPace {
  const share = utilisation === undefined ? USUAL_UTILISATION : positive('--utilisation', utilisation)
  if (share > 1) throw new UsageError(`--utilisation ${share}: a share is at most 1`)
  const pace = readPace(text, share)
  if (pace === null)
    throw new UsageError(`--throughput ${text}: wanted a number and its unit, such as "250 TFLOP/s" or "400 images/s"`)
  return pace
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`${option} ${text}: wanted a number above 0`)
  return value
}

function whole(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${option} ${text}: wanted a whole number from 1`)
  return value
}
