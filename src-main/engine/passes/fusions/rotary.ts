import type { Node } from '../../ir.ts'
import { oneAxis } from '../../kernels.ts'
import { call, type Fusion } from '../matching.ts'

const onLastAxis = ({ outputs: [y], attributes }: Node): boolean => {
  const rank = y?.shape.length ?? 0
  return oneAxis(attributes.axis, rank) === rank - 1
}
const half = (index: number) => call('SplitV', ['x'], (node) => onLastAxis(node) && node.outputs.length === 2, index)
const [first, second] = [half(0), half(1)]

/** [x₁ c − x₂ s, x₂ c + x₁ s], and x · [c, c] + [−x₂, x₁] · [s, s]. */
export const rotaryFusion: Fusion = {
  name: 'rotary positions',
  root: [
    call(
      'Concat',
      [
        call('Sub', [call('Multiply', [first, 'cos']), call('Multiply', [second, 'sin'])]),
        call('Add', [call('Multiply', [second, 'cos']), call('Multiply', [first, 'sin'])]),
      ],
      onLastAxis,
    ),
    call('Add', [
      call('Multiply', ['x', call('Concat', ['cos', 'cos'], onLastAxis)]),
      call('Multiply', [
        call('Concat', [call('Neg', [second]), first], onLastAxis),
        call('Concat', ['sin', 'sin'], onLastAxis),
      ]),
    ]),
  ],
  build: ({ values: { x, cos, sin } }, root) => {
    // Tables of another rank broadcast by other rules than the kernel's.
    if (!x || cos?.shape.length !== 2 || sin?.shape.length !== 2) return null
    return [{ ...root, kernel: 'Rotary', inputs: [x, cos, sin], attributes: { inverse: false } }]
  },
}
