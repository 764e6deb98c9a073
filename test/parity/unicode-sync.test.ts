import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hitStatistics, updateFromFeatures, updateFromLanguage } from '../../src-main/codebook/rules.ts'
import { compile } from '../../src-main/engine/compile.ts'
import { nearestCode } from '../../src-main/engine/operations/nearest-code.ts'
import { parameter } from '../../src-main/engine/parameters.ts'
import {
  floats,
  type HostTensor,
  type Runtime,
  STATE_PREFIX,
  type State,
  scalar,
} from '../../src-main/engine/runtimes/runtime.ts'
import { runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { describeReference } from './reference.ts'
import { collect, hostStep, hostTensor } from './tensors.ts'

const caseSchema = z.object({ params: z.object({ lambda: z.number(), interval: z.int(), steps: z.int() }) })

describeReference('unicode-sync', (reference) => {
  const { lambda, interval, steps } = reference.read(caseSchema).params
  const [codes, width] = reference.input('initial_codebook').shape as [number, number]
  const [, vectors] = reference.input('z').shape as [number, number]
  const rows = reference.input('llm_codebook')
  const features = { z: { shape: [vectors, width] } }
  const table = { table: { shape: [codes, width] } }

  /** The programs of one paradigm: quantize alone, quantize and Eq. 2, quantize and Eq. 3. */
  async function open(runtime: Runtime, initial: HostTensor) {
    const state = runtime.createState({ codebook: initial })
    const quantize = (tensors: Record<string, Tensor>) => {
      const indices = nearestCode(parameter(tensors, 'z'), parameter(tensors, 'codebook'))
      const statistics = hitStatistics([{ features: parameter(tensors, 'z'), indices }], codes)
      return { indices, statistics, codebook: parameter(tensors, 'codebook') }
    }
    const outputs = ({ indices, statistics }: ReturnType<typeof quantize>, codebook: Tensor) => ({
      indices,
      counts: statistics.all,
      after: codebook,
      [`${STATE_PREFIX}codebook`]: codebook,
    })
    const load = (
      name: string,
      specs: typeof features | (typeof features & typeof table),
      step: (tensors: Record<string, Tensor>) => Record<string, Tensor>,
    ) => compile(runtime, state, name, specs, ['codebook'], step)
    const alone = await load('alone', features, (tensors) => {
      const quantized = quantize(tensors)
      return outputs(quantized, tf.clone(quantized.codebook))
    })
    const fromFeatures = await load('Eq. 2', features, (tensors) => {
      const quantized = quantize(tensors)
      return outputs(quantized, updateFromFeatures(quantized.codebook, quantized.statistics, lambda, tf.scalar(1)))
    })
    const fromLanguage = await load('Eq. 3', { ...features, ...table }, (tensors) => {
      const quantized = quantize(tensors)
      return outputs(quantized, updateFromLanguage(quantized.codebook, parameter(tensors, 'table'), lambda))
    })
    const dispose = () => Promise.all([alone, fromFeatures, fromLanguage].map((program) => program.dispose()))
    return { state, alone, fromFeatures, fromLanguage, dispose }
  }

  /** All steps of one paradigm, checked against its expected indices, counts and codebooks. */
  async function check(
    runtime: Runtime,
    paradigm: string,
    initial: HostTensor,
    step: (programs: Awaited<ReturnType<typeof open>>, at: number) => Promise<Record<string, HostTensor>>,
  ) {
    const programs = await open(runtime, initial)
    const outputs: Record<string, HostTensor>[] = []
    for (let at = 0; at < steps; at++) outputs.push(await step(programs, at))
    await programs.dispose()
    for (const name of ['indices', 'counts']) reference.expectTensor(`${paradigm}.${name}`, collect(outputs, name))
    reference.expectTensor(`${paradigm}.codebook`, collect(outputs, 'after'))
  }

  const batch = (at: number) => ({ z: hostStep(reference.input('z'), at) })
  const replace = (state: State, tensor: HostTensor) => state.write('codebook', tensor)

  describe.each(runtimes)('on $name', (runtime) => {
    it('iterative: features move the assigned codes, and every interval the language rows move all of them', async () => {
      const equations: number[] = []
      await check(runtime, 'iter', hostTensor(reference.input('initial_codebook')), (programs, at) => {
        const synced = (at + 1) % interval === 0
        equations.push(synced ? 3 : 2)
        return synced
          ? programs.fromLanguage.run({ ...batch(at), table: hostStep(rows, at) })
          : programs.fromFeatures.run(batch(at))
      })
      reference.expectTensor('iter.equation', equations)
    })

    it('dual: each step begins with the language rows, and features move the assigned ones', async () => {
      const language = reference.input('dual.llm_codebook')
      await check(runtime, 'dual', hostStep(language, 0), async (programs, at) => {
        await replace(programs.state, hostStep(language, at))
        return programs.fromFeatures.run(batch(at))
      })
    })

    it('frozen: the first language rows stay as they are', async () => {
      await check(runtime, 'frozen', hostStep(rows, 0), (programs, at) => programs.alone.run(batch(at)))
    })

    it('leaves every code as it was where Eq. 2 is switched off', async () => {
      const initial = hostTensor(reference.input('initial_codebook'))
      const state = runtime.createState({ codebook: initial })
      const program = await compile(
        runtime,
        state,
        'off',
        { ...features, apply: { shape: [] } },
        ['codebook'],
        (tensors) => {
          const codebook = parameter(tensors, 'codebook')
          const statistics = hitStatistics(
            [{ features: parameter(tensors, 'z'), indices: nearestCode(parameter(tensors, 'z'), codebook) }],
            codes,
          )
          return { after: updateFromFeatures(codebook, statistics, lambda, parameter(tensors, 'apply')) }
        },
      )
      const at = async (apply: number) => floats(await program.run({ ...batch(0), apply: scalar(apply) }), 'after')
      expect(await at(0)).toEqual(initial.data)
      expect(await at(1)).not.toEqual(initial.data)
      await program.dispose()
    })
  })
})
