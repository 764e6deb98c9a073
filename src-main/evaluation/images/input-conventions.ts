import type { ResizingName } from '../../../src-shared/resizings.ts'
import { cropped, filterTaps, halfPixelTaps, type Raster, resampled, resampledBytes, tf1Taps } from '../resampling.ts'

/** How a picture of any size becomes what a network takes. Figures of one network by two conventions are not comparable. */
export interface InputConvention {
  name: ResizingName
  /** For cards: resizing, crop and range of values. @param side of the network's input, pixels */
  words(side: number): string
  /** @param picture RGB @returns [side, side, 3], flat */
  prepare(picture: Raster<Uint8Array>, side: number): Float32Array
}

/** Values by the mean and deviation of each channel, of pixels in 0..1. */
const normalised =
  (mean: readonly number[], deviation: readonly number[]) =>
  (values: Float32Array): Float32Array =>
    values.map((value, at) => (value - (mean[at % 3] as number)) / (deviation[at % 3] as number))
const byImageNet = normalised([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
const byClip = normalised([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
const unit = (bytes: Uint8Array): Float32Array => Float32Array.from(bytes, (byte) => byte / 255)

/** The input of the FID graph in TensorFlow 1, and torch-fidelity's. */
export const tf1: InputConvention = {
  name: 'tf1',
  words: (side) => `bilinear without half-pixel centres to ${side} × ${side} px, as TensorFlow 1; (v − 128) / 128`,
  prepare: (picture, side) =>
    resampled(picture, tf1Taps(picture.width, side), tf1Taps(picture.height, side)).data.map(
      (value) => (value - 128) / 128,
    ),
}

/** pytorch-fid's. */
export const halfPixel: InputConvention = {
  name: 'half-pixel',
  words: (side) => `bilinear with half-pixel centres to ${side} × ${side} px, no antialiasing; 2 v / 255 − 1`,
  prepare: (picture, side) =>
    resampled(picture, halfPixelTaps(picture.width, side), halfPixelTaps(picture.height, side)).data.map(
      (value) => (2 * value) / 255 - 1,
    ),
}

/** clean-fid's default. */
export const clean: InputConvention = {
  name: 'clean',
  words: (side) => `Pillow bicubic in floats to ${side} × ${side} px, antialiased, clipped to 0..255; (v − 128) / 128`,
  prepare: (picture, side) =>
    resampled(
      picture,
      filterTaps(picture.width, side, 'bicubic'),
      filterTaps(picture.height, side, 'bicubic'),
    ).data.map((value) => (Math.min(255, Math.max(0, value)) - 128) / 128),
}

/** As OpenAI's CLIP prepares pictures. */
export const clip: InputConvention = {
  name: 'clip',
  words: (side) =>
    `shorter side to ${side} px (Pillow bicubic, 8 bits), middle ${side} × ${side} px, CLIP's mean and deviation`,
  prepare(picture, side) {
    const shorter = Math.min(picture.width, picture.height)
    // torchvision cuts the longer side to a whole number, and rounds the corner half to even.
    const scaled = (length: number) => (length === shorter ? side : Math.floor((length * side) / shorter))
    const whole = resampledBytes(picture, scaled(picture.width), scaled(picture.height), 'bicubic')
    const corner = (length: number) => halfToEven((length - side) / 2)
    return byClip(unit(cropped(whole, corner(whole.width), corner(whole.height), side, side).data))
  },
}

const halfToEven = (value: number): number => {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** For torchvision's VGG16. */
export const imageNet: InputConvention = {
  name: 'imagenet',
  words: (side) => `Pillow bilinear (8 bits) to ${side} × ${side} px, ImageNet's mean and deviation`,
  prepare: (picture, side) => byImageNet(unit(resampledBytes(picture, side, side, 'bilinear').data)),
}

/** For networks that take plain pixels. */
export const plain: InputConvention = {
  name: 'plain',
  words: (side) => `bilinear, antialiased, in floats to ${side} × ${side} px; values 0 to 1`,
  prepare: (picture, side) =>
    resampled(
      picture,
      filterTaps(picture.width, side, 'bilinear'),
      filterTaps(picture.height, side, 'bilinear'),
    ).data.map((value) => value / 255),
}

/** Those that a person may choose by name. */
export const conventions: readonly InputConvention[] = [tf1, halfPixel, clean, clip, imageNet, plain]
