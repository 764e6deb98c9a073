import { asc, eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type ImportedRow, importedResults } from './tables.ts'

export interface ImportedResultsStore {
  /** @returns its id */
  insert(result: Omit<ImportedRow, 'id'>): number
  /** Of one table of the paper, oldest first. */
  ofTable(table: number): ImportedRow[]
  /** @returns whether it was there */
  remove(id: number): boolean
}

export const createImportedResultsStore = ({ orm }: Database): ImportedResultsStore => ({
  insert: (result) => Number(orm.insert(importedResults).values(result).run().lastInsertRowid),
  ofTable: (table) =>
    orm.select().from(importedResults).where(eq(importedResults.table, table)).orderBy(asc(importedResults.id)).all(),
  remove: (id) => orm.delete(importedResults).where(eq(importedResults.id, id)).run().changes > 0,
})
