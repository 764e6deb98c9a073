import { nearestName } from '../../src-shared/nearest-name.ts'
import type { ProgramListing } from '../training/programs-listing.ts'
import { UsageError } from './errors.ts'

/**
 * The programs that --print-ir asks for: all of them, or one by its name, in which case and hyphens do not matter.
 * @throws UsageError naming the nearest program, or all of them
 */
export function chosenPrograms(listings: readonly ProgramListing[], asked: string | true): ProgramListing[] {
  if (asked === true) return [...listings]
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '')
  const found = listings.filter(({ program }) => plain(program) === plain(asked))
  if (found.length > 0) return found
  const names = listings.map(({ program }) => program)
  const near = nearestName(asked, names)
  throw new UsageError(
    `--print-ir ${asked}: no such program${near ? `; did you mean "${near}"?` : ''} There are: ${names.join(', ')}`,
  )
}

/** Each program before and after the passes. */
export const irText = (listings: readonly ProgramListing[]): string =>
  listings
    .map(({ program, traced, optimised, calls, kernels }) =>
      [
        `═══ ${program}: as traced, ${calls.traced} calls`,
        traced,
        '',
        `═══ ${program}: after the passes, ${calls.optimised} calls`,
        optimised,
        '',
        `${program}, calls after the passes: ${kernels.map(({ kernel, count }) => `${count} ${kernel}`).join(', ')}`,
      ].join('\n'),
    )
    .join('\n\n')
