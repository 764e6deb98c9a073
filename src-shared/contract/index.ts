import { ablations } from './ablations.ts'
import { app } from './app.ts'
import { codeRecords } from './code-records.ts'
import { data } from './data.ts'
import { evaluations } from './evaluations.ts'
import { models } from './models.ts'
import { multimodal } from './multimodal.ts'
import { paper } from './paper.ts'
import { plan } from './plan.ts'
import { presets } from './presets.ts'
import { runs } from './runs.ts'

/**
 * The one typed API between the window and everything that runs in Node. Inputs are validated on the receiving side;
 * outputs are typed. Errors are values with a code, a sentence for people and a hint. Large arrays travel as Blobs
 * (safetensors files), never as JSON. The renderer cannot tell which host it runs in.
 */
export const contract = {
  app,
  presets,
  plan,
  runs: { ...runs, ...codeRecords },
  ablations,
  models,
  data,
  multimodal,
  evaluations,
  paper,
}
export type Contract = typeof contract
