import { codeMapSides } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import { CodeHistory, recorded } from '../../codebook/code-history.ts'
import { codeEntropy, QueueUsage, ScaleHitUsage, ShareUsage } from '../../evaluation/codebook-usage.ts'
import type { PrincipalAxes } from '../../evaluation/principal-components.ts'

/** Indices that LlamaGen's queue holds. */
const QUEUE = 65_536

/** Usage of one layer's codebook over the training batches, by the definitions that need to remember. */
interface LayerUsage {
  queue: QueueUsage
  share: ShareUsage
  /** [K] hits in the epoch so far. */
  epoch: Int32Array
}

/**
 * What a run remembers of its codes beside the graph: their lives, how used the codebook is by each definition that looks
 * further back than one batch, and the plane on which they are drawn. All of it is kept in checkpoints.
 */
export class CodeRecord {
  readonly history: CodeHistory
  /** Set at the first sample, kept for the run. */
  plane: PrincipalAxes | null = null
  readonly #layers: LayerUsage[]
  readonly #scales: ScaleHitUsage
  /** Codes of one layer, and by how many rows the codes of the next layer come later. */
  readonly #codes: number
  readonly #offset: number
  /** The last batch's figures, by metric name. */
  #latest: Record<string, number> = {}

  /** @param rows of the codebook's table, over all layers */
  constructor(config: ExperimentConfig, rows: number) {
    const sides = codeMapSides(config)
    const apart = config.codebook.paradigm === 'independent' && !config.codebook.shared
    this.#codes = apart ? rows / sides.length : rows
    this.#offset = apart ? this.#codes : 0
    this.history = new CodeHistory(rows, sides.length)
    this.#layers = sides.map(() => ({
      queue: new QueueUsage(this.#codes, QUEUE),
      share: new ShareUsage(this.#codes),
      epoch: new Int32Array(this.#codes),
    }))
    this.#scales = new ScaleHitUsage(this.#codes, sides, config.training.batchSize)
  }

  /**
   * Takes in the code maps of a training step.
   * @param maps per layer int32 [B·h·w], rows of the codebook's table
   */
  step(step: number, maps: readonly Int32Array[]): void {
    const ofLayer = maps.map((map, layer) =>
      this.#offset === 0 ? map : map.map((code) => code - layer * this.#offset),
    )
    this.#latest = {}
    for (const [layer, { queue, share, epoch }] of this.#layers.entries()) {
      const codes = ofLayer[layer] as Int32Array
      this.history.use(step, layer, maps[layer] as Int32Array)
      for (const code of codes) epoch[code] = (epoch[code] as number) + 1
      // Of a batch longer than the queue, only its end would be left in it.
      this.#latest[`usage.queue.${layer}`] = queue.add(codes.subarray(-QUEUE))
      this.#latest[`usage.share.${layer}`] = share.add(codes) / 100
    }
    for (const [layer, percent] of this.#scales.add(concatenated(ofLayer)).entries())
      this.#latest[`usage.emaHits.${layer}`] = percent / 100
  }

  /** Usage as it stands after the last step: the queue's, the running hits' and the share's; nothing before a step. */
  usage(): Record<string, number> {
    return { ...this.#latest }
  }

  /** Entropy of each layer's codes over the epoch that ends here; the next one begins. */
  endEpoch(): Record<string, number> {
    const entropies = Object.fromEntries(
      this.#layers.map(({ epoch }, layer) => [`entropy.epoch.${layer}`, codeEntropy(epoch)]),
    )
    for (const { epoch } of this.#layers) epoch.fill(0)
    return entropies
  }

  toTensors(): Record<string, StoredTensor> {
    const int32 = (data: Int32Array): StoredTensor => ({ dtype: 'I32', shape: [data.length], data: data.slice() })
    const float32 = (data: Float32Array): StoredTensor => ({ dtype: 'F32', shape: [data.length], data: data.slice() })
    const tensors = this.history.toTensors()
    for (const [layer, { queue, share, epoch }] of this.#layers.entries()) {
      tensors[`usage.queue.${layer}`] = int32(queue.recent())
      tensors[`usage.share.${layer}`] = float32(share.average)
      tensors[`usage.epoch.${layer}`] = int32(epoch)
      tensors[`usage.emaHits.${layer}`] = float32(this.#scales.averages[layer] as Float32Array)
    }
    tensors['usage.updates'] = int32(Int32Array.of(this.#layers[0]?.share.batches ?? 0, this.#scales.updates))
    if (this.plane) {
      tensors['map.mean'] = float32(this.plane.mean)
      tensors['map.directions'] = float32(this.plane.directions)
    }
    return tensors
  }

  /** The inverse of toTensors. @throws Error naming the tensor that is missing or of another shape */
  restore(tensors: Readonly<Record<string, StoredTensor>>): void {
    const codes = [this.#codes]
    this.history.restore(tensors)
    const [batches, updates] = recorded(tensors, 'usage.updates', 'I32', [2]) as Int32Array
    this.#scales.updates = updates as number
    for (const [layer, { queue, share, epoch }] of this.#layers.entries()) {
      queue.restore(recorded(tensors, `usage.queue.${layer}`, 'I32', [QUEUE]) as Int32Array)
      share.average.set(recorded(tensors, `usage.share.${layer}`, 'F32', codes))
      share.batches = batches as number
      epoch.set(recorded(tensors, `usage.epoch.${layer}`, 'I32', codes))
      this.#scales.averages[layer]?.set(recorded(tensors, `usage.emaHits.${layer}`, 'F32', codes))
    }
    const [mean, directions] = [tensors['map.mean'], tensors['map.directions']]
    this.plane =
      mean && directions ? { mean: mean.data as Float32Array, directions: directions.data as Float32Array } : null
  }
}

function concatenated(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
