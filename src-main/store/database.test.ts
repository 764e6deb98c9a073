import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { DatabaseError, openDatabase, setDatabaseAside } from './database.ts'
import { migrations } from './migrations.ts'

const newPath = () => join(temporaryFolder(), 'workbench.sqlite')

function messageOf(path: string): string {
  try {
    openDatabase(path).close()
  } catch (error) {
    expect(error).toBeInstanceOf(DatabaseError)
    return (error as Error).message
  }
  throw new Error('the database was opened')
}

it('makes a database, and opens it again with what it held', () => {
  const path = newPath()
  const first = openDatabase(path)
  first.sqlite.exec("INSERT INTO settings VALUES ('theme', '\"dark\"')")
  expect(first.sqlite.pragma('journal_mode', { simple: true })).toBe('wal')
  first.close()
  const second = openDatabase(path)
  expect(second.sqlite.prepare('SELECT value FROM settings').pluck().get()).toBe('"dark"')
  expect(second.sqlite.pragma('user_version', { simple: true })).toBe(migrations.length)
  second.close()
})

it('names a file that is no database, keeps it as it was, and opens a new one once it is set aside', () => {
  const path = newPath()
  const garbage = 'this is not a database '.repeat(300)
  writeFileSync(path, garbage)
  expect(messageOf(path)).toMatch(/workbench\.sqlite cannot be used: .*not a database.*Move the file away/)
  expect(readFileSync(path, 'utf8')).toBe(garbage)
  const aside = setDatabaseAside(path)
  expect(readFileSync(aside, 'utf8')).toBe(garbage)
  openDatabase(path).close()
})

it('notices pages that were overwritten', () => {
  const path = newPath()
  const database = openDatabase(path)
  const put = database.sqlite.prepare('INSERT INTO settings VALUES (?, ?)')
  for (let i = 0; i < 2000; i++) put.run(`key ${i}`, JSON.stringify('v'.repeat(50)))
  database.close()
  const bytes = readFileSync(path)
  bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8192)
  writeFileSync(path, bytes)
  expect(messageOf(path)).toMatch(/Move the file away/)
})

it('refuses a database of a newer app and one of another program', () => {
  const newer = newPath()
  const database = openDatabase(newer)
  database.sqlite.pragma('user_version = 99')
  database.close()
  expect(messageOf(newer)).toMatch(/has version 99.*a newer app made it/)
  const foreign = newPath()
  const other = new SQLite(foreign)
  other.exec('CREATE TABLE recipes (name TEXT)')
  other.close()
  expect(messageOf(foreign)).toMatch(/belongs to another program/)
})

it('tells of slow statements', () => {
  const slow: string[] = []
  const database = openDatabase(newPath(), { slowQueryMs: 0, onSlowQuery: (_, sql) => slow.push(sql) })
  database.sqlite.prepare('SELECT count(*) FROM runs').get()
  expect(slow).toContain('SELECT count(*) FROM runs')
  database.close()
})
