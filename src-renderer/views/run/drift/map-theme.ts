import { hexToRgb, type Rgb } from '../../../colours.ts'

/** Colours of the map besides the codes', from the page's own: WebGL cannot read CSS. */
export function mapTheme(): { ground: Rgb; rowColour: Rgb; rowAlpha: number; lineColour: Rgb } {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => hexToRgb(style.getPropertyValue(name).trim())
  return { ground: colour('--surface'), rowColour: colour('--faint'), rowAlpha: 105, lineColour: colour('--accent') }
}
