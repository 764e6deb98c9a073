import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  installedTensorflow,
  TENSORFLOW_REMEDY,
  type TensorflowInstallation,
  tensorflowFolder,
} from '../../src-main/engine/tensorflow/installation.ts'
import { homeFolder } from '../../src-main/start/home.ts'

/** What peers run on: a virtual environment for Python and a folder of npm packages, made beside this file when first asked for. */
const folder = dirname(fileURLToPath(import.meta.url))
const environment = join(folder, '.venv')
const packages = join(folder, '.peers')

/** The environment's Python, with the packages of peers/requirements.txt in the versions named there. */
export function pythonWithPackages(): string {
  const python = join(environment, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']))
  const requirements = join(folder, 'peers', 'requirements.txt')
  if (!existsSync(join(environment, 'pyvenv.cfg'))) run('python3', ['-m', 'venv', environment])
  const wanted = readFileSync(requirements, 'utf8').trim().split('\n')
  const check = `import importlib.metadata as m\nfor line in ${JSON.stringify(wanted)}:\n  name, version = line.split('==')\n  assert m.version(name) == version`
  try {
    execFileSync(python, ['-c', check], { stdio: 'ignore' })
  } catch {
    process.stderr.write(`installing ${wanted.join(', ')} into test/bench/.venv (once, several gigabytes)\n`)
    run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
  }
  return python
}

/** Puts npm packages of these versions into test/bench/.peers unless they are there. Their install scripts do not run. */
export function installPackages(wanted: Readonly<Record<string, string>>): void {
  const missing = Object.entries(wanted).filter(([name, version]) => installedVersion(name) !== version)
  if (missing.length === 0) return
  const specs = missing.map(([name, version]) => `${name}@${version}`)
  process.stderr.write(`installing ${specs.join(', ')} into test/bench/.peers (once)\n`)
  mkdirSync(packages, { recursive: true })
  const manifest = join(packages, 'package.json')
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n')
  // Optional packages are binaries for graphics cards, of no use here and large.
  const args = ['install', '--ignore-scripts', '--omit=optional', '--save-exact', '--no-audit', '--no-fund', ...specs]
  const npm = process.env.npm_execpath
  if (npm) run(process.execPath, [npm, ...args], packages)
  else run('npm', args, packages)
}

function installedVersion(name: string): string | null {
  const manifest = join(packages, 'node_modules', name, 'package.json')
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : null
}

/** A package out of test/bench/.peers. @throws Error if it is not there */
export async function fromPeers<Module>(name: string): Promise<{ module: Module; version: string }> {
  const version = installedVersion(name)
  if (version === null)
    throw new Error(`${name} is not in test/bench/.peers; run the bench with --peer, which installs it`)
  const file = createRequire(join(packages, 'package.json')).resolve(name)
  return { module: (await import(pathToFileURL(file).href)) as Module, version }
}

/** TensorFlow as `npm run setup:tensorflow` leaves it. @throws Error if it is not set up */
export function tensorflowHere(): TensorflowInstallation {
  const folder = tensorflowFolder(homeFolder(undefined))
  const installation = installedTensorflow(folder)
  if (!installation) throw new Error(`TensorFlow is not set up in ${folder}; ${TENSORFLOW_REMEDY}`)
  return installation
}

/** Gives the peer's TensorFlow.js the addon that was built for ours: its own would be downloaded. */
export function lendAddon(): void {
  const place = fileOfPeers('@tensorflow/tfjs-node', 'lib', 'napi-v8')
  mkdirSync(place, { recursive: true })
  copyFileSync(tensorflowHere().addon, join(place, 'tfjs_binding.node'))
}

/** Where a file of a package in test/bench/.peers is. */
export const fileOfPeers = (...path: string[]): string => join(packages, 'node_modules', ...path)

function run(program: string, args: readonly string[], cwd?: string): void {
  // Standard output is for results.
  execFileSync(program, args, { stdio: ['ignore', process.stderr, 'inherit'], ...(cwd ? { cwd } : {}) })
}
