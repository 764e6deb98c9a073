import { desc, eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type AblationRow, ablations, runs } from './tables.ts'

export interface AblationsStore {
  row(id: string): AblationRow | undefined
  /** Newest first. */
  rows(): AblationRow[]
  /** Forgets the ablation; its runs stay as runs of their own. */
  remove(id: string): void
}

export function createAblationsStore({ orm }: Database): AblationsStore {
  return {
    row: (id) => orm.select().from(ablations).where(eq(ablations.id, id)).get(),
    rows: () => orm.select().from(ablations).orderBy(desc(ablations.createdAt), desc(ablations.id)).all(),
    remove(id) {
      orm.transaction((transaction) => {
        transaction.update(runs).set({ ablationId: null }).where(eq(runs.ablationId, id)).run()
        transaction.delete(ablations).where(eq(ablations.id, id)).run()
      })
    },
  }
}
