import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../src-main/engine/compile.ts'
import { exportFunctions } from '../src-main/engine/export.ts'
import { onnxRuntime } from '../src-main/engine/runtimes/onnx.ts'
import type { HostTensor } from '../src-main/engine/runtimes/runtime.ts'
import { specsOf } from '../src-main/engine/testing/programs.ts'
import { temporaryFolder } from './fakes/temporary-folder.ts'
import { exportedFunction, exportedInputs } from './fixtures/exported-function.ts'
import { pythonForTests } from './onnxruntime-python.ts'

const python = pythonForTests()

/** Runs the model at argv[1] on the inputs of a JSON file, and prints its outputs as JSON. */
const RUN = `
import json, sys
import numpy as np
import onnxruntime

model, inputs = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
feeds = {
    name: np.array(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])
    for name, tensor in json.load(open(inputs)).items()
}
results = zip(session.get_outputs(), session.run(None, feeds))
print(json.dumps({o.name: {"dtype": str(v.dtype), "shape": v.shape, "data": v.ravel().tolist()} for o, v in results}))
`

const missing = python.missing ? `: skipped, ${python.missing}` : ''
describe.skipIf(python.missing)(`an exported function in Python's onnxruntime${missing}`, () => {
  let wanted: Record<string, HostTensor>
  beforeAll(async () => {
    const runtime = onnxRuntime({ threads: 1 })
    const state = runtime.createState(exportedFunction.weights as Record<string, HostTensor>)
    const program = await compile(runtime, state, 'own', specsOf(exportedInputs), state.names(), exportedFunction.step)
    wanted = await program.run(exportedInputs)
    await program.dispose()
  })

  it.each([false, true])(
    'has the numbers of the program itself, and its README says how (weights in a file of their own: %s)',
    async (external) => {
      const folder = temporaryFolder()
      await exportFunctions([exportedFunction], { folder, title: 'Test', external })
      const inputs = Object.entries(exportedInputs).map(([name, tensor]) => [
        name,
        { ...tensor, data: Array.from(tensor.data) },
      ])
      writeFileSync(join(folder, 'inputs.json'), JSON.stringify(Object.fromEntries(inputs)))
      const run = (...words: string[]) =>
        execFileSync(python.path as string, words, { cwd: folder, encoding: 'utf8', timeout: 60_000 })
      const got = JSON.parse(run('-c', RUN, 'every-kind.onnx', 'inputs.json'))
      expect(Object.keys(got)).toEqual(Object.keys(wanted))
      for (const [name, { shape, dtype, data }] of Object.entries(wanted)) {
        expect([got[name].shape, got[name].dtype], name).toEqual([[...shape], dtype])
        for (const [at, value] of data.entries()) expect(Number(got[name].data[at])).toBeCloseTo(value, 5)
      }
      const readme = readFileSync(join(folder, 'README.md'), 'utf8')
      const printed = run('-c', /```python\n(.*?)```/s.exec(readme)?.[1] as string)
      expect(printed.split('\n')).toContain('mixed float32 (1, 2, 5, 4)')
      expect(printed.split('\n')).toContain('positive bool (2, 6, 6, 3)')
    },
    60_000,
  )
})
