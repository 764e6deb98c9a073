import type { PictureInfo } from '../../src-main/data/picture-set.ts'
import type { SourceListing } from '../../src-main/data/source.ts'

const numbers = ({ count }: SourceListing): number[] => Array.from({ length: count }, (_, at) => at)

export const idsOf = (listing: SourceListing): string[] => numbers(listing).map((at) => listing.id(at))

/** What is known of every picture. */
export const infosOf = (listing: SourceListing): Promise<PictureInfo[]> =>
  Promise.all(numbers(listing).map(async (at) => (await listing.read(at)).info))
