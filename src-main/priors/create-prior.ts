import { hqPrior } from './hq.ts'
import type { Prior, PriorShape } from './prior.ts'
import { rasterPrior } from './raster.ts'
import { rqPrior } from './rq.ts'

const kinds: Record<PriorShape['kind'], (shape: PriorShape) => Prior> = {
  raster: rasterPrior,
  rq: rqPrior,
  hq: hqPrior,
}

export const createPrior = (shape: PriorShape): Prior => kinds[shape.kind](shape)
