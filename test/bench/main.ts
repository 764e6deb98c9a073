import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { type Bench, type BenchCase, benches, type PeerName, type PeerScript, peerNames } from './benches.ts'
import { contest, type Result } from './contest.ts'
import type { Contestant } from './contestant.ts'
import { installPackages, pythonWithPackages } from './installed.ts'
import { type RuntimeName, runtimeNames } from './own/runtime-names.ts'
import { tableOf } from './table.ts'

/** `npm run bench -- <bench> [--peer <name>…]`: ours and peers in turn, each in a process of its own. */

interface Options {
  runtime: RuntimeName
  peer?: PeerName[]
  case?: string
  steps?: number
  threads: number
  profile?: string
  json?: boolean
}

const folder = dirname(fileURLToPath(import.meta.url))

async function run(bench: Bench, options: Options): Promise<void> {
  const all = bench.cases()
  const cases = options.case === undefined ? all : all.filter(({ name }) => name === options.case)
  if (cases.length === 0)
    throw new Error(
      `${bench.name} has no case "${options.case}"; it has ${all.map(({ name }) => `"${name}"`).join(', ')}`,
    )
  const peers = options.peer ?? []
  const measured: { case: string; steps: number; unit?: string; ratioOf: 'time' | 'rate'; results: Result[] }[] = []
  for (const each of cases) {
    // A case that none of the peers asked for takes part in has nothing to tell.
    if (peers.length > 0 && !peers.some((peer) => each.peers[peer])) continue
    const steps = options.steps ?? each.steps
    const { threads } = options
    const contestants = [ours(bench, options), ...peers.flatMap((peer) => peersOf(each, peer))]
    const results = await contest({ ...each, steps }, contestants, { threads })
    measured.push({
      case: each.name,
      steps,
      ...(each.produces ? { unit: each.produces.unit } : {}),
      ratioOf: each.ratioOf,
      results,
    })
  }
  const report = { bench: bench.name, threads: options.threads, cases: measured }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : tableOf(report))
}

const ours = (bench: Bench, { runtime, profile }: Options): Contestant => ({
  name: 'ours',
  program: process.execPath,
  args: [join(folder, 'own', bench.own)],
  options: { runtime, ...(profile ? { profile } : {}) },
})

/** A peer's contestants in a case: none if it takes no part in it. */
const peersOf = ({ peers }: BenchCase, peer: PeerName): Contestant[] =>
  (peers[peer] ?? []).map((script) => contestantOf(peer, script))

function contestantOf(name: PeerName, { script, options = {}, packages }: PeerScript): Contestant {
  if (packages) installPackages(packages)
  const program = script.endsWith('.py') ? pythonWithPackages() : process.execPath
  return { name, program, args: [join(folder, 'peers', script)], options }
}

const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is not a whole number from 1`)
  return value
}

const program = new Command('bench').description('Measures how fast the product is, beside peers in the same run')
for (const bench of benches)
  program.addCommand(
    new Command(bench.name)
      .description(bench.summary)
      .addOption(new Option('--peer <names...>', 'also measure peers, in turn').choices(peerNames))
      .option('--case <name>', 'only this case')
      .option('--steps <n>', 'counted steps, after the warm-up', wholeNumber)
      .option('--threads <n>', 'threads of one operator', wholeNumber, availableParallelism())
      .addOption(new Option('--runtime <name>', 'what ours computes with').choices(runtimeNames).default('onnx'))
      .option('--profile <prefix>', 'write a trace of every operator of ours (onnx only)')
      .option('--json', 'one JSON document on stdout')
      .action((options: Options) => run(bench, options)),
  )
try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
