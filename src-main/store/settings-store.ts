import { eq, like } from 'drizzle-orm'
import type { Database } from './database.ts'
import { settings } from './tables.ts'

/** JSON values by key. Keys of the window and keys of the app are kept apart by their prefix. */
export interface SettingsStore {
  get(key: string): unknown
  /** null forgets the key. */
  put(key: string, value: unknown): void
  /** All with a prefix, by the rest of their key. */
  withPrefix(prefix: string): Record<string, unknown>
}

export function createSettingsStore({ orm }: Database): SettingsStore {
  return {
    get: (key) => orm.select().from(settings).where(eq(settings.key, key)).get()?.value,
    put(key, value) {
      if (value === null || value === undefined) return void orm.delete(settings).where(eq(settings.key, key)).run()
      orm.insert(settings).values({ key, value }).onConflictDoUpdate({ target: settings.key, set: { value } }).run()
    },
    withPrefix: (prefix) =>
      Object.fromEntries(
        orm
          .select()
          .from(settings)
          .where(like(settings.key, `${prefix}%`))
          .all()
          .map(({ key, value }) => [key.slice(prefix.length), value]),
      ),
  }
}
