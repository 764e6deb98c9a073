import type { PictureInfo } from '../../src-main/data/picture-set.ts'
import type { SourceListing } from '../../src-main/data/source.ts'
import { listSource } from '../../src-main/data/sources/list-source.ts'
import type { PictureSource } from '../../src-shared/picture-source.ts'

const numbers = ({ count }: SourceListing): number[] => Array.from({ length: count }, (_, at) => at)

export const idsOf = (listing: SourceListing): string[] => numbers(listing).map((at) => listing.id(at))

/** What is known of every picture. */
export const infosOf = (listing: SourceListing): Promise<PictureInfo[]> =>
  Promise.all(numbers(listing).map(async (at) => (await listing.read(at)).info))

/** Lists a source, uses the listing, and closes it. */
export async function listed<Result>(
  source: PictureSource,
  use: (listing: SourceListing) => Promise<Result>,
): Promise<Result> {
  const listing = await listSource(source)
  try {
    return await use(listing)
  } finally {
    await listing.close()
  }
}

/** Caption of every picture of a source by its id. */
export const captionsOf = (source: PictureSource): Promise<Record<string, string>> =>
  listed(source, async (listing) =>
    Object.fromEntries((await infosOf(listing)).map(({ id, caption }) => [id, caption])),
  )

/** What a source left out. */
export const refusedBy = (source: PictureSource): Promise<SourceListing['refused']> =>
  listed(source, async ({ refused }) => refused)
