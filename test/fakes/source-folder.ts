import { beforeAll, beforeEach } from 'vitest'
import { plainPngs } from './picture-files.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A folder of its own for each test of a file, and eight pictures of one colour each to put there. */
export function sourceFolder(): {
  readonly root: string
  readonly pngs: readonly Buffer[]
  png(index: number): Buffer
} {
  let root = ''
  let pngs: Buffer[] = []
  beforeAll(async () => {
    pngs = await plainPngs(8)
  })
  beforeEach(() => {
    root = temporaryFolder()
  })
  return {
    get root() {
      return root
    },
    get pngs() {
      return pngs
    },
    png: (index) => pngs[index] as Buffer,
  }
}
