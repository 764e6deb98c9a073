/** A pace that a person states, for machines that are not here; of one device. */
export type Throughput = { unit: 'images/s'; value: number } | { unit: 'TFLOP/s'; value: number; utilisation: number }

/**
 * Hours of training at a stated pace, evaluations and data left out.
 * images/s: steps · batch / (pace · devices). TFLOP/s: steps · operations / (peak · utilisation · devices).
 * @param operations of one step over the whole batch
 */
export function hoursAt(
  throughput: Throughput,
  { steps, batchSize, operations }: { steps: number; batchSize: number; operations: number },
  devices: number,
): number {
  const seconds =
    throughput.unit === 'images/s'
      ? (steps * batchSize) / throughput.value
      : (steps * operations) / (throughput.value * 1e12 * throughput.utilisation)
  return seconds / devices / 3600
}
