import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepState, restoredPlace, smallest, type WindowState } from './window-state.ts'

const laptop = { x: 0, y: 25, width: 1440, height: 875 }
const monitor = { x: 1440, y: 0, width: 2560, height: 1440 }
const usual = { width: 1280, height: 800, maximized: false }

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workbench-place-'))
  file = join(folder, 'place.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What opens after the window was closed in this state. */
function reopened(state: WindowState, areas = [laptop, monitor]) {
  keepState(file, state)
  return restoredPlace(file, areas)
}

it('opens where it was closed, on whichever display that was', () => {
  const state = { x: 1600, y: 100, width: 1500, height: 900, maximized: true }
  expect(reopened(state)).toEqual(state)
})

it('opens in the usual size, placed by the system, the first time', () => {
  expect(restoredPlace(file, [laptop])).toEqual(usual)
})

it('opens in the usual place when its display is gone', () => {
  expect(reopened({ x: 1600, y: 100, width: 1500, height: 900, maximized: false }, [laptop])).toEqual(usual)
})

it('opens in the usual place when its title bar could not be reached', () => {
  expect(reopened({ x: 100, y: -200, width: 1200, height: 800, maximized: false }, [laptop])).toEqual(usual)
  expect(reopened({ x: 1400, y: 100, width: 1200, height: 800, maximized: false }, [laptop])).toEqual(usual)
  expect(reopened({ x: 100, y: 880, width: 1200, height: 800, maximized: false }, [laptop])).toEqual(usual)
})

it('is no larger than the display, and no smaller than it can be used', () => {
  expect(reopened({ x: 0, y: 25, width: 5000, height: 5000, maximized: false }, [laptop])).toMatchObject({
    width: laptop.width,
    height: laptop.height,
  })
  expect(reopened({ x: 0, y: 25, width: 200, height: 100, maximized: false }, [laptop])).toMatchObject({
    x: 0,
    y: 25,
    ...smallest,
  })
})

it.each(['', '{', '{"x":1}', '{"x":"1","y":0,"width":1,"height":1,"maximized":false}'])(
  'opens in the usual place when the kept state is damaged: %s',
  (text) => {
    writeFileSync(file, text)
    expect(restoredPlace(file, [laptop])).toEqual(usual)
  },
)
