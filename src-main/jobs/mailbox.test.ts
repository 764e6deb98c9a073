import { expect, it } from 'vitest'
import { createMailbox } from './mailbox.ts'

it('gives what was put before and while it is read, in order, until it is ended', async () => {
  const box = createMailbox<number>()
  box.put(1)
  const read: number[] = []
  const reading = (async () => {
    for await (const value of box.values()) {
      read.push(value)
      // What comes while a value is looked at is not lost.
      if (value === 1) box.put(2)
    }
  })()
  await Promise.resolve()
  setTimeout(() => {
    box.put(3)
    box.end()
  }, 1)
  await reading
  expect(read).toEqual([1, 2, 3])
})

it('throws the first error once all is read', async () => {
  const box = createMailbox<string>()
  box.put('last words')
  box.end(new Error('gone'))
  box.end(new Error('later'))
  const values = box.values()
  expect((await values.next()).value).toBe('last words')
  await expect(values.next()).rejects.toThrow('gone')
})
