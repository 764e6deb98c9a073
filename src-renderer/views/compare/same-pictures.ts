import { pictureBytes, type Sample } from '../../pictures/sample.ts'

/** Whether two samples show the same held-out picture at an index, pixel by pixel. */
export function samePicture(a: Sample, b: Sample, index: number): boolean {
  if (a.side !== b.side || index >= a.pictures || index >= b.pictures) return false
  const [left, right] = [pictureBytes(a.input, index, a.side), pictureBytes(b.input, index, b.side)]
  return left.every((value, at) => value === right[at])
}
