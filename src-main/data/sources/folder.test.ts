import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { idsOf as ids, infosOf as infos } from '../../../test/fakes/listing.ts'
import { listFolder } from './folder.ts'
import { keptListings } from './kept-listing.ts'

let root: string
let red: Buffer
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'folder-test-'))
  red = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff0000' } })
    .png()
    .toBuffer()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(file: string, content: string | Buffer = red): string {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

test('sub-folders are classes, and a .txt beside a picture is its caption', async () => {
  put('red_apple/one.png')
  put('owl/two.PNG')
  put('owl/two.txt', '\n  an owl at night  \nmore\n')
  put('owl/deep/three.png')
  put('loose.png')
  put('notes.txt', 'not a caption of any picture')
  const listing = await listFolder(root)
  expect(ids(listing)).toEqual(['loose.png', 'owl/deep/three.png', 'owl/two.PNG', 'red_apple/one.png'])
  const [loose, deep, two, one] = await infos(listing)
  expect(loose).toMatchObject({ group: '', label: 'loose', caption: 'a picture of a loose', style: 'folder' })
  expect(deep).toMatchObject({ group: 'owl', caption: 'a picture of an owl' })
  expect(two).toMatchObject({ group: 'owl', label: 'owl', caption: 'an owl at night' })
  expect(one).toMatchObject({ group: 'red_apple', label: 'red apple', caption: 'a picture of a red apple' })
})

test('copies of one picture share a concept, others do not', async () => {
  put('a/one.png')
  put('b/copy.png')
  put('b/other.png', await sharp(red).negate().png().toBuffer())
  const [one, copy, other] = await infos(await listFolder(root))
  expect(copy?.concept).toBe(one?.concept)
  expect(other?.concept).not.toBe(one?.concept)
})

test('the identity changes with any picture and any caption, and with nothing else', async () => {
  put('a/one.png')
  const first = JSON.stringify(await (await listFolder(root)).identity())
  put('a/readme.md', 'hello')
  expect(JSON.stringify(await (await listFolder(root)).identity())).toBe(first)
  put('a/one.txt', 'a caption')
  const second = JSON.stringify(await (await listFolder(root)).identity())
  expect(second).not.toBe(first)
  put('a/one.txt', 'another caption')
  expect(JSON.stringify(await (await listFolder(root)).identity())).not.toBe(second)
})

test('symbolic links are listed and never followed, to pictures, folders or captions', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'folder-test-outside-'))
  try {
    writeFileSync(join(outside, 'secret.png'), red)
    writeFileSync(join(outside, 'secret.txt'), 'a secret')
    put('a/good.png')
    put('a/captioned.png')
    symlinkSync(join(outside, 'secret.png'), join(root, 'a/link.png'))
    symlinkSync(outside, join(root, 'linked'))
    symlinkSync(root, join(root, 'a/loop'))
    symlinkSync(join(outside, 'secret.txt'), join(root, 'a/captioned.txt'))
    const listing = await listFolder(root)
    expect(ids(listing)).toEqual(['a/captioned.png', 'a/good.png'])
    const reason = 'a symbolic link, which is not followed'
    expect(listing.refused.first).toEqual(['a/link.png', 'a/loop', 'linked'].map((file) => ({ file, reason })))
    await expect(listing.read(0)).rejects.toThrow('its caption captioned.txt: a symbolic link')
  } finally {
    rmSync(outside, { recursive: true })
  }
})

test('of a caption file of 100 MB only the beginning is read', async () => {
  put('a/one.png')
  const caption = put('a/one.txt', `a short caption\n${'é'.repeat(5000)}`)
  truncateSync(caption, 100e6)
  const listing = await listFolder(root)
  const before = process.memoryUsage().arrayBuffers
  expect((await infos(listing))[0]?.caption).toBe('a short caption')
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
})

test('a caption of one endless line is cut at a whole character', async () => {
  put('a/one.png')
  put('a/one.txt', `x${'é'.repeat(50_000)}`)
  const [info] = await infos(await listFolder(root))
  expect(info?.caption).toMatch(/^xé+$/)
  expect(info?.caption.length).toBeLessThan(4097)
})

