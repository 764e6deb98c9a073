import type { Node } from '../../ir.ts'
import { reducedAxes } from '../../kernels.ts'
import { call, either, type Fusion, numeric, type Term } from '../matching.ts'

/** A mean over some axes that keeps them with size 1. */
const mean = (of: Term, axes: (rank: number) => string): Term =>
  call('Mean', [of], ({ inputs: [x], attributes }) => {
    const shape = x?.shape ?? []
    return attributes.keepDims === true && reducedAxes(shape, attributes).join() === axes(shape.length)
  })
const lastAxis = (rank: number): string => `${rank - 1}`
const square = (of: Term): Term => either(call('Square', [of]), call('Multiply', [of, of]))

/** x / √(variance + ε), by either way of writing it. */
const scaledBy = (x: Term, variance: Term): Term => {
  const shifted = call('Add', [variance, numeric('epsilon')])
  return either(call('Multiply', [x, call('Rsqrt', [shifted])]), call('RealDiv', [x, call('Sqrt', [shifted])]))
}

/** (x − mean) / √(mean((x − mean)²) + ε) */
const standardised = (x: Term, axes: (rank: number) => string): Term => {
  const centred = call('Sub', [x, mean(x, axes)])
  const squares = either(square(centred), call('SquaredDifference', [x, mean(x, axes)]))
  return scaledBy(centred, mean(squares, axes))
}

/** A parameter by channel, [last axis]. */
const perChannel = (node: Node, ...parameters: ({ shape: readonly number[] } | undefined)[]): boolean =>
  parameters.every((parameter) => `${parameter?.shape}` === `${node.outputs[0]?.shape.at(-1)}`)

export const rmsNormFusion: Fusion = {
  name: 'RMS normalisation',
  root: [call('Multiply', [scaledBy('x', mean(square('x'), lastAxis)), 'weight'])],
  build: ({ values: { x, weight }, numbers: { epsilon } }, root, made) => {
    if (!x || !weight || epsilon === undefined || !perChannel(root, weight)) return null
    const inverse = made.create([...x.shape.slice(0, -1), 1], 'float32')
    const outputs = [...root.outputs, inverse]
    return [{ ...root, kernel: 'RmsNorm', inputs: [x, weight], attributes: { epsilon }, outputs }]
  },
}

export const layerNormFusion: Fusion = {
  name: 'layer normalisation',
  root: [call('Add', [call('Multiply', [standardised('x', lastAxis), 'scale']), 'offset'])],
  build: ({ values: { x, scale, offset }, numbers: { epsilon } }, root) => {
    if (!x || !scale || !offset || epsilon === undefined || !perChannel(root, scale, offset)) return null
    return [{ ...root, kernel: 'LayerNorm', inputs: [x, scale, offset], attributes: { epsilon } }]
  },
}

/** In both shapes that the groups are given: [B, H·W, G, C/G] and [B, H, W, G, C/G]. */
const groupAxes = (rank: number): string => (rank === 4 ? '1,3' : rank === 5 ? '1,2,4' : 'none')
const grouped = call('Reshape', ['x'], ({ inputs: [x], outputs: [groups] }) => {
  if (x?.shape.length !== 4 || !groups) return false
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const count = groups.shape.at(-2) as number
  const tail = `${count},${channels / count}`
  return [`${batch},${height * width},${tail}`, `${batch},${height},${width},${tail}`].includes(`${groups.shape}`)
})

export const groupNormFusion: Fusion = {
  name: 'group normalisation',
  root: [call('Add', [call('Multiply', [call('Reshape', [standardised(grouped, groupAxes)]), 'scale']), 'offset'])],
  build: ({ values: { x, scale, offset }, numbers: { epsilon }, nodes }, root, made) => {
    if (!x || !scale || !offset || epsilon === undefined || !perChannel(root, scale, offset)) return null
    const groups = nodes.find(({ kernel, inputs }) => kernel === 'Reshape' && inputs[0]?.id === x.id)
    const count = groups?.outputs[0]?.shape.at(-2) as number
    const outputs = [
      ...root.outputs,
      made.create(x.shape, 'float32'),
      made.create([x.shape[0] as number, count], 'float32'),
    ]
    return [
      { ...root, kernel: 'GroupNorm', inputs: [x, scale, offset], attributes: { groups: count, epsilon }, outputs },
    ]
  },
}
