import { compile } from '../../../src-main/engine/compile.ts'
import { nearestCode } from '../../../src-main/engine/operations/nearest-code.ts'
import { parameter } from '../../../src-main/engine/parameters.ts'
import { float32, ints } from '../../../src-main/engine/runtimes/runtime.ts'
import { hashedValues } from '../hashed-values.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { NearestCodeShape } from '../shapes.ts'
import { mean } from './mean.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const options = givenOptions<NearestCodeShape & RuntimeOptions>()
const { vectors, codes, width } = options
const { runtime, version } = openRuntime(options)
const state = runtime.createState({
  z: float32(hashedValues('z', vectors * width), [vectors, width]),
  codebook: float32(hashedValues('codebook', codes * width), [codes, width]),
})
const { ms: compileMs, result: program } = await timed(() =>
  compile(runtime, state, 'nearest code', {}, state.names(), (tensors) => ({
    codes: nearestCode(parameter(tensors, 'z'), parameter(tensors, 'codebook')),
  })),
)

await serve(
  { ready: version, compileMs },
  async () => {
    const { ms, result } = await timed(() => program.run({}))
    return { ms, value: mean(ints(result, 'codes')) }
  },
  { end: () => program.dispose() },
)
