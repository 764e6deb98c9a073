import { existsSync, readFileSync } from 'node:fs'
import type { Rectangle } from 'electron'
import { z } from 'zod'
import { writeJsonAtomic } from '../jobs/atomic-file.ts'

const schema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximized: z.boolean(),
})

/** Where the window was when it was closed, in device-independent pixels. */
export type WindowState = z.infer<typeof schema>

/** Bounds to open with; without x and y the system places the window. */
export interface WindowPlace {
  x?: number
  y?: number
  width: number
  height: number
  maximized: boolean
}

export const smallest = { width: 1000, height: 640 }
const usual: WindowPlace = { width: 1280, height: 800, maximized: false }
/** So much of the window must be on a display for a person to get hold of it. */
const grip = { width: 160, height: 60 }

/** The window's place from last time, as far as today's displays allow; the usual one if there is none. */
export function restoredPlace(file: string, workAreas: readonly Rectangle[]): WindowPlace {
  const state = readState(file)
  if (state === null) return usual
  const area = workAreas.find((each) => overlaps(state, each))
  if (area === undefined) return { ...usual, maximized: state.maximized }
  return {
    x: state.x,
    y: state.y,
    width: Math.max(smallest.width, Math.min(state.width, area.width)),
    height: Math.max(smallest.height, Math.min(state.height, area.height)),
    maximized: state.maximized,
  }
}

export const keepState = (file: string, state: WindowState): void => writeJsonAtomic(file, state)

/** A file that is missing or damaged costs the window its place, nothing more. */
function readState(file: string): WindowState | null {
  if (!existsSync(file)) return null
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** The title bar is at the top, so the upper edge must lie on the display. */
function overlaps(state: WindowState, area: Rectangle): boolean {
  const width = Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x)
  const below = area.y + area.height - state.y
  return width >= grip.width && below >= grip.height && state.y >= area.y
}
