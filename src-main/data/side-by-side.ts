import { availableParallelism } from 'node:os'

/** Results in the order of the items, with a few in work at a time. */
export async function sideBySide<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T)
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker))
  return results
}
