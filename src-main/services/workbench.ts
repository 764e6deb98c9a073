import { availableParallelism } from 'node:os'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { entryFile } from '../jobs/entry.ts'
import { type Executor, localExecutor } from '../jobs/executor.ts'
import type { Outcome } from '../jobs/outcome.ts'
import { createScheduler, threadsOf } from '../jobs/scheduler.ts'
import { createModelProcess } from '../jobs/speech/model-process.ts'
import { createAblationsStore } from '../store/ablations-store.ts'
import { openDatabase } from '../store/database.ts'
import { createImportedResultsStore } from '../store/imported-results-store.ts'
import { createIngestion } from '../store/ingestion.ts'
import { createRunsStore } from '../store/runs-store.ts'
import { createSeries } from '../store/series.ts'
import { createSettingsStore } from '../store/settings-store.ts'
import { createAblationsService } from './ablations.ts'
import { CONCURRENCY, createAppService } from './app.ts'
import { createAppLog } from './app-log.ts'
import { createChanges } from './changes.ts'
import { createCodeRecordsService } from './code-records/code-records.ts'
import type { Context } from './context.ts'
import { createDataService } from './data.ts'
import { createEvaluationsService } from './evaluations.ts'
import { openHome } from './home.ts'
import { importUnknownRuns, reconcile } from './import-runs.ts'
import { createIngester } from './ingester.ts'
import { createKeptEvaluationsService } from './kept-evaluations.ts'
import { createMeasuringTurn } from './measuring-turn.ts'
import { createModelsService } from './models.ts'
import { createMultimodalService } from './multimodal.ts'
import { createPace } from './pace.ts'
import { createPaperService } from './paper/paper.ts'
import { createPictureLibrary } from './picture-library.ts'
import { createPlanService } from './plan.ts'
import { readPresets } from './presets.ts'
import { createRouter, type WorkbenchRouter } from './router.ts'
import { createRunPaces } from './run-paces.ts'
import { createRunsService } from './runs.ts'

export interface WorkbenchOptions {
  /** The home folder, absolute; made if it does not exist. */
  home: string
  /** Where training and trained models run; by default child processes of this one. */
  executor?: Executor
  /** Entry file of the training process; tests give another. */
  trainingEntry?: string
  /** Entry file of the process of a trained model; tests give another. */
  modelEntry?: string
  /** Entry file of the process that measures; tests give another. */
  measuringEntry?: string
  /** Runs that go at once; by default what was set last, or one per core. */
  concurrency?: number
  /** Whether runs left in the queue by an earlier app start at once (true by default); the command line leaves them. */
  startQueued?: boolean
}

/** The app without a window: what the hosts serve, the command line drives and the tests hold. */
export interface Workbench {
  router: WorkbenchRouter
  /** The same procedures as plain functions, validated alike: `client.runs.list()`. */
  client: RouterClient<WorkbenchRouter>
  /** Looks for run directories that were copied into the home. @returns their ids */
  importRuns(): string[]
  /** Pauses what runs (a few seconds at most), then closes the database and gives the home free. */
  close(): Promise<void>
}

const IMPORT_EVERY_MS = 5000

/**
 * Opens a home and starts what is queued in it.
 * @throws HomeError if another app has it, DatabaseError if its database cannot be used
 */
export async function createWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const home = openHome(options.home)
  try {
    return openWorkbench(home, options)
  } catch (error) {
    home.close()
    throw error
  }
}

function openWorkbench(home: ReturnType<typeof openHome>, options: WorkbenchOptions): Workbench {
  const log = createAppLog(home.log)
  const database = openDatabase(home.database, {
    onSlowQuery: (milliseconds, sql) =>
      log(`slow query, ${milliseconds.toFixed(0)} ms: ${sql.replaceAll(/\s+/g, ' ')}`),
  })
  const settings = createSettingsStore(database)
  const ingestion = createIngestion(database)
  const changes = createChanges()
  const pace = createPace(settings)
  const cores = availableParallelism()
  const paces = createRunPaces(pace, home.runs, (config) => threadsOf(config, cores, scheduler.concurrency()))
  const runs = createRunsStore(database, paces.laterWeight)
  const remembered = settings.get(CONCURRENCY)
  let closed = false

  const announce = (id: string): void => {
    const ablationId = runs.row(id)?.ablationId
    changes.emit({ topic: 'run', id })
    if (ablationId) changes.emit({ topic: 'ablation', id: ablationId })
    changes.emit({ topic: 'status' })
  }
  const ingester = createIngester(home.runs, ingestion, announce, log)

  const onState = (id: string, { state, reason }: Outcome): void => {
    // A process that outlives the closing of the app is found again at the next start.
    if (closed) return
    if (state === 'running') ingester.follow(id)
    else {
      ingester.unfollow(id)
      ingester.catchUp(id)
      notePace(id)
    }
    runs.setState(id, state, reason)
    announce(id)
  }
  const scheduler = createScheduler({
    executor: options.executor ?? localExecutor,
    entry: options.trainingEntry ?? entryFile('train'),
    runsFolder: home.runs,
    cacheFolder: home.cache,
    cores,
    concurrency: options.concurrency ?? (typeof remembered === 'number' ? remembered : cores),
    onState,
  })

  function notePace(id: string): void {
    const row = runs.row(id)
    if (!row) return
    try {
      paces.note(row)
    } catch (error) {
      log(`run ${id}: its pace could not be noted: ${(error as Error).message}`)
    }
  }

  const context: Context = {
    home,
    runs,
    ablations: createAblationsStore(database),
    settings,
    series: createSeries(database),
    scheduler,
    changes,
    cores,
    log,
  }
  const modelProcess = createModelProcess({
    executor: options.executor ?? localExecutor,
    entry: options.modelEntry ?? entryFile('speak'),
    cacheFolder: home.cache,
    log: home.modelLog,
    threads: () => Math.max(1, Math.floor(cores / (1 + scheduler.running().length))),
  })
  const library = createPictureLibrary(home.cache, changes)
  const models = createModelsService(context)
  const plan = createPlanService(context, library, pace)
  const multimodal = createMultimodalService(context, modelProcess)
  const turn = createMeasuringTurn(context, {
    executor: options.executor ?? localExecutor,
    entry: options.measuringEntry ?? entryFile('measure'),
  })
  const services = {
    app: createAppService(context),
    runs: createRunsService(context),
    codeRecords: createCodeRecordsService(context),
    ablations: createAblationsService(context, readPresets),
    plan,
    data: createDataService(library),
    models,
    multimodal,
    evaluations: createEvaluationsService(context, turn),
    keptEvaluations: createKeptEvaluationsService(context, turn, multimodal),
    paper: createPaperService({ ...context, imported: createImportedResultsStore(database) }, plan, readPresets),
    presets: () => readPresets(),
  }
  const router = createRouter(services, changes, log)
  const reported = new Set<string>()
  const importRuns = (): string[] => importUnknownRuns(context, ingester, reported)
  reconcile(context, ingester, options.startQueued ?? true)
  importRuns()
  const timer = setInterval(importRuns, IMPORT_EVERY_MS)
  timer.unref()

  return {
    router,
    client: createRouterClient(router),
    importRuns,
    async close() {
      if (closed) return
      clearInterval(timer)
      await models.cancel()
      await Promise.all([scheduler.close(), modelProcess.close()])
      closed = true
      ingester.close()
      changes.close()
      database.close()
      home.close()
    },
  }
}
