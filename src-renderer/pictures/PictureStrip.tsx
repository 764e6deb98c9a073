import { useMemo } from 'react'
import { rgba } from './paint.ts'
import { pictureBytes, type Sample } from './sample.ts'
import { Thumbnail } from './Thumbnail.tsx'

const SIZE = 46
const NO_PLACES: never[] = []

/** All held-out pictures in a row to choose from, with the places of a code where there is one to show. */
export function PictureStrip({
  sample,
  show,
  pictures,
  picture,
  occurrences,
  onPicture,
}: {
  sample: Sample
  show: 'input' | 'reconstruction'
  /** How many of the sample's pictures to offer. */
  pictures: number
  /** Index of the chosen one. */
  picture: number
  /** Cells to mark: per picture, per layer; null: none. */
  occurrences: readonly (readonly (readonly number[])[])[] | null
  onPicture: (index: number) => void
}) {
  const thumbnails = useMemo(
    () => Array.from({ length: pictures }, (_, index) => rgba(pictureBytes(sample[show], index, sample.side))),
    [sample, show, pictures],
  )
  return (
    <nav aria-label="Pictures" className="flex shrink-0 gap-1.5 overflow-x-auto p-0.5 pb-1.5">
      {thumbnails.map((data, index) => {
        const places = occurrences?.[index] ?? NO_PLACES
        const count = places.reduce((sum: number, cells: readonly number[]) => sum + cells.length, 0)
        return (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: held-out pictures have no other name
            key={index}
            type="button"
            aria-pressed={index === picture}
            aria-label={`Picture ${index + 1}: ${sample.captions[index]}${count > 0 ? `, ${count} cells with this code` : ''}`}
            title={sample.captions[index]}
            onClick={() => onPicture(index)}
            className="shrink-0 rounded-[2px] outline-offset-1 aria-pressed:outline-2 aria-pressed:outline-accent"
          >
            <Thumbnail data={data} side={sample.side} size={SIZE} sample={sample} places={places} />
          </button>
        )
      })}
    </nav>
  )
}
