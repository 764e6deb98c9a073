import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { type Check, orThrow } from './finding.ts'

const LEAST_NODE = 24
const LEAST_MEMORY = 2e9

/** Node, processor, memory and the folder that everything is kept in. */
export const machineChecks = (home: string): Check[] => [
  {
    name: 'Node',
    needed: true,
    remedy: 'Start by "npm run cli -- doctor": npm ci brings Node 24 along.',
    look: () => orThrow(Number.parseInt(process.versions.node, 10) >= LEAST_NODE, `version ${process.versions.node}`),
  },
  {
    name: 'processor',
    needed: true,
    remedy: '',
    look: () => `${availableParallelism()} cores, ${process.arch}`,
  },
  {
    name: 'memory',
    needed: true,
    remedy: 'Close other programs, or train one run at a time with --concurrency 1.',
    look: () => orThrow(totalmem() >= LEAST_MEMORY, `${gigabytes(totalmem())} GB, ${gigabytes(freemem())} GB free`),
  },
  {
    name: 'home',
    needed: true,
    remedy: 'Choose another folder with --home, or make this one writable.',
    look: () => tryToWrite(home),
  },
]

/** Writes nothing that stays: a home that does not exist yet is not made, its nearest folder is tried instead. */
function tryToWrite(home: string): string {
  let folder = home
  while (!existsSync(folder)) folder = dirname(folder)
  rmdirSync(mkdtempSync(join(folder, '.doctor-')))
  return folder === home ? home : `${home} (will be made)`
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
