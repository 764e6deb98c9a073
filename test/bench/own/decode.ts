import { join } from 'node:path'
import { openDecoder } from '../../../src-main/language/decoder.ts'
import { freezeLlama } from '../../../src-main/language/freeze.ts'
import { GREEDY, sampleTokens, tokenRandom } from '../../../src-main/language/sampling.ts'
import { openLlamaWeights } from '../../../src-main/language/weights/open.ts'
import { homeFolder } from '../../../src-main/start/home.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { DecodeShape } from '../shapes.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

/** Greedy decoding with the key-value cache. */
const options = givenOptions<DecodeShape & RuntimeOptions>()
const { prompt, newTokens, compared } = options
const weights = await openLlamaWeights(options.model)
const folder = join(homeFolder(undefined), 'cache', 'frozen')
const frozen = await freezeLlama(weights, folder, options.weights === 'float32' ? 'float32' : 'int4')
await weights.close()
const { runtime, version } = openRuntime(options)
const shape = { shape: weights.shape, batch: 1, context: prompt.length + newTokens }
const { ms: compileMs, result: decoder } = await timed(() => openDecoder(runtime, { frozen }, shape))

async function step() {
  const random = [tokenRandom(0, 0, 0)]
  const choose = (logits: Float32Array): number => sampleTokens(logits, GREEDY, random)[0] as number
  const tokens = [choose(await decoder.prompt([prompt]))]
  const began = performance.now()
  while (tokens.length < newTokens) tokens.push(choose(await decoder.next([tokens.at(-1) as number])))
  return { ms: performance.now() - began, value: tokens.slice(0, compared).reduce((sum, token) => sum + token, 0) }
}

await serve({ ready: `${version}, ${options.weights}`, compileMs }, step, { end: () => decoder.dispose() })
