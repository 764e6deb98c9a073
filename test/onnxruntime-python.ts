import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Program } from './e2e/programs.ts'

/** Where the benchmarks keep their Python packages. */
const benchmarks = fileURLToPath(new URL('bench/.venv/bin/python', import.meta.url))

/**
 * A Python that has onnxruntime and NumPy: the one that ONNXRUNTIME_PYTHON names, else the benchmarks' own, else python3.
 */
export function pythonForTests(environment: NodeJS.ProcessEnv = process.env): Program {
  const chosen = environment.ONNXRUNTIME_PYTHON
  const candidates = chosen ? [chosen] : [...(existsSync(benchmarks) ? [benchmarks] : []), 'python3']
  const path = candidates.find(
    (candidate) => spawnSync(candidate, ['-c', 'import numpy, onnxruntime'], { stdio: 'ignore' }).status === 0,
  )
  if (path) return { path }
  if (chosen) return { missing: `ONNXRUNTIME_PYTHON names ${chosen}, which cannot import onnxruntime and numpy` }
  return { missing: 'no Python here has onnxruntime and numpy; name one that has in ONNXRUNTIME_PYTHON' }
}
