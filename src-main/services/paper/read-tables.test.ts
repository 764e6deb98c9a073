import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { experimentOf } from '../../../src-shared/paper/experiments.ts'
import { familyKey, rowOf } from '../../../src-shared/paper/families.ts'
import { printedNumber, runSizes } from '../../../src-shared/paper/tables.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { referenceFolder } from '../../../test/parity/reference.ts'
import { readPresets } from '../presets.ts'
import { resourcesFolder } from '../resources.ts'
import { readPaper } from './read-tables.ts'

const { tables, measures } = readPaper()
const presets = readPresets()
const published = join(referenceFolder, '..', 'paper', 'tables.json')

describe('the paper’s tables', () => {
  it('are eleven, in their order, each with a sentence that says what it is about', () => {
    expect(tables.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    for (const { sentence } of tables) expect(sentence).toMatch(/^[A-Z].{40,}\.$/)
    expect(Object.keys(measures).length).toBeGreaterThan(5)
  })

  it.skipIf(!existsSync(published))('have the published figures and no others', () => {
    const source = JSON.parse(readFileSync(published, 'utf8')) as {
      tables: {
        title: string
        columns: { key: string; better?: string }[]
        rows: { name: string; values: unknown[] }[]
      }[]
    }
    for (const [index, { title, columns, rows }] of source.tables.entries()) {
      const table = tables[index]
      expect(table?.title).toBe(title)
      const own = table?.columns.filter((column) => !column.own)
      expect(own?.map(({ key, better }) => ({ key, ...(better ? { better } : {}) }))).toEqual(columns)
      expect(table?.rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name))
      for (const [at, { values }] of rows.entries())
        expect(
          table?.rows[at]?.values.map((value, column) => (typeof values[column] === 'number' ? Number(value) : value)),
        ).toEqual(values)
    }
  })

  // Every row × size is a config that can be, and it is found again as a run of that row and of no other.
  for (const table of tables)
    for (const size of runSizes)
      it(`table ${table.id}: its rows can be trained in ${size === 'paper' ? 'the paper’s size' : size}, and stand in one table`, () => {
        const configs = table.rows.map((_, row) => experimentOf(table, row, size, presets))
        for (const [row, config] of configs.entries())
          if (config) expect([table.rows[row]?.name, rowOf(table, config)]).toEqual([table.rows[row]?.name, row])
        const families = new Set(configs.flatMap((config) => (config ? [familyKey(table, config)] : [])))
        // The paper takes other pictures, and sizes, for single rows of its tables.
        if (size !== 'paper') expect(families.size).toBe(1)
      })

  it('name the file that is no table, and what is wrong', () => {
    const folder = join(temporaryFolder(), 'paper')
    mkdirSync(folder)
    const shipped = join(resourcesFolder(), 'paper')
    for (const name of readdirSync(shipped)) copyFileSync(join(shipped, name), join(folder, name))
    const path = join(folder, 'table-04.json')
    const table = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(
      path,
      JSON.stringify({ ...table, columns: [{ key: 'VQAv2', measure: 'nothing' }, ...table.columns.slice(1)] }),
    )
    expect(() => readPaper(folder)).toThrow(/table-04\.json.*the measure "nothing"/)
    table.rows[0].values.pop()
    writeFileSync(path, JSON.stringify(table))
    expect(() => readPaper(folder)).toThrow(
      /row \\"frozen\\" has 7 values for 8 columns|row "frozen" has 7 values for 8 columns/,
    )
  })
})

it('reads a printed figure as a number where it is one', () => {
  expect(['53.1', '≈31', '4.90', '2.8B', '1:64', null, '-'].map(printedNumber)).toEqual([
    53.1,
    31,
    4.9,
    null,
    null,
    null,
    null,
  ])
})
