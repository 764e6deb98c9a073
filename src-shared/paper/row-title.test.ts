import { expect, it } from 'vitest'
import type { PaperColumnView, PaperRowView } from '../contract/paper.ts'
import { rowTitle } from './row-title.ts'

it('tells rows of one name apart by what the paper prints of their size', () => {
  const columns = [{ fact: true }, { fact: false }, { fact: true }] as PaperColumnView[]
  const row = (name: string, ...published: (string | null)[]) =>
    ({ name, cells: published.map((text) => ({ published: text })) }) as PaperRowView
  const rows = [
    row('VQ-GAN', '64', '17.95', '16384'),
    row('VQ-GAN', '256', '4.9', null),
    row('RQ-VAE', '64', '6.82', '1'),
  ]
  const table = { rows, columns }
  expect([0, 1, 2, 3].map((at) => rowTitle(table, at))).toEqual(['VQ-GAN (64, 16384)', 'VQ-GAN (256)', 'RQ-VAE', ''])
  const alike = { rows: [row('a', null, '1', null), row('a', null, '2', null)], columns }
  expect(rowTitle(alike, 0)).toBe('a')
})
