import { implement, ORPCError } from '@orpc/server'
import { contract } from '../../src-shared/contract/index.ts'
import type { Preset } from '../../src-shared/contract/presets.ts'
import type { AblationsService } from './ablations.ts'
import type { createAppService } from './app.ts'
import type { AppLog } from './app-log.ts'
import type { Changes } from './changes.ts'
import type { CodeRecordsService } from './code-records/code-records.ts'
import type { createDataService } from './data.ts'
import type { EvaluationsService } from './evaluations.ts'
import type { KeptEvaluationsService } from './kept-evaluations.ts'
import type { ModelsService } from './models.ts'
import type { MultimodalService } from './multimodal.ts'
import type { PaperService } from './paper/paper.ts'
import type { createPlanService } from './plan.ts'
import type { RunsService } from './runs.ts'

export interface Services {
  app: ReturnType<typeof createAppService>
  runs: RunsService
  codeRecords: CodeRecordsService
  ablations: AblationsService
  plan: ReturnType<typeof createPlanService>
  data: ReturnType<typeof createDataService>
  models: ModelsService
  multimodal: MultimodalService
  evaluations: EvaluationsService
  keptEvaluations: KeptEvaluationsService
  paper: PaperService
  presets: () => Preset[]
}

/** The contract's procedures over the services. Inputs are validated here, whoever calls. */
export function createRouter(services: Services, changes: Changes, log: AppLog) {
  const { app, runs, codeRecords, ablations, plan, data, models, multimodal, evaluations, keptEvaluations, paper } =
    services
  const os = implement(contract).use(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof ORPCError) throw error
      // Nobody expected it: the window shows its sentence, the log keeps the whole.
      log(`${path.join('.')}: ${error instanceof Error ? error.stack : String(error)}`)
      throw new ORPCError('INTERNAL_SERVER_ERROR', { message: error instanceof Error ? error.message : String(error) })
    }
  })
  return os.router({
    app: {
      status: os.app.status.handler(() => app.status()),
      changes: os.app.changes.handler(({ signal }) => changes.listen(signal)),
      setConcurrency: os.app.setConcurrency.handler(({ input }) => app.setConcurrency(input.concurrency)),
      settings: os.app.settings.handler(() => app.settings()),
      saveSetting: os.app.saveSetting.handler(({ input }) => app.saveSetting(input.key, input.value)),
    },
    presets: {
      list: os.presets.list.handler(() => services.presets()),
      outlook: os.presets.outlook.handler(() => plan.outlook(services.presets())),
    },
    plan: { preflight: os.plan.preflight.handler(({ input }) => plan.preflight(input)) },
    runs: {
      list: os.runs.list.handler(() => runs.list()),
      get: os.runs.get.handler(({ input }) => runs.get(input.id)),
      create: os.runs.create.handler(({ input }) => runs.create(input.config, input.parentId)),
      clone: os.runs.clone.handler(({ input }) => runs.clone(input.id, input.changes)),
      pause: os.runs.pause.handler(({ input }) => runs.pause(input.id)),
      resume: os.runs.resume.handler(({ input }) => runs.resume(input.id)),
      stop: os.runs.stop.handler(({ input }) => runs.stop(input.id)),
      switchOffDiscriminator: os.runs.switchOffDiscriminator.handler(({ input }) =>
        runs.switchOffDiscriminator(input.id),
      ),
      remove: os.runs.remove.handler(({ input }) => runs.remove(input.id)),
      annotate: os.runs.annotate.handler(({ input }) => runs.annotate(input.id, input)),
      metrics: os.runs.metrics.handler(({ input }) => runs.metrics(input)),
      log: os.runs.log.handler(({ input }) => runs.log(input.id, input.limit)),
      painting: os.runs.painting.handler(({ input }) => runs.painting(input.id, input.step)),
      answers: os.runs.answers.handler(({ input }) => runs.answers(input.id, input.step)),
      sample: os.runs.sample.handler(({ input }) => runs.sample(input.id, input.step)),
      tokens: os.runs.tokens.handler(({ input }) => runs.tokens(input.id)),
      usageOverTime: os.runs.usageOverTime.handler(({ input }) => codeRecords.usageOverTime(input)),
      codeHistory: os.runs.codeHistory.handler(({ input }) => codeRecords.codeHistory(input.id, input.code)),
      codePatches: os.runs.codePatches.handler(({ input }) => codeRecords.codePatches(input)),
      syncs: os.runs.syncs.handler(({ input }) => codeRecords.syncs(input.id)),
      sync: os.runs.sync.handler(({ input }) => codeRecords.sync(input.id, input.step)),
    },
    ablations: {
      list: os.ablations.list.handler(() => ablations.list()),
      get: os.ablations.get.handler(({ input }) => ablations.get(input.id)),
      create: os.ablations.create.handler(({ input }) => ablations.create(input)),
      quick: os.ablations.quick.handler(() => ablations.quick()),
      stop: os.ablations.stop.handler(({ input }) => ablations.stop(input.id)),
      remove: os.ablations.remove.handler(({ input }) => ablations.remove(input.id)),
    },
    models: {
      list: os.models.list.handler(() => models.list()),
      describe: os.models.describe.handler(({ input }) => models.describe(input.path)),
      forget: os.models.forget.handler(({ input }) => models.forget(input.path)),
      install: os.models.install.handler(() => models.install()),
      cancelInstall: os.models.cancelInstall.handler(() => models.cancel()),
    },
    data: { describe: os.data.describe.handler(({ input }) => data.describe(input.data)) },
    multimodal: {
      abilities: os.multimodal.abilities.handler(({ input, signal }) => multimodal.abilities(input.id, signal)),
      dialogues: os.multimodal.dialogues.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.dialogues(id, asked, signal),
      ),
      checkDialogues: os.multimodal.checkDialogues.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.checkDialogues(id, asked, signal),
      ),
      pictures: os.multimodal.pictures.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.pictures(id, asked, signal),
      ),
      say: os.multimodal.say.handler(({ input: { id, ...asked }, signal }) => multimodal.say(id, asked, signal)),
      score: os.multimodal.score.handler(({ input: { id, ...asked }, signal }) => multimodal.score(id, asked, signal)),
      encode: os.multimodal.encode.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.encode(id, asked, signal),
      ),
      decode: os.multimodal.decode.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.decode(id, asked, signal),
      ),
      decompress: os.multimodal.decompress.handler(({ input: { id, ...asked }, signal }) =>
        multimodal.decompress(id, asked, signal),
      ),
    },
    evaluations: {
      codebook: os.evaluations.codebook.handler(({ input }) => evaluations.codebook(input.id)),
      measureCodebook: os.evaluations.measureCodebook.handler(({ input: { id, asked }, signal }) =>
        evaluations.measureCodebook(id, asked, signal),
      ),
      list: os.evaluations.list.handler(() => keptEvaluations.list()),
      get: os.evaluations.get.handler(({ input }) => keptEvaluations.get(input.id)),
      create: os.evaluations.create.handler(({ input }) => keptEvaluations.create(input.asked)),
      score: os.evaluations.score.handler(({ input, signal }) => keptEvaluations.score(input.id, signal)),
      remove: os.evaluations.remove.handler(({ input }) => keptEvaluations.remove(input.id)),
      questions: os.evaluations.questions.handler(({ input: { id, ...asked } }) =>
        keptEvaluations.questions(id, asked),
      ),
      document: os.evaluations.document.handler(
        async ({ input }) => new Blob([await keptEvaluations.document(input.id)]),
      ),
      picture: os.evaluations.picture.handler(({ input: { id, place, run }, signal }) =>
        keptEvaluations.picture(id, place, run, signal),
      ),
    },
    paper: {
      list: os.paper.list.handler(() => paper.list()),
      table: os.paper.table.handler(({ input }) => paper.table(input.table, input.family)),
      cell: os.paper.cell.handler(({ input }) => paper.cell(input.table, input.row, input.column, input.family)),
      experiments: os.paper.experiments.handler(({ input }) => paper.experiments(input.table, input.row)),
      run: os.paper.run.handler(({ input: { table, ...asked } }) => paper.run(table, asked)),
      import: os.paper.import.handler(({ input }) => paper.import(input)),
      removeImported: os.paper.removeImported.handler(({ input }) => paper.removeImported(input.id)),
      export: os.paper.export.handler(({ input }) => paper.export(input)),
    },
  })
}

export type WorkbenchRouter = ReturnType<typeof createRouter>
