import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { installedTensorflow, tensorflowFolder } from '../src-main/engine/tensorflow/installation.ts'
import { installedSmolLm2 } from '../src-main/language/smollm2.ts'
import { homeFolder } from '../src-main/start/home.ts'
import { root } from './e2e/build.ts'
import { chromiumForTests, electronForTests } from './e2e/programs.ts'
import { softwareGraphics } from './fixtures/swiftshader.ts'
import { pythonForTests } from './onnxruntime-python.ts'
import { referenceFolder } from './parity/reference.ts'

/**
 * `npm test`: every check in turn, the later ones even if an earlier one fails. `npm test -- unit e2e` runs some.
 * The last line is `N passed, N failed, N skipped`.
 */

interface Counts {
  passed: number
  failed: number
  skipped: number
}

type Stage = { name: string; program: string; args: string[] } | { name: string; project: string }

const bin = (...path: string[]) => join(root, 'node_modules', ...path)
const tsc = bin('@typescript', 'native', 'bin', 'tsc')
const stages: Stage[] = [
  { name: 'types', program: tsc, args: ['-p', 'tsconfig.json'] },
  { name: 'types of the window', program: tsc, args: ['-p', 'src-renderer/tsconfig.json'] },
  { name: 'lint', program: bin('@biomejs', 'biome', 'bin', 'biome'), args: ['check', '.'] },
  {
    name: 'layers',
    program: bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    args: ['--config', '.dependency-cruiser.cjs', 'src-shared', 'src-main', 'src-renderer'],
  },
  { name: 'unit', project: 'unit' },
  { name: 'parity', project: 'parity' },
  { name: 'faults', project: 'faults' },
  { name: 'end to end', project: 'e2e' },
]

const vitestReport = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

const reports = mkdtempSync(join(tmpdir(), 'workbench-tests-'))
let running: ReturnType<typeof spawn> | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    running?.kill(signal)
    rmSync(reports, { recursive: true, force: true })
    process.exit(130)
  })

const wanted = process.argv.slice(2)
const known = stages.map(idOf)
const unknown = wanted.find((id) => !known.includes(id))
if (unknown) {
  console.error(`no check is called "${unknown}"; there are ${[...new Set(known)].join(', ')}`)
  process.exit(2)
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []
for (const stage of stages.filter((each) => wanted.length === 0 || wanted.includes(idOf(each)))) {
  const begin = performance.now()
  console.log(`\n── ${stage.name} ──`)
  const counts = 'project' in stage ? await runVitest(stage.project) : await runCheck(stage.program, stage.args)
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
  if (counts.failed > 0) failures.push(stage.name)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`${stage.name}: ${sentence(counts)} (${seconds} s)`)
}
rmSync(reports, { recursive: true, force: true })

console.log('')
for (const line of await notRun()) console.log(line)
if (failures.length > 0) console.log(`Failed: ${failures.join(', ')}`)
console.log(sentence(total))
process.exit(total.failed > 0 ? 1 : 0)

/** The word by which a stage is asked for. */
function idOf(stage: Stage): string {
  return 'project' in stage ? stage.project : (stage.name.split(' ')[0] ?? stage.name)
}

function sentence({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** A tool that passes or fails as a whole. */
async function runCheck(program: string, args: string[]): Promise<Counts> {
  const failed = (await exitCode([program, ...args])) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

async function runVitest(project: string): Promise<Counts> {
  const file = join(reports, `${project}.json`)
  const code = await exitCode([
    bin('vitest', 'vitest.mjs'),
    'run',
    ...['--project', project],
    '--passWithNoTests',
    ...['--reporter', 'default', '--reporter', 'json', `--outputFile.json=${file}`],
  ])
  // Vitest itself broke off, such as in its global setup.
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const report = vitestReport.parse(JSON.parse(readFileSync(file, 'utf8')))
  // A file that could not be loaded holds no tests, and an error outside of tests belongs to none: each is one failure.
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + unloaded
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function exitCode(args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    running = child
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** What this machine could not run, and why. */
async function notRun(): Promise<string[]> {
  const chromium = chromiumForTests()
  const electron = await electronForTests()
  const tensorflow = tensorflowFolder(homeFolder(undefined))
  const python = pythonForTests()
  const graphics = softwareGraphics()
  return [
    existsSync(referenceFolder) ? null : `Not run: parity with ${referenceFolder} (no such folder; set REFERENCE_DIR)`,
    installedSmolLm2(homeFolder(undefined)) ? null : 'Not run: parity with SmolLM2 (npm run setup:llm fetches it)',
    graphics.missing ? `Not run: WebGPU (${graphics.missing})` : null,
    chromium.path ? null : `Not run: end to end in a browser (${chromium.missing})`,
    installedTensorflow(tensorflow)
      ? null
      : `Not run: anything on TensorFlow (not set up in ${tensorflow}; npm run setup:tensorflow)`,
    electron.path ? null : `Not run: end to end in Electron (${electron.missing})`,
    python.path ? null : `Not run: exported functions in Python (${python.missing})`,
  ].filter((line) => line !== null)
}
