import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats, ints, number } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import { convolution, pixelShuffle, pixelUnshuffle } from '../../src-main/tokenizers/layers.ts'
import { hq } from '../../src-main/tokenizers/quantizers/hq.ts'
import { assign, commitmentLoss } from '../../src-main/tokenizers/quantizers/search.ts'
import { codeOrder, flattenCodes, unflattenCodes } from '../../src-shared/code-maps.ts'
import { describeReference, expectClose } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({ embedding: z.int(), side: z.int(), tokens_per_image: z.int() }),
})

describeReference('hq', (reference) => {
  const { embedding, side, tokens_per_image } = reference.read(caseSchema).params
  const inputs = Object.fromEntries(
    reference.names('input').map((name) => [name, hostTensor(reference.input(name))] as const),
  )
  const parametersOf = (tensors: Record<string, Tensor>) =>
    Object.fromEntries(
      ['up', 'down', 'post'].flatMap((layer) =>
        ['kernel', 'bias'].map((part) => [`${layer}.${part}`, parameter(tensors, `${layer}_${part}`)] as const),
      ),
    )

  /** The pieces of the quantizer, put together by the words of the convention. */
  function pieces(tensors: Record<string, Tensor>): Record<string, Tensor> {
    const [h, codebook, parameters] = [parameter(tensors, 'h'), parameter(tensors, 'codebook'), parametersOf(tensors)]
    const top = pixelUnshuffle(h)
    const topLevel = assign(top, codebook)
    const top_up = pixelShuffle(topLevel.vectors)
    const residual = tf.sub(h, top_up)
    const bottom = convolution(parameters, 'up', residual)
    const bottomLevel = assign(bottom, codebook)
    const bottom_down = convolution(parameters, 'down', bottomLevel.vectors)
    const fused = tf.concat([top_up, bottom_down], 3)
    return {
      top,
      top_index: topLevel.codes,
      top_code: topLevel.vectors,
      top_up,
      residual,
      bottom,
      bottom_index: bottomLevel.codes,
      bottom_code: bottomLevel.vectors,
      bottom_down,
      fused,
      post: convolution(parameters, 'post', fused),
      top_commit: commitmentLoss(top, topLevel.vectors),
      bottom_commit: commitmentLoss(bottom, bottomLevel.vectors),
    }
  }

  it('lays out the tokens of a picture as each top code and then its four children', () => {
    const sides = [side / 2, side]
    const order = codeOrder(sides)
    expect(order.length).toBe(tokens_per_image)
    reference.expectTensor(
      'token_level',
      order.map(({ layer }) => layer),
    )
    reference.expectTensor(
      'token_cell',
      order.flatMap(({ layer, at }) => [Math.floor(at / (sides[layer] as number)), at % (sides[layer] as number)]),
    )
    const maps = [reference.expected('top_index'), reference.expected('bottom_index')] as const
    const [pictures] = maps[0].shape as [number]
    const tokens = Array.from({ length: pictures }, (_, picture) => {
      const own = maps.map(({ shape, integers }) => {
        const cells = (shape[1] as number) * (shape[2] as number)
        return Int32Array.from(integers.slice(picture * cells, (picture + 1) * cells))
      })
      const flat = flattenCodes(own, sides)
      expect(unflattenCodes(flat, sides)).toEqual(own)
      return [...flat]
    })
    reference.expectTensor('tokens', tokens.flat())
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('gives every intermediate map of both levels', async () => {
      const got = await runOnce(runtime, inputs, pieces)
      const maps = reference.names('expected').filter((name) => !name.startsWith('token'))
      for (const name of maps) reference.expectTensor(name, got[name]?.data ?? [])
      for (const name of ['top_commit', 'bottom_commit']) reference.expectScalar(name, number(got, name))
    })

    it('quantizes both levels by one codebook, and rebuilds the decoder input from the codes alone', async () => {
      const got = await runOnce(runtime, inputs, (tensors) => {
        const [parameters, codebook] = [parametersOf(tensors), parameter(tensors, 'codebook')]
        const quantizer = hq({ width: embedding, levels: 2, resampling: 'shuffle' })
        const { quantized, codes, commitment } = quantizer.quantize(parameters, parameter(tensors, 'h'), codebook)
        const [top, bottom] = codes as [Tensor, Tensor]
        return { quantized, top, bottom, commitment, embedded: quantizer.embed(parameters, codes, codebook) }
      })
      reference.expectTensor('top_index', ints(got, 'top'))
      reference.expectTensor('bottom_index', ints(got, 'bottom'))
      reference.expectTensor('post', floats(got, 'quantized'))
      reference.expectTensor('post', floats(got, 'embedded'))
      const levels = await runOnce(runtime, inputs, pieces)
      const mean = (number(levels, 'top_commit') + number(levels, 'bottom_commit')) / 2
      expectClose([number(got, 'commitment')], [mean], 0, 1e-6, 'commitment, the mean of both levels')
    })
  })
})
