import { codeMapSides, rowsOfLayer, tokensPerPicture } from '../../../src-shared/code-maps.ts'
import { SAMPLE_CAPTIONS } from '../../../src-shared/events.ts'
import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import { booksOf, meanCount } from '../../codebook/books.ts'
import { floats } from '../../engine/runtimes/runtime.ts'
import { languageChanges } from '../../language/language-parameters.ts'
import { alarmsOf } from './alarms.ts'
import { codeSample } from './code-sample.ts'
import { measuresFeatureDistance } from './feature-distance.ts'
import { evaluatePictures, heldOutPerplexity } from './held-out.ts'
import type { Run, StageOneOptions } from './run.ts'

/** Measures the run on held-out pictures and texts, and writes a sample of it if asked. */
export async function evaluate(run: Run, withSample: boolean): Promise<void> {
  const { config, options, programs, position, record } = run
  const { recorder, pictures, texts } = options
  const withFeatures = withSample && measuresFeatureDistance(config, position.step)
  const { metrics, sample, hits } = await evaluatePictures(
    config,
    pictures,
    programs,
    run.codes,
    run.networks,
    withFeatures ? run.featureDistance : null,
  )
  if (withFeatures) Object.assign(metrics, await run.featureDistance.metrics(position.step === config.training.steps))
  const bound = config.codebook.paradigm !== 'independent'
  const drift = await programs.drift.run({})
  const column = (name: string) => floats(drift, name)
  // A model that nothing writes to says the same as before the first step.
  metrics['language.perplexity'] =
    position.firstPerplexity !== null && !languageChanges(config)
      ? position.firstPerplexity
      : await heldOutPerplexity(config, texts, run.language.layout, programs)
  metrics['codebook.norm'] = average(column('norm'))
  if (bound) {
    metrics['drift.cosine'] = average(column('cosine'))
    metrics['drift.distance'] = average(column('distance'))
    metrics['drift.used.cosine'] = average(column('cosine').filter((_, code) => (hits[code] as number) > 0))
  }
  Object.assign(metrics, record.usage(), deadCodes(run))
  // An independent codebook has no rows to be measured by.
  if (position.step === 0) position.firstNorm = average(column('norm'))
  recorder.event({ kind: 'metrics', step: position.step, values: metrics })
  if (withSample) {
    const vectors: Record<string, StoredTensor> = {}
    for (const [name, from] of [
      ['norm', 'norm'],
      ...(bound
        ? [
            ['drift.cosine', 'cosine'],
            ['drift.distance', 'distance'],
          ]
        : []),
    ] as [string, string][])
      vectors[name] = { dtype: 'F32', shape: [run.codes], data: column(from) }
    Object.assign(vectors, await codeSample(run, bound ? column('distance') : null, hits))
    recorder.sample(position.step, { ...inputPictures(options), ...sample, ...vectors }, sampleCaptions(options))
  }
  raiseAlarms(run, metrics, bound ? average(column('languageNorm')) : position.firstNorm, hits)
}

/**
 * Share of the codes that no layer used for 5·K/T steps, once there have been as many: at uniform use that is e^−5 of them.
 */
function deadCodes({ config, codes, position, record }: Run): Record<string, number> {
  const rarest = Math.min(...booksOf(config, codes).map(meanCount))
  const patience = Math.max(1, Math.ceil(5 / rarest))
  if (position.step < patience) return {}
  return { 'codebook.dead': record.history.unusedSince(position.step - patience) / codes }
}

const average = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const shownPictures = ({ pictures, config }: StageOneOptions): number[] =>
  pictures.heldOut.slice(0, config.training.samplePictures)

function inputPictures(options: StageOneOptions): Record<string, StoredTensor> {
  const shown = shownPictures(options)
  const side = options.pictures.resolution
  const data = new Uint8Array(shown.length * side * side * 3)
  for (const [row, index] of shown.entries()) data.set(options.pictures.pixels(index), row * side * side * 3)
  return { input: { dtype: 'U8', shape: [shown.length, side, side, 3], data } }
}

const sampleCaptions = (options: StageOneOptions): Record<string, string> => ({
  [SAMPLE_CAPTIONS]: JSON.stringify(
    shownPictures(options).map((index) => options.pictures.pictures[index]?.caption ?? ''),
  ),
})

function raiseAlarms(run: Run, metrics: Record<string, number>, firstNorm: number | null, hits: Int32Array): void {
  const { position, config, options } = run
  if (position.step < config.training.evaluateEvery) return
  const { firstPerplexity } = position
  const pictures = hits.reduce((sum, count) => sum + count, 0) / tokensPerPicture(config)
  const possible = codeMapSides(config).map((side, layer) => {
    const { first, end } = rowsOfLayer(config, layer, run.codes)
    return Math.min(end - first, pictures * side * side)
  })
  const signs = { metrics, firstPerplexity, firstNorm, possible, codebook: config.codebook }
  for (const alarm of alarmsOf(signs)) {
    if (position.alarms.includes(alarm.name)) continue
    position.alarms.push(alarm.name)
    options.recorder.event({ kind: 'alarm', step: position.step, ...alarm })
  }
}
