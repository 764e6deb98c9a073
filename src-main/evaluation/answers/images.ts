import type { QuestionImage } from './benchmark.ts'

/** How a question's picture is called in a listing: its file, or the row that holds it; '' if it has none. */
export function imageName(image: QuestionImage | null): string {
  if (image === null) return ''
  return image.kind === 'file' ? (image.names[0] as string) : image.row
}
