import { call, type Fusion } from '../matching.ts'

/** x · sigmoid(x) */
export const siluFusion: Fusion = {
  name: 'SiLU',
  root: [call('Multiply', ['x', call('Sigmoid', ['x'])])],
  build: ({ values: { x } }, root) => (x ? [{ ...root, kernel: 'Silu', inputs: [x], attributes: {} }] : null),
}