test('a picture file of more than 256 MiB is refused unread', async () => {
  truncateSync(put('a/huge.png'), 300 * 2 ** 20)
  const listing = await listFolder(root)
  await expect(listing.read(0)).rejects.toThrow('300 MiB; pictures of at most 256 MiB are read')
})

test.skipIf(process.platform === 'win32')(
  'a pipe in the place of a caption is refused instead of waited for',
  async () => {
    put('a/one.png')
    execFileSync('mkfifo', [join(root, 'a/one.txt'), join(root, 'a/pipe.png')])
    const listing = await listFolder(root)
    expect(ids(listing)).toEqual(['a/one.png'])
    await expect(listing.read(0)).rejects.toThrow('its caption one.txt: not a plain file')
  },
)

test.skipIf(process.platform === 'win32')(
  'a folder that cannot be read is listed and the others are used',
  async () => {
    put('a/one.png')
    // Deeper than a path may be long.
    const name = 'x'.repeat(250)
    const here = process.cwd()
    process.chdir(root)
    for (let depth = 0; depth < 20; depth++) {
      mkdirSync(name)
      process.chdir(name)
    }
    process.chdir(here)
    try {
      const listing = await listFolder(root)
      expect(ids(listing)).toEqual(['a/one.png'])
      expect(listing.refused.first).toMatchObject([{ reason: expect.stringContaining('ENAMETOOLONG') }])
    } finally {
      execFileSync('rm', ['-rf', join(root, name)])
    }
  },
)

test('a folder without pictures is an error that says where and for what was looked', async () => {
  put('a/drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  symlinkSync(join(root, 'nowhere.png'), join(root, 'link.png'))
  await expect(listFolder(root)).rejects.toThrow(
    `no pictures in "${root}": looked for .jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff in it and its sub-folders; 1 entries were left out, the first: link.png (a symbolic link, which is not followed)`,
  )
})

test('a path that is missing or a file is an error that names it and the setting', async () => {
  const file = put('a.png')
  await expect(listFolder(join(root, 'none'))).rejects.toThrow(
    `there is no folder "${join(root, 'none')}"; set data.source.path`,
  )
  await expect(listFolder(join(file, 'below'))).rejects.toThrow('there is no folder')
  await expect(listFolder(file)).rejects.toThrow(`"${file}" is a file; data.source.path wants the folder`)
})

test('the list of a large folder is kept until a file comes or goes in any of its folders', async () => {
  const cacheDir = mkdtempSync(join(tmpdir(), 'folder-test-cache-'))
  try {
    for (const folder of ['a', 'b']) {
      mkdirSync(join(root, folder))
      writeFileSync(join(root, folder, 'one.png'), red)
      for (let at = 0; at < 10_000; at++) linkSync(join(root, folder, 'one.png'), join(root, folder, `${at}.png`))
    }
    const kept = keptListings(cacheDir)
    const names = async () => ids(await listFolder(root, { kept }))
    // A folder that has just changed might change again unnoticed.
    const first = await names()
    expect(readdirSync(cacheDir)).toEqual([])
    for (const folder of ['a', 'b', '.']) utimesSync(join(root, folder), new Date(1e12), new Date(1e12))
    expect(await names()).toEqual(first)
    expect(readdirSync(cacheDir)).toHaveLength(1)
    expect(await kept.read(root)).not.toBeNull()
    expect(await names()).toEqual(first)

    put('b/new.png')
    expect(await kept.read(root)).toBeNull()
    expect(await names()).toHaveLength(first.length + 1)
    rmSync(join(root, 'b/new.png'))
    utimesSync(join(root, 'b'), new Date(1e12), new Date(1e12))
    // A list that is damaged is made anew.
    const file = join(cacheDir, readdirSync(cacheDir)[0] as string)
    const bytes = readFileSync(file)
    for (const place of [5, bytes.length - 5]) {
      const broken = Buffer.from(bytes)
      broken[place] = (broken[place] as number) ^ 1
      writeFileSync(file, broken)
      expect(await kept.read(root)).toBeNull()
      expect(await names()).toEqual(first)
    }
  } finally {
    rmSync(cacheDir, { recursive: true })
  }
})
