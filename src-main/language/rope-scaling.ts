/** How a model stretches its rotary frequencies to a longer context. */
export type RopeScaling =
  /** All frequencies divided by one factor (position interpolation, Chen et al. 2023). */
  | { kind: 'linear'; factor: number }
  /** Low frequencies divided, high ones kept, those between mixed (Llama 3.1). `context`: that before stretching, tokens. */
  | { kind: 'llama3'; factor: number; lowFrequencyFactor: number; highFrequencyFactor: number; context: number }
  /** Each frequency divided by a number of its own, [headWidth / 2], as GGUF files keep any of these. */
  | { kind: 'divisors'; divisors: readonly number[] }

/** Angle per position of each rotary pair, radians: θ^(−2i/d), stretched. @returns [headWidth / 2] */
export function rotaryFrequencies(headWidth: number, theta: number, scaling?: RopeScaling): number[] {
  return Array.from({ length: headWidth / 2 }, (_, pair) => {
    const frequency = theta ** ((-2 * pair) / headWidth)
    if (!scaling) return frequency
    if (scaling.kind === 'linear') return frequency / scaling.factor
    if (scaling.kind === 'divisors') return frequency / (scaling.divisors[pair] as number)
    const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, context } = scaling
    /** Turns that the pair makes within the original context. */
    const turns = (context * frequency) / (2 * Math.PI)
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)))
    return (1 - kept) * (frequency / factor) + kept * frequency
  })
}
