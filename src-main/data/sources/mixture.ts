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
  const ranges: { from: number; to: number; weight: number; blocks?: Uint32Array }[] = []
  for (const [part, { count, blocks }] of listings.entries()) {
    const from = ranges.at(-1)?.to ?? 0
    ranges.push({ from, to: from + count, weight: parts[part]?.weight as number, ...(blocks ? { blocks } : {}) })
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
    ...(ranges.some(({ blocks }) => blocks) ? { blocks: blocksOfAll(ranges) } : {}),
    close,
  }
}

/** Pictures that are read alone, taken together as a block where other parts of a mixture have blocks. */
const ALONE = 32

function blocksOfAll(ranges: readonly { from: number; to: number; blocks?: Uint32Array }[]): Uint32Array {
  const starts = ranges.flatMap(({ from, to, blocks }) =>
    blocks
      ? Array.from(blocks.subarray(0, -1), (start) => from + start)
      : Array.from({ length: Math.ceil((to - from) / ALONE) }, (_, block) => from + block * ALONE),
  )
  return Uint32Array.from([...starts, ranges.at(-1)?.to ?? 0])
}
