import type * as ort from 'onnxruntime-node'
import { ExtractorError } from './extractor.ts'
import type { OnnxModel } from './onnx-model.ts'

/** Inputs beside the pictures, of exports that hold a text encoder as well: they get a text of one token. */
export function otherInputs(model: OnnxModel, pictures: string): Record<string, ort.Tensor> {
  return Object.fromEntries(
    model.inputs
      .filter(({ name }) => name !== pictures)
      .map(({ name, type, shape }) => {
        const sizes = shape.map((size) => size ?? 1)
        const length = sizes.reduce((product, size) => product * size, 1)
        if (type === 'int64') return [name, model.tensor('int64', new BigInt64Array(length).fill(1n), sizes)]
        if (type === 'int32') return [name, model.tensor('int32', new Int32Array(length).fill(1), sizes)]
        throw new ExtractorError(`${model.file} wants an input ${name} of type ${type}, which is not known here`)
      }),
  )
}

export const shapeOf = (layout: 'NCHW' | 'NHWC', batch: number, side: number): number[] =>
  layout === 'NCHW' ? [batch, 3, side, side] : [batch, side, side, 3]

/** Pictures as a network takes them, filled up to a batch with zeros. @param prepared [side, side, 3] each, flat */
export function laidOut(
  prepared: readonly Float32Array[],
  batch: number,
  side: number,
  layout: 'NCHW' | 'NHWC',
): Float32Array {
  const area = side * side
  const images = new Float32Array(batch * area * 3)
  for (const [row, values] of prepared.entries()) {
    const from = row * area * 3
    if (layout === 'NHWC') images.set(values, from)
    else
      for (let channel = 0; channel < 3; channel++)
        for (let at = 0; at < area; at++) images[from + channel * area + at] = values[at * 3 + channel] as number
  }
  return images
}
