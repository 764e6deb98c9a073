import type { NetworkSource } from '../networks/network-source.ts'
import type { Raster } from '../resampling.ts'

/** A network whose features sets of pictures are compared by. */
export interface Extractor {
  /** Names the distance after it: "FD-MobileNetV2"; only the FID port of Inception is called FID. */
  source: NetworkSource
  /** Of the Fréchet distance by its features. */
  distance: string
  /** Features a picture. */
  width: number
  /** Class logits a picture; 0 for a network without them. */
  classes: number
  /** Pictures that go through it together. */
  batch: number
  /** Resizing, crop and range of values, in words. */
  resize: string
  /** What should be known of its figures. */
  warnings: readonly string[]
  /** @param picture RGB of any size @returns what the network takes of it */
  prepare(picture: Raster<Uint8Array>): Float32Array
  /** @param prepared at most `batch` of them @returns features [n, width] and logits [n, classes], flat */
  run(prepared: readonly Float32Array[]): Promise<{ features: Float32Array; logits: Float32Array }>
  dispose(): Promise<void>
}

export class ExtractorError extends Error {
  override name = 'ExtractorError'
}

/** What made features, as one line: features by different ones cannot be compared. */
export const identityOf = ({ source, resize }: Extractor): string => `${source.name} ${source.sha256}; ${resize}`
