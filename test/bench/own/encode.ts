import { compile } from '../../../src-main/engine/compile.ts'
import type { ParameterSpec } from '../../../src-main/engine/initialise.ts'
import { sizeOf } from '../../../src-main/engine/ir.ts'
import { parameter } from '../../../src-main/engine/parameters.ts'
import { float32, type HostTensor, ints } from '../../../src-main/engine/runtimes/runtime.ts'
import { createTokenizer } from '../../../src-main/tokenizers/tokenizer.ts'
import { tokenizerSchema } from '../../../src-shared/config.ts'
import { hashedValues } from '../hashed-values.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { EncodeShape } from '../shapes.ts'
import { mean } from './mean.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const options = givenOptions<EncodeShape & RuntimeOptions>()
const { channels, residualBlocks, groups, attention, width, codes, side, batch } = options
const tokenizer = createTokenizer({
  tokenizer: tokenizerSchema.parse({
    kind: 'hq',
    layers: 2,
    channels: [...channels],
    residualBlocks,
    groups,
    attention,
  }),
  data: { resolution: side },
  codebook: { paradigm: 'frozen', width: 0, shared: true },
  language: { width },
})

/** Convolutions as the peer makes them: U(−1/√fanIn, 1/√fanIn), biases too; norms begin with 1 and 0. */
function initial(name: string, { shape, init }: ParameterSpec): HostTensor {
  const bias = name.endsWith('.bias')
  if (init.kind === 'constant' && !bias) return float32(new Float32Array(sizeOf(shape)).fill(init.value), shape)
  const kernel = bias ? tokenizer.specs[name.replace(/bias$/, 'kernel')]?.shape : shape
  return float32(hashedValues(name, sizeOf(shape), 1 / Math.sqrt(sizeOf((kernel as number[]).slice(0, -1)))), shape)
}

const specs = Object.entries(tokenizer.specs).filter(([name]) => !name.startsWith('decoder.'))
const { runtime, version } = openRuntime(options)
const state = runtime.createState({
  ...Object.fromEntries(specs.map(([name, spec]) => [name, initial(name, spec)])),
  codebook: float32(hashedValues('codebook', codes * width, Math.sqrt(3 / width)), [codes, width]),
})
const { ms: compileMs, result: program } = await timed(() =>
  compile(runtime, state, 'encode', { images: { shape: [batch, side, side, 3] } }, state.names(), (tensors) => {
    const maps = tokenizer.tokenize(tensors, parameter(tensors, 'images'), parameter(tensors, 'codebook')).codes
    return Object.fromEntries(maps.map((map, level) => [`codes.${level}`, map]))
  }),
)
const images = float32(hashedValues('images', batch * side * side * 3), [batch, side, side, 3])

await serve(
  { ready: version, compileMs },
  async () => {
    const { ms, result } = await timed(() => program.run({ images }))
    return { ms, value: mean(Int32Array.of(...ints(result, 'codes.0'), ...ints(result, 'codes.1'))) }
  },
  { end: () => program.dispose() },
)
