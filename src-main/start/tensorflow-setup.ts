import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  installedTensorflow,
  TENSORFLOW_RECORD,
  type TensorflowInstallation,
} from '../engine/tensorflow/installation.ts'
import type { RunCommand } from './run-command.ts'

/**
 * Sets TensorFlow up in a folder of its own: the source of TensorFlow.js's addon from npm, TensorFlow itself from PyPI,
 * and the addon compiled against it. What is there already is kept, so that a setup that broke off goes on.
 */
export interface TensorflowSetup {
  folder: string
  /** TensorFlow with CUDA, for NVIDIA cards. */
  gpu: boolean
  /** Python of an environment that has TensorFlow already; without one, an environment is made. */
  python?: string
  platform?: NodeJS.Platform
}

export interface SetupTools {
  run: RunCommand
  say(line: string): void
}

export class SetupError extends Error {
  override name = 'SetupError'
}

const ADDON_SOURCE = { name: '@tensorflow/tfjs-node', version: '4.22.0' }
const NODE_HEADERS = { name: 'node-api-headers', version: '1.9.0' }
/** Tried with the addon; another one may have changed its C API. */
const TENSORFLOW_VERSION = '2.21.*'

const checkProgram = fileURLToPath(new URL('tensorflow-check.ts', import.meta.url))

/** @throws SetupError saying what failed and what to do */
export async function setUpTensorflow(setup: TensorflowSetup, tools: SetupTools): Promise<TensorflowInstallation> {
  const { folder, gpu, platform = process.platform } = setup
  if (platform !== 'linux')
    throw new SetupError(
      `TensorFlow can be set up on Linux only, and this is ${platform}; on Windows use WSL 2, or keep the "onnx" runtime`,
    )
  mkdirSync(folder, { recursive: true })
  const source = await fetchPackage(folder, ADDON_SOURCE, tools)
  const headers = await fetchPackage(folder, NODE_HEADERS, tools)
  const python = setup.python ?? (await makeEnvironment(folder, gpu, tools))
  const library = await findTensorflow(python, tools)
  const addon = await compileAddon({ folder, source, headers, library, reuse: setup.python === undefined }, tools)
  const using = await checkAddon(addon, tools)
  if (gpu && !using.gpu)
    throw new SetupError(
      `TensorFlow ${using.version} runs, but finds no GPU; see that "nvidia-smi" shows the card and that its driver is new enough for CUDA 12, or set up without --gpu`,
    )
  const installation = { addon, tensorflow: using.version, tfjsNode: ADDON_SOURCE.version, python, gpu: using.gpu }
  const record = join(folder, TENSORFLOW_RECORD)
  writeFileSync(`${record}.new`, `${JSON.stringify(installation, null, 2)}\n`)
  renameSync(`${record}.new`, record)
  return installedTensorflow(folder) as TensorflowInstallation
}

/** Folder of an npm package, unpacked without its dependencies and without running its scripts, which would download. */
async function fetchPackage(
  folder: string,
  { name, version }: { name: string; version: string },
  tools: SetupTools,
): Promise<string> {
  const place = join(folder, 'npm', name)
  const manifest = join(place, 'package.json')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version) return place
  tools.say(`Fetching ${name} ${version} from npm …`)
  const packed = join(folder, 'npm', 'packed')
  rmSync(packed, { recursive: true, force: true })
  mkdirSync(packed, { recursive: true })
  const npm = process.env.npm_execpath
  const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--loglevel=error', '--pack-destination', packed]
  const { stdout } = await succeed(
    tools.run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args, { cwd: folder }),
    {
      what: `fetching ${name} ${version} from npm`,
      missing: 'npm was not found; install Node with npm',
      remedy: 'see that the npm registry can be reached (npm config get registry, HTTPS_PROXY), and run this again',
    },
  )
  const archive = join(packed, stdout.trim().split('\n').at(-1) as string)
  await succeed(tools.run('tar', ['-xzf', archive, '-C', packed]), {
    what: `unpacking ${archive}`,
    missing: 'tar was not found; install it',
    remedy: 'run this again',
  })
  rmSync(place, { recursive: true, force: true })
  mkdirSync(dirname(place), { recursive: true })
  renameSync(join(packed, 'package'), place)
  rmSync(packed, { recursive: true, force: true })
  return place
}

