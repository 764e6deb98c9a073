import { TriangleAlert } from 'lucide-react'
import type { ShownDialogue } from '../../../../src-shared/contract/multimodal.ts'
import { formatInteger } from '../../../format.ts'
import type { Pixels } from '../../../pictures/PictureTile.tsx'
import { PixelPicture } from '../../../pictures/PixelPicture.tsx'
import { TokenSequence } from './TokenSequence.tsx'
import { countPositions } from './token-runs.ts'

/** Side of a picture, in CSS px. */
const PICTURE = 64

/** One dialogue as the model reads it. */
export function DialogueCard({
  dialogue: { source, positions, problem },
  pictures,
  index,
  ids,
}: {
  dialogue: ShownDialogue
  /** In the order in which they stand in it. */
  pictures: readonly Pixels[]
  /** From 0, among all of its task and side. */
  index: number
  ids: boolean
}) {
  const { all, learned, picture } = countPositions(positions)
  return (
    <article className="rounded-lg border border-line bg-surface">
      <header className="flex min-h-8 flex-wrap items-center gap-x-3 border-b border-line px-3 py-1 text-xs text-muted">
        <span className="font-mono font-medium text-text">{formatInteger(index + 1)}</span>
        <span>{source}</span>
        <span className="tabular-nums">
          {formatInteger(all)} positions, {formatInteger(picture)} of them of pictures, {formatInteger(learned)} learned
        </span>
        {problem !== null && (
          <span className="flex items-center gap-1 font-medium text-danger">
            <TriangleAlert aria-hidden className="size-3.5" /> Problem: {problem}
          </span>
        )}
      </header>
      <div className="flex items-start gap-3 p-3">
        {pictures[0] && <PixelPicture pixels={pictures[0]} size={PICTURE} label={`Picture of dialogue ${index + 1}`} />}
        <div className="min-w-0 flex-1">
          <TokenSequence label={`Dialogue ${index + 1}`} positions={positions} ids={ids} />
        </div>
      </div>
    </article>
  )
}
