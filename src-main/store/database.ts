import { existsSync, renameSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { migrations } from './migrations.ts'

export interface Database {
  /** Typed queries. */
  orm: BetterSQLite3Database
  /** The connection itself, for the few statements that are plain SQL. */
  sqlite: SQLite.Database
  path: string
  close(): void
}

export interface DatabaseOptions {
  /** Told of statements slower than `slowQueryMs`. */
  onSlowQuery?: (milliseconds: number, sql: string) => void
  slowQueryMs?: number
}

/** Marks our files (PRAGMA application_id): "UCWB". */
const APPLICATION_ID = 0x55435742

export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/**
 * Opens the database of a home, or makes it, and brings it up to date.
 * @throws DatabaseError naming the file, what was found in it and the remedy; the file stays as it was
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const remedy = 'Move the file away and start again: the runs are read back from their directories.'
  let sqlite: SQLite.Database | undefined
  try {
    sqlite = new SQLite(path)
    checkOwner(sqlite, path, remedy)
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('busy_timeout = 5000')
    const problem = sqlite.pragma('quick_check(1)', { simple: true })
    if (problem !== 'ok') throw new DatabaseError(`the database ${path} is damaged (${problem}). ${remedy}`)
    migrate(sqlite)
  } catch (cause) {
    sqlite?.close()
    if (cause instanceof DatabaseError) throw cause
    throw new DatabaseError(`the database ${path} cannot be used: ${(cause as Error).message}. ${remedy}`, { cause })
  }
  const opened = sqlite
  timeStatements(opened, options)
  return { orm: drizzle(opened), sqlite: opened, path, close: () => opened.close() }
}

function checkOwner(sqlite: SQLite.Database, path: string, remedy: string): void {
  const owner = sqlite.pragma('application_id', { simple: true })
  const version = Number(sqlite.pragma('user_version', { simple: true }))
  const tables = Number(sqlite.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (owner !== APPLICATION_ID && tables > 0)
    throw new DatabaseError(`the database ${path} belongs to another program (application id ${owner}). ${remedy}`)
  if (version > migrations.length)
    throw new DatabaseError(
      `the database ${path} has version ${version}, and this version of the app knows up to ${migrations.length}: a newer app made it. Use that one, or: ${remedy}`,
    )
}

function migrate(sqlite: SQLite.Database): void {
  sqlite
    .transaction(() => {
      const version = Number(sqlite.pragma('user_version', { simple: true }))
      for (const [index, sql] of migrations.entries()) if (index >= version) sqlite.exec(sql)
      sqlite.pragma(`user_version = ${migrations.length}`)
      sqlite.pragma(`application_id = ${APPLICATION_ID}`)
    })
    .exclusive()
}

/** Moves a database with its journal out of the way, under a name with the time. @returns the new path */
export function setDatabaseAside(path: string, now = new Date()): string {
  const aside = `${path}.set-aside-${now.toISOString().replaceAll(/[:.]/g, '-')}`
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  return aside
}

/** Wraps every statement made from here on with a clock. */
function timeStatements(sqlite: SQLite.Database, { onSlowQuery, slowQueryMs = 100 }: DatabaseOptions): void {
  if (!onSlowQuery) return
  const prepare = sqlite.prepare.bind(sqlite)
  const timed = (source: string): SQLite.Statement => {
    const statement = prepare(source)
    for (const method of ['run', 'get', 'all'] as const) {
      const original = statement[method].bind(statement) as (...values: unknown[]) => unknown
      const clocked = (...values: unknown[]): unknown => {
        const start = performance.now()
        const result = original(...values)
        const milliseconds = performance.now() - start
        if (milliseconds > slowQueryMs) onSlowQuery(milliseconds, source)
        return result
      }
      Object.defineProperty(statement, method, { value: clocked })
    }
    return statement
  }
  Object.defineProperty(sqlite, 'prepare', { value: timed })
}
