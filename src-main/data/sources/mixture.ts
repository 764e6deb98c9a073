import type { PictureSource, SimpleSource } from '../../../src-shared/picture-source.ts'
import { Refusals, type SourceListing } from '../source.ts'

type Parts = Extract<PictureSource, { kind: 'mixture' }>['parts']

/** The pictures of several sources, one after the other. @throws DataError as the parts do */
export async function listMixture(
  parts: Parts,
  list: (source: SimpleSource) => Promise<SourceListing>,
): Promise<SourceListing> {
  const listings: SourceListing[] = []
  const close = async () => {
    for (const listing of listings) await listing.close()
  }
  try {
    for (const { source } of parts) listings.push(await list(source))
  } catch (error) {
    await close()
    throw error
  }
  const refused = new Refusals()
  for (const [part, listing] of listings.entries()) refused.addAll(listing.refused, `part ${part + 1}: `)
  const ranges: { from: number; to: number; weight: number }[] = []
  for (const [part, { count }] of listings.entries()) {
    const from = ranges.at(-1)?.to ?? 0
    ranges.push({ from, to: from + count, weight: parts[part]?.weight as number })
  }
  const at = (index: number): { listing: SourceListing; part: number; own: number } => {
    const part = ranges.findIndex(({ to }) => index < to)
    return { listing: listings[part] as SourceListing, part, own: index - (ranges[part]?.from as number) }
  }
  return {
    count: ranges.at(-1)?.to ?? 0,
    id(index) {
      const { listing, part, own } = at(index)
      return `${part + 1}/${listing.id(own)}`
    },
    async read(index) {
      const { listing, part, own } = at(index)
      const picture = await listing.read(own)
      return { ...picture, info: { ...picture.info, id: `${part + 1}/${picture.info.id}` } }
    },
    refused,
    identity: async () => Promise.all(listings.map((listing) => listing.identity())),
    signature: listings.map(({ signature }) => signature),
    parts: ranges,
    close,
  }
}
