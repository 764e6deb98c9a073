import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { type Measures, measuresSchema, type PaperTable, paperTableSchema } from '../../../src-shared/paper/tables.ts'
import { resourcesFolder } from '../resources.ts'

/** The paper as the workbench knows it. */
export interface Paper {
  tables: PaperTable[]
  measures: Measures
}

/**
 * The paper's tables that ship, in their order.
 * @throws Error naming the file that is not one, and what is wrong in it
 */
export function readPaper(folder = join(resourcesFolder(), 'paper')): Paper {
  const measures = checked(join(folder, 'measures.json'), (json) => {
    const read = measuresSchema.parse(json)
    for (const [name, { metrics }] of Object.entries(read))
      for (const metric of metrics)
        if (!metricDefinition(metric))
          throw new Error(`measure "${name}" names the metric "${metric}", which no run records`)
    return read
  })
  const tables = readdirSync(folder)
    .filter((name) => /^table-\d+\.json$/.test(name))
    .map((name) =>
      checked(join(folder, name), (json) => {
        const table = paperTableSchema.parse(json)
        for (const { key, measure } of table.columns)
          if (measure !== undefined && !measures[measure])
            throw new Error(
              `column "${key}" names the measure "${measure}"; there are ${Object.keys(measures).join(', ')}`,
            )
        return table
      }),
    )
    .sort((a, b) => a.id - b.id)
  return { tables, measures }
}

function checked<T>(path: string, parse: (json: unknown) => T): T {
  try {
    return parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new Error(`${path} is not a table of the paper: ${(cause as Error).message}`, { cause })
  }
}
