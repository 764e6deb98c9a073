import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { contrast, diverging, hexToRgb, type Rgb, RUN_COLOUR_COUNT, runColour } from '../src-renderer/colours.ts'

/** Contrast of what the window draws with what it draws on, from the values that styles.css has (WCAG 2.2, AA). */
const styles = readFileSync(new URL('../src-renderer/styles.css', import.meta.url), 'utf8')
const schemes = ['light', 'dark'] as const

function token(name: string, scheme: (typeof schemes)[number]): Rgb {
  const block = styles.split(scheme === 'light' ? ':root {' : '[data-theme="dark"] {')[1]?.split('}')[0] ?? ''
  const value = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1]
  if (!value) throw new Error(`styles.css has no colour --${name} in the ${scheme} theme`)
  return hexToRgb(value)
}

const grounds = ['ground', 'surface', 'raised', 'sunken', 'hover']
const pairs: [text: string, ground: string][] = [
  ...['text', 'muted', 'faint'].flatMap((text) => grounds.map((ground): [string, string] => [text, ground])),
  ...['accent', 'ok', 'warn', 'danger'].flatMap((text) =>
    ['surface', 'raised', 'ground', `${text}-soft`].map((ground): [string, string] => [text, ground]),
  ),
  ['text', 'accent-soft'],
  ['muted', 'accent-soft'],
  ['faint', 'accent-soft'],
  ['ok', 'accent-soft'],
  ['warn', 'accent-soft'],
  ['danger', 'accent-soft'],
  ['on-accent', 'accent'],
]

it.each(schemes)('text has a contrast of 4.5 with what it stands on in the %s theme', (scheme) => {
  for (const [text, ground] of pairs)
    expect(contrast(token(text, scheme), token(ground, scheme)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
})

it.each(schemes)('run colours have a contrast of 3 with the surface of the %s theme', (scheme) => {
  for (let index = 0; index < RUN_COLOUR_COUNT; index++)
    expect(
      contrast(hexToRgb(runColour(index, scheme)), token('surface', scheme)),
      `run ${index}`,
    ).toBeGreaterThanOrEqual(3)
})

it.each(schemes)('the zero of the diverging scale shows on the surface of the %s theme', (scheme) => {
  expect(contrast(diverging(0), token('surface', scheme))).toBeGreaterThan(1.5)
})
