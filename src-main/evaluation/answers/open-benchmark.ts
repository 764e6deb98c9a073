import type { BenchmarkName } from '../../../src-shared/answer-results.ts'
import type { Benchmark } from './benchmark.ts'
import { readMmbench } from './files/mmbench.ts'
import type { OfficialPaths } from './files/official-paths.ts'
import { readPope } from './files/pope.ts'
import { readScienceQa } from './files/scienceqa.ts'
import { readTextVqa } from './files/textvqa.ts'
import { readVizWiz } from './files/vizwiz.ts'
import { readVqaV2 } from './files/vqav2.ts'

const readers: Readonly<Record<BenchmarkName, (paths: OfficialPaths) => Promise<Benchmark>>> = {
  vqav2: readVqaV2,
  vizwiz: readVizWiz,
  scienceqa: readScienceQa,
  textvqa: readTextVqa,
  pope: readPope,
  mmbench: (paths) => readMmbench('mmbench', paths),
  'mmbench-cn': (paths) => readMmbench('mmbench-cn', paths),
}

/**
 * Reads a benchmark from its official files.
 * @throws BenchmarkError if files are missing, are of another kind, hold an entry that is none or an id twice, or do not
 * belong together
 */
export const openBenchmark = (name: BenchmarkName, paths: Partial<OfficialPaths>): Promise<Benchmark> =>
  readers[name]({ questions: [], annotations: [], split: '', ocr: '', ...paths })
