import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { askAfter, tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { metric, never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import { openTrainedTokenizer } from '../trained-tokenizer.ts'
import { CODES, LANGUAGE_TABLE } from './state.ts'

const train = tinyTraining()

const floats = (file: TensorFile, name: string): Float32Array => file.tensors[name]?.data as Float32Array

describe('Stage I', { timeout: 120_000 }, () => {
  it('gives the same numbers and the same weights, bit for bit, when it is paused anywhere and resumed', async () => {
    const whole = await train(tinyConfig())
    for (const questions of [1, 6, 10, 13]) {
      const begun = await train(tinyConfig(), askAfter(questions, 'pause'))
      expect(begun.result.state).toBe('paused')
      const resumed = await train(tinyConfig(), never, begun.file)
      expect(resumed.result).toEqual({ state: 'finished', step: 10 })
      expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
      for (const [name, { data }] of Object.entries(whole.file.tensors))
        expect(floats(resumed.file, name), name).toEqual(data)
      expect([...begun.recorder.samples, ...resumed.recorder.samples]).toEqual(whole.recorder.samples)
      expect([...begun.recorder.syncs, ...resumed.recorder.syncs]).toEqual(whole.recorder.syncs)
    }
  })

  it('never changes a frozen codebook after it took the language model’s rows', async () => {
    const { file, recorder } = await train(
      tinyConfig((config) => {
        config.codebook.paradigm = 'frozen'
        config.language.ratio = 0
      }),
    )
    expect(floats(file, CODES)).toEqual(floats(file, LANGUAGE_TABLE))
    expect(recorder.events.some(({ kind }) => kind === 'sync')).toBe(false)
    expect(metric(recorder, 'drift.cosine').every((cosine) => Math.abs(cosine - 1) < 1e-5)).toBe(true)
  })

  it('writes the visual codebook into the language model under dual, and never under iterative', async () => {
    const steps = (config: ExperimentConfig) => {
      config.language.ratio = 0
    }
    const dual = await train(
      tinyConfig((config) => Object.assign(config.codebook, { paradigm: 'dual' }) && steps(config)),
    )
    const iterative = await train(tinyConfig(steps))
    const frozen = await train(
      tinyConfig((config) => Object.assign(config.codebook, { paradigm: 'frozen' }) && steps(config)),
    )
    expect(floats(dual.file, LANGUAGE_TABLE)).toEqual(floats(dual.file, CODES))
    expect(floats(dual.file, LANGUAGE_TABLE)).not.toEqual(floats(frozen.file, LANGUAGE_TABLE))
    expect(floats(iterative.file, LANGUAGE_TABLE)).toEqual(floats(frozen.file, LANGUAGE_TABLE))
    expect(floats(iterative.file, CODES)).not.toEqual(floats(iterative.file, LANGUAGE_TABLE))
  })

  it('brings the codebook nearer to the language model at each sync', async () => {
    const { recorder } = await train(tinyConfig())
    const syncs = recorder.events.filter((event) => event.kind === 'sync')
    expect(syncs.map(({ step }) => step)).toEqual([3, 6, 9])
    for (const { before, after } of syncs) {
      expect(after.distance).toBeLessThan(before.distance)
      // Eq. 3 keeps λ of the difference.
      expect(after.distance / before.distance).toBeCloseTo(0.9, 4)
    }
  })

  it.each([
    { kind: 'vq', layers: 1 },
    { kind: 'rq', layers: 3 },
    { kind: 'hq', layers: 2 },
    { kind: 'hq', layers: 3, resampling: 'pool' },
    { kind: 'vqvae2', layers: 2 },
    { kind: 'spae', layers: 4 },
  ])('learns: the reconstruction loss of $kind with $layers layers falls under every paradigm', async (tokenizer) => {
    for (const paradigm of ['frozen', 'dual', 'iterative', 'independent'] as const) {
      const { recorder } = await train(
        tinyConfig((config) => {
          Object.assign(config.tokenizer, tokenizer, { attention: false })
          Object.assign(config.codebook, { paradigm, size: paradigm === 'independent' ? 24 : 0 })
          Object.assign(config.training, { steps: 24, evaluateEvery: 24, sampleEvery: 24, checkpointEvery: 24 })
        }),
      )
      const loss = metric(recorder, 'loss.reconstruction')
      expect(loss, paradigm).toHaveLength(24)
      expect(Math.min(...loss.slice(-4)), paradigm).toBeLessThan(0.8 * (loss[0] as number))
    }
  })

  it('records samples whose code maps the exported tokenizer makes again', async () => {
    const { recorder, file } = await train(tinyConfig())
    expect(recorder.samples.map(({ step }) => step)).toEqual([0, 5, 10])
    const sample = recorder.samples.at(-1)?.tensors ?? {}
    const tokenizer = await openTrainedTokenizer(file, tinyConfig(), { threads: 1, tensorflow: '' })
    const codes = await tokenizer.encode(sample.input?.data as Uint8Array, 4)
    expect(codes.map((map) => [...map])).toEqual(
      [0, 1].map((layer) => [...((sample[`codes.${layer}`] as StoredTensor).data as Int32Array)]),
    )
    expect(await tokenizer.decode(codes, 4)).toEqual(sample.reconstruction?.data)
    await expect(tokenizer.decode([codes[0] as Int32Array, (codes[1] as Int32Array).with(0, 9999)], 4)).rejects.toThrow(
      'code 9999 at place 0',
    )
    await tokenizer.dispose()
  })

  it('records the life of every code, its rank and its neighbours', async () => {
    const { recorder } = await train(tinyConfig())
    const [first, , last] = recorder.samples.map(({ tensors }) => tensors)
    const values = (tensors: Record<string, StoredTensor> = {}, name: string) => [
      ...((tensors[name] as StoredTensor).data as Int32Array),
    ]
    // Nothing has been trained at the first sample, and every code stands on its row.
    expect(new Set(values(first, 'history.birth.0'))).toEqual(new Set([-1]))
    expect(new Set(values(first, 'drift.rank'))).toEqual(new Set([0]))
    expect(values(first, 'map.codes')).toEqual(values(first, 'map.rows'))
    // The last window holds steps 6 to 10, of 4 pictures each: maps of 4 × 4 and 8 × 8 codes.
    const sum = (list: number[]) => list.reduce((total, value) => total + value, 0)
    expect(sum(values(last, 'history.window.0'))).toBe(5 * 4 * 16)
    expect(sum(values(last, 'history.window.1'))).toBe(5 * 4 * 64)
    const birth = values(last, 'history.birth.1')
    for (const [code, use] of values(last, 'history.lastUse.1').entries())
      expect(use === -1 ? birth[code] === -1 : use >= (birth[code] as number)).toBe(true)
    expect(sum(values(last, 'history.restarts'))).toBe(sum(metric(recorder, 'codebook.restarts')))
    const used = values(last, 'nearest.codes')
    const [top, bottom] = [values(last, 'usage.0'), values(last, 'usage.1')]
    expect(used.toSorted((a, b) => a - b)).toEqual(
      top.flatMap((hits, code) => (hits + (bottom[code] as number) > 0 ? [code] : [])),
    )
    expect(last?.['nearest.tokens']?.shape).toEqual([used.length, 8])
    for (const name of ['nearest.distances', 'nearest.shuffled']) {
      const distances = values(last, name)
      for (let at = 1; at < distances.length; at++)
        if (at % 8 > 0) expect(distances[at] as number).toBeGreaterThanOrEqual(distances[at - 1] as number)
    }
  })

  it('records where each sync took the codes that had left their rows', async () => {
    const { recorder } = await train(tinyConfig((config) => Object.assign(config.codebook, { syncLambda: 0 })))
    expect(recorder.syncs.map(({ step }) => step)).toEqual([3, 6, 9])
    const plane = recorder.samples.find(({ step }) => step === 10)?.tensors
    const ends = recorder.syncs.at(-1)?.tensors.after?.data as Float32Array
    const moved = recorder.syncs.at(-1)?.tensors.moved?.data as Int32Array
    expect(moved.length).toBeGreaterThan(0)
    expect(ends).toHaveLength(2 * moved.length)
    // With λ = 0 Eq. 3 puts every code on its row; the language model has taken no step since.
    const rows = plane?.['map.rows']?.data as Float32Array
    for (const [at, code] of moved.entries())
      for (const axis of [0, 1]) expect(ends[2 * at + axis]).toBeCloseTo(rows[2 * code + axis] as number, 4)
  })

  it('records usage by all six definitions, each under its own name', async () => {
    const { recorder } = await train(tinyConfig())
    for (const name of [
      'perplexity.batch.0',
      'entropy.epoch.0',
      'usage.anyHit.0',
      'usage.queue.0',
      'usage.emaHits.0',
      'usage.share.0',
    ])
      expect(metric(recorder, name).length, name).toBeGreaterThan(0)
    for (const layer of [0, 1]) {
      expect(metricDefinition(`entropy.epoch.${layer}`)?.definition).toContain('RQ-VAE')
      expect(metricDefinition(`usage.queue.${layer}`)?.definition).toContain('LlamaGen')
      expect(metricDefinition(`usage.emaHits.${layer}`)?.definition).toContain('VAR')
      expect(metricDefinition(`usage.share.${layer}`)?.definition).toContain('UniTok')
    }
    // 11 training pictures in batches of 4: epochs end in steps 3, 6 and 9, and the run in step 10.
    expect(metric(recorder, 'entropy.epoch.0')).toHaveLength(4)
  })

  it('takes the language steps of an epoch after it, and what is left at the end', async () => {
    const steps = async (alternate: 'step' | 'epoch') => {
      const { recorder } = await train(
        tinyConfig((config) => {
          // 11 training pictures in batches of 4: an epoch is 3 steps.
          Object.assign(config.language, { alternate, stepsBefore: 0, ratio: 1 })
          Object.assign(config.training, { steps: 7 })
        }),
      )
      return recorder.events.flatMap((event) =>
        event.kind === 'metrics' && 'language.loss' in event.values ? [event.step] : [],
      )
    }
    expect(await steps('step')).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await steps('epoch')).toEqual([3, 3, 3, 6, 6, 6, 7])
  })

  it('stops with the loss and the step when training diverges', async () => {
    const diverging = tinyConfig((config) => {
      Object.assign(config.optimizer, { learningRate: 1e30, gradientClip: 0, warmupSteps: 0, schedule: 'constant' })
    })
    await expect(train(diverging)).rejects.toThrow(/reconstruction loss is .* at step \d+.*lower the learning rate/)
  })

  it('refuses a checkpoint of another config, naming the entry', async () => {
    const { file } = await train(tinyConfig((config) => Object.assign(config.training, { steps: 1 })))
    const wider = tinyConfig((config) => Object.assign(config.tokenizer, { channels: [8, 8, 16] }))
    await expect(train(wider, never, file)).rejects.toThrow(
      /checkpoint's "tokenizer\.encoder\.down2\.kernel".*\[3,3,8,16\]/,
    )
  })
})