/** Python of a virtual environment with TensorFlow, made if it is not there. */
async function makeEnvironment(folder: string, gpu: boolean, tools: SetupTools): Promise<string> {
  const environment = join(folder, gpu ? 'python-gpu' : 'python-cpu')
  const python = join(environment, 'bin', 'python')
  const wanted = `${gpu ? 'tensorflow[and-cuda]' : 'tensorflow-cpu'}==${TENSORFLOW_VERSION}`
  if (!existsSync(join(environment, 'bin', 'pip'))) {
    tools.say('Making a Python environment …')
    await succeed(tools.run('python3', ['-m', 'venv', '--clear', environment]), {
      what: 'making a Python environment',
      missing:
        'python3 was not found; install Python 3.10 to 3.13 with its venv module (Debian: apt install python3-venv)',
      remedy: 'install the venv module (Debian: apt install python3-venv), or give an environment with --python',
    })
  }
  // pip finds by itself that everything is there.
  tools.say(`Installing ${wanted} from PyPI (${gpu ? 'about 4 GB' : 'about 250 MB'} the first time) …`)
  await succeed(tools.run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', wanted]), {
    what: `installing ${wanted}`,
    missing: `${python} cannot be run; remove ${environment} and run this again`,
    remedy:
      'see that PyPI can be reached (pip config list, HTTPS_PROXY) and that python3 is of 3.10 to 3.13, for which there are packages; then run this again',
  })
  return python
}

const FIND = `
import importlib.util, json
spec = importlib.util.find_spec('tensorflow')
print(json.dumps(None if spec is None else list(spec.submodule_search_locations)[0]))
`

/** TensorFlow's folder in a Python environment. */
async function findTensorflow(python: string, tools: SetupTools): Promise<string> {
  const { stdout } = await succeed(tools.run(python, ['-c', FIND]), {
    what: `asking ${python} for TensorFlow`,
    missing: `${python} was not found; give the path of an environment's Python with --python`,
    remedy: 'give another environment with --python, or none',
  })
  const library = JSON.parse(stdout) as string | null
  if (library && existsSync(join(library, 'libtensorflow_cc.so.2'))) return library
  throw new SetupError(
    `${library ?? `the environment of ${python}`} holds no libtensorflow_cc.so.2; install "tensorflow-cpu==${TENSORFLOW_VERSION}" there, or leave --python out`,
  )
}

interface Compilation {
  folder: string
  source: string
  headers: string
  library: string
  /** Whether the addon of an earlier setup will do, if it was made of the same things. */
  reuse: boolean
}

/** Compiles the addon against the libraries and headers of the Python package. */
async function compileAddon({ folder, source, headers, library, reuse }: Compilation, tools: SetupTools) {
  const addon = join(folder, 'tfjs_binding.node')
  const args = [
    ...['-O2', '-fPIC', '-shared', '-std=c++17', '-w', '-DNAPI_VERSION=8'],
    ...[`-I${join(library, 'include')}`, `-I${join(headers, 'include')}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(source, 'binding', file)),
    ...['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((file) => join(library, file)),
    `-Wl,-rpath,${library}`,
  ]
  const stamp = join(folder, 'compiled-with.json')
  const made = JSON.stringify(args)
  if (reuse && existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return addon
  tools.say("Compiling TensorFlow.js's addon …")
  rmSync(stamp, { force: true })
  const compiler = process.env.CXX || 'g++'
  await succeed(tools.run(compiler, [...args, '-o', `${addon}.new`]), {
    what: 'compiling the addon',
    missing: `${compiler} was not found; install a C++17 compiler (Debian: apt install g++), or name one in CXX`,
    remedy: 'see that the compiler knows C++17 (g++ 9 or newer)',
  })
  renameSync(`${addon}.new`, addon)
  writeFileSync(stamp, made)
  return addon
}

/** Loads the addon in a process of its own and lets it compute something known. */
async function checkAddon(addon: string, tools: SetupTools): Promise<{ version: string; gpu: boolean }> {
  tools.say('Trying it …')
  const { stdout } = await succeed(tools.run(process.execPath, [checkProgram, addon]), {
    what: `trying the addon ${addon}`,
    missing: `${process.execPath} cannot be run`,
    remedy: `remove ${dirname(addon)} and run this again`,
  })
  const { version, gpu, product } = JSON.parse(stdout.trim().split('\n').at(-1) as string)
  if (`${product}` !== '7,10,15,22')
    throw new SetupError(`TensorFlow ${version} multiplied two matrices to ${product} instead of 7,10,15,22`)
  return { version, gpu }
}

interface Failure {
  what: string
  /** Said if there is no such program. */
  missing: string
  remedy: string
}

const SHOWN_LINES = 12

async function succeed(command: ReturnType<RunCommand>, { what, missing, remedy }: Failure) {
  let result: Awaited<typeof command>
  try {
    result = await command
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new SetupError(missing, { cause })
    throw new SetupError(`${what} failed (${(cause as Error).message}); ${remedy}`, { cause })
  }
  if (result.code === 0) return result
  const words = result.output.trim().split('\n').slice(-SHOWN_LINES).join('\n')
  throw new SetupError(`${what} failed (exit code ${result.code}); ${remedy}${words && `\n${words}`}`)
}
