import { IGNORED_LABEL } from '../../engine/operations/softmax-cross-entropy.ts'
import { int32, number } from '../../engine/runtimes/runtime.ts'
import { codeTensors } from '../../priors/code-inputs.ts'
import { samplingSettings } from '../../priors/sample.ts'
import { evaluatedPictures } from '../stage-one/held-out.ts'
import type { PriorRun } from './run.ts'
import { labelsOf } from './step.ts'

/** Measures a prior on the held-out pictures that are evaluated, and paints pictures if asked. */
export async function evaluatePrior(run: PriorRun): Promise<void> {
  const { options, config, position } = run
  const step = config.training.steps + position.step
  const values = await heldOutLosses(run)
  if (values) options.recorder.event({ kind: 'metrics', step, values })
  await paint(run, step)
}

/** Mean over all codes, and over those of each layer; null where no picture is held out. */
async function heldOutLosses({
  options,
  config,
  shape,
  classes,
  rows,
  losses,
}: PriorRun): Promise<Record<string, number> | null> {
  const heldOut = evaluatedPictures(config, options.pictures.heldOut)
  if (heldOut.length === 0) return null
  const { batchSize } = config.prior
  const sums = shape.sides.map(() => 0)
  for (let begin = 0; begin < heldOut.length; begin += batchSize) {
    const batch = heldOut.slice(begin, begin + batchSize)
    // The last batch is filled up with its first picture, whose codes then do not count.
    const padded = Array.from({ length: batchSize }, (_, row) => batch[row] ?? (batch[0] as number))
    const maps = (await options.codesOf(padded)).map((map, layer) => rows.toRows(map, layer))
    const labels = maps.map((map, layer) => {
      const counted = batch.length * (shape.sides[layer] as number) ** 2
      return [
        labelsOf(layer),
        int32(
          map.map((code, at) => (at < counted ? code : IGNORED_LABEL)),
          [map.length],
        ),
      ]
    })
    const out = await losses.run({
      ...codeTensors(shape, maps, batchSize),
      ...Object.fromEntries(labels),
      classes: int32(Int32Array.from(padded, classes.of), [batchSize]),
    })
    for (const layer of sums.keys()) sums[layer] = (sums[layer] as number) + number(out, `loss.${layer}`) * batch.length
  }
  const areas = shape.sides.map((side) => side * side)
  const means = sums.map((sum) => sum / heldOut.length)
  const codes = areas.reduce((total, area) => total + area, 0)
  return {
    'prior.loss.heldOut': means.reduce((total, mean, layer) => total + mean * (areas[layer] as number), 0) / codes,
    ...Object.fromEntries(means.map((mean, layer) => [`prior.loss.heldOut.${layer}`, mean])),
  }
}

/** Paints as many pictures as the config says, always from the same random numbers, of the classes in turn. */
async function paint({ options, config, classes, rows, sampler }: PriorRun, step: number): Promise<void> {
  if (!sampler || !options.painted) return
  const { names } = classes
  const wanted = Array.from({ length: config.prior.paintings }, (_, at) =>
    names.length > 0 ? at % names.length : null,
  )
  const maps = await sampler.paint(wanted, {
    sampling: samplingSettings(config.prior),
    guidance: config.prior.sampling.guidance,
    seed: config.seed,
  })
  await options.painted(step, {
    codes: maps.map((map, layer) => rows.toCodes(map, layer)),
    classes: wanted.map((one) => (one === null ? '' : (names[one] as string))),
  })
}
