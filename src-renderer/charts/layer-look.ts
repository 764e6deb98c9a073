import { viridis } from '../colours.ts'

/** Up to three layers share the run's colour and differ by their dash; more go through viridis from coarse to fine. */
export function layerLook(colour: string, index: number, count: number): { colour: string; dash: number[] } {
  const dashes = [[], [5, 3], [1.5, 2.5]]
  if (count <= dashes.length) return { colour, dash: dashes[index] ?? [] }
  const [r, g, b] = viridis(0.1 + (0.75 * index) / (count - 1))
  const hex = [r, g, b].map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')
  return { colour: `#${hex}`, dash: [] }
}
