import { implement } from '@orpc/server'
import sharp from 'sharp'
import { codeHistory } from '../../src-main/services/code-records/code-history.ts'
import { codePatches } from '../../src-main/services/code-records/code-patches.ts'
import { createColumnCache } from '../../src-main/services/code-records/recorded-steps.ts'
import { readSync, syncSteps } from '../../src-main/services/code-records/syncs.ts'
import { usageOverTime } from '../../src-main/services/code-records/usage-over-time.ts'
import type { Change } from '../../src-shared/contract/app.ts'
import { contract } from '../../src-shared/contract/index.ts'
import type { RunEvent } from '../../src-shared/events.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { ablationDetail, ablationSummary, runsOf } from './ablation-results.ts'
import { chance, codebookSize, metricNames, valueAt } from './curves.ts'
import { heldOutAnswers } from './dialogues.ts'
import { evaluations } from './evaluations.ts'
import { keptEvaluations } from './kept-evaluations.ts'
import { models } from './models.ts'
import { multimodal } from './multimodal.ts'
import { paperRouter } from './paper.ts'
import { preflight } from './plan.ts'
import { provenanceOf } from './provenance.ts'
import { filesOf, sampleSteps, syncStepsOf } from './run-folders.ts'
import {
  ablations,
  addAblation,
  addRun,
  type FakeAblation,
  type FakeRun,
  type FindErrors,
  host,
  isHeldOut,
  presets,
  quickPreset,
  runOf,
  runs,
  summary,
} from './runs.ts'
import { contactSheet, sampleFile } from './samples.ts'

/** The contract answered from made-up data. */
const os = implement(contract)
const settings: Record<string, unknown> = {}
const column = createColumnCache()

function ablationOf(id: string, errors: FindErrors): FakeAblation {
  const ablation = ablations.get(id)
  if (!ablation)
    throw errors.NOT_FOUND({
      message: `there is no ablation "${id}"`,
      data: { hint: 'It may have been removed. Open Ablate for those that are there.' },
    })
  return ablation
}
const setState = (state: FakeRun['state']) => (run: FakeRun) => {
  Object.assign(run, { state, since: Date.now() })
  return { state }
}
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export const router = os.router({
  app: {
    status: os.app.status.handler(() => {
      const all = [...runs.values()].map(summary)
      const running = all.filter((run) => run.state === 'running')
      return {
        version: '0.1.0',
        home: '/home/ada/.local/share/unicode-workbench',
        device: 'CPU, 2 threads a run',
        cores: 8,
        memoryTotal: 16 * 2 ** 30,
        memoryUsed: (0.4 + running.length * 0.6) * 2 ** 30,
        running: running.length,
        queued: all.filter((run) => run.state === 'queued').length,
        concurrency: host.concurrency,
        runningJobs: running.map(({ id, name, step, steps, secondsLeft }) => ({ id, name, step, steps, secondsLeft })),
      }
    }),
    changes: os.app.changes.handler(async function* ({ signal }) {
      while (!signal?.aborted) {
        await pause(500)
        const changes: Change[] = [{ topic: 'status' }]
        if (models.running()) changes.push({ topic: 'models' })
        for (const run of runs.values()) if (run.state === 'running') changes.push({ topic: 'run', id: run.id })
        for (const ablation of ablations.values())
          if (runsOf(ablation).some((run) => run.state === 'running'))
            changes.push({ topic: 'ablation', id: ablation.id })
        yield changes
      }
    }),
    setConcurrency: os.app.setConcurrency.handler(({ input }) => {
      host.concurrency = input.concurrency
      return { concurrency: host.concurrency }
    }),
    settings: os.app.settings.handler(() => settings),
    saveSetting: os.app.saveSetting.handler(({ input }) => {
      settings[input.key] = input.value
      return { saved: true as const }
    }),
  },
  presets: {
    list: os.presets.list.handler(() => presets),
    outlook: os.presets.outlook.handler(() =>
      presets.map(({ id, baseline, factors, seeds }) => {
        const { preflight: told } = preflight({ baseline, factors, seeds })
        return { id, minutes: told?.minutes ?? null, memoryBytes: told?.memoryBytes ?? null, missing: [] }
      }),
    ),
  },
  plan: { preflight: os.plan.preflight.handler(({ input }) => preflight(input)) },
  runs: {
    list: os.runs.list.handler(() => [...runs.values()].map(summary)),
    get: os.runs.get.handler(({ input, errors }) => {
      const run = runOf(input.id, errors)
      const { config } = run
      const stepsEvery = (every: number) =>
        Array.from({ length: Math.floor(run.step / every) + 1 }, (_, at) => at * every)
      return {
        ...summary(run),
        config,
        directory: `/home/ada/.local/share/unicode-workbench/runs/${run.id}`,
        metricNames: metricNames(config),
        sampleSteps: sampleSteps(run),
        paintingSteps: [],
        answerSteps: config.multimodal.steps > 0 ? [config.training.steps + config.multimodal.steps] : [],
        checkpointSteps: stepsEvery(config.training.checkpointEvery).slice(1),
        syncs: syncStepsOf(run).map((step) => ({
          step,
          before: {
            cosine: valueAt(config, 'drift.cosine', step - 1),
            distance: valueAt(config, 'drift.distance', step - 1),
          },
          after: {
            cosine: valueAt(config, 'drift.cosine', step),
            distance: valueAt(config, 'drift.distance', step),
          },
        })),
        alarmList: Array.from({ length: summary(run).alarms }, (_, at) => ({
          step: 50 + at * 22,
          name: 'usage.low',
          message: `Layer 0 uses 3 % of its ${codebookSize(config)} codes`,
          remedy: 'Raise codebook.restart, or lower losses.commitment.',
        })),
        provenance: provenanceOf(run.step),
        discriminatorOff: null,
        discriminatorOffAsked: false,
        attempts: run.attempts,
      }
    }),
    create: os.runs.create.handler(({ input }) => ({
      id: addRun('new run', 'running', parseConfig(input.config), { step: 0 }).id,
    })),
    clone: os.runs.clone.handler(({ input, errors }) => {
      const parent = runOf(input.id, errors)
      return {
        id: addRun(`${parent.name} (clone)`, 'queued', parent.config, {
          parentId: parent.id,
          step: 0,
          createdAt: Date.now(),
        }).id,
      }
    }),
    pause: os.runs.pause.handler(({ input, errors }) => setState('paused')(runOf(input.id, errors))),
    resume: os.runs.resume.handler(({ input, errors }) => setState('running')(runOf(input.id, errors))),
    stop: os.runs.stop.handler(({ input, errors }) => setState('stopped')(runOf(input.id, errors))),
    switchOffDiscriminator: os.runs.switchOffDiscriminator.handler(({ input, errors }) => {
      runOf(input.id, errors)
      return { asked: true as const }
    }),
    remove: os.runs.remove.handler(({ input, errors }) => {
      runs.delete(runOf(input.id, errors).id)
      return { removed: true as const }
    }),
    annotate: os.runs.annotate.handler(({ input, errors }) => {
      const run = runOf(input.id, errors)
      Object.assign(run, { tags: input.tags ?? run.tags, note: input.note ?? run.note })
      return { saved: true as const }
    }),
    metrics: os.runs.metrics.handler(({ input, errors }) =>
      input.runIds.flatMap((id) => {
        const run = runOf(id, errors)
        return input.names
          .filter((name) => metricNames(run.config).includes(name))
          .map((name) => {
            const every = isHeldOut(name) ? run.config.training.evaluateEvery : 1
            const all = Array.from({ length: Math.floor(run.step / every) + 1 }, (_, at) => at * every).filter(
              (step) => step >= (input.fromStep ?? 0) && step <= (input.toStep ?? Number.POSITIVE_INFINITY),
            )
            const stride = Math.max(1, Math.ceil(all.length / input.maxPoints))
            const step = all.filter((_, at) => at % stride === 0)
            return {
              runId: id,
              name,
              step,
              seconds: step.map((s) => s / run.stepsPerSecond),
              value: step.map((s) => valueAt(run.config, name, s)),
              total: all.length,
            }
          })
      }),
    ),
    log: os.runs.log.handler(({ input, errors }) => {
      const run = runOf(input.id, errors)
      const events: RunEvent[] = [
        { seq: 1, time: run.createdAt, kind: 'started', attempt: 1, pid: 4242, step: 0, threads: 2 },
        {
          seq: 2,
          time: run.createdAt + 900,
          kind: 'log',
          level: 'info',
          message: '1433 training pictures, 160 held out; vocabulary of 1917 words',
        },
        {
          seq: 3,
          time: run.createdAt + 60_000,
          kind: 'alarm',
          step: 50,
          name: 'usage.low',
          message: 'Layer 0 uses 3 % of its codes',
          remedy: 'Raise codebook.restart.',
        },
        {
          seq: 4,
          time: run.createdAt + 120_000,
          kind: 'checkpoint',
          step: 200,
          file: 'checkpoints/step-00000200.safetensors',
        },
      ]
      return {
        events: events
          .filter(
            (event) =>
              event.kind !== 'metrics' &&
              event.kind !== 'sample' &&
              event.kind !== 'painting' &&
              event.kind !== 'answers' &&
              event.kind !== 'provenance',
          )
          .slice(-input.limit),
        stderrTail:
          run.state === 'failed'
            ? 'TrainingError: loss.reconstruction is not a number at step 72\n    at train (stage-one.ts:214)'
            : '',
      }
    }),
    painting: os.runs.painting.handler(({ input, errors }) => {
      runOf(input.id, errors)
      throw errors.NOT_FOUND({
        message: `run ${input.id} has no paintings`,
        data: { hint: 'None of these runs paints.' },
      })
    }),
    answers: os.runs.answers.handler(({ input, errors }) => {
      const { config } = runOf(input.id, errors)
      return { step: config.training.steps + config.multimodal.steps, answers: heldOutAnswers(config) }
    }),
    sample: os.runs.sample.handler(({ input, errors }) => {
      const run = runOf(input.id, errors)
      const every = run.config.training.sampleEvery
      const step = Math.floor(Math.min(input.step, run.step) / every) * every
      return {
        step,
        file: new Blob([sampleFile(run.config, step) as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }),
      }
    }),
    tokens: os.runs.tokens.handler(({ input, errors }) => {
      const words = [
        'sun',
        'cat',
        'red',
        'moon',
        'tree',
        'face',
        'hand',
        'car',
        'star',
        'fish',
        'smiling',
        'with',
        'the',
        'of',
        'blue',
        'house',
      ]
      const { config } = runOf(input.id, errors)
      if (config.codebook.paradigm === 'independent') return { vocabulary: [], ids: null }
      const vocabulary = Array.from(
        { length: codebookSize(config) },
        (_, k) =>
          (k < 3 ? ['<pad>', '<unk>', '<end>'][k] : `${words[k % 16]}${k < 19 ? '' : Math.floor(k / 16)}`) as string,
      )
      return { vocabulary, ids: null }
    }),
    usageOverTime: os.runs.usageOverTime.handler(({ input, errors }) =>
      usageOverTime(filesOf(runOf(input.id, errors)).samples, input, column),
    ),
    codeHistory: os.runs.codeHistory.handler(({ input, errors }) =>
      codeHistory(filesOf(runOf(input.id, errors)).samples, input.code),
    ),
    codePatches: os.runs.codePatches.handler(({ input, errors }) =>
      codePatches(filesOf(runOf(input.id, errors)).samples, input),
    ),
    syncs: os.runs.syncs.handler(({ input, errors }) => ({
      steps: syncSteps(filesOf(runOf(input.id, errors)).syncs),
    })),
    sync: os.runs.sync.handler(({ input, errors }) => ({
      step: input.step,
      file: readSync(filesOf(runOf(input.id, errors)).syncs, input.step),
    })),
  },
  ablations: {
    list: os.ablations.list.handler(() =>
      [...ablations.values()].map(ablationSummary).sort((a, b) => b.createdAt - a.createdAt),
    ),
    get: os.ablations.get.handler(({ input, errors }) => ablationDetail(ablationOf(input.id, errors))),
    create: os.ablations.create.handler(({ input, errors }) => {
      const { problems } = preflight(input)
      if (problems.length > 0)
        throw errors.BAD_REQUEST({
          message: 'the config has problems',
          data: { hint: 'Mend the settings named.', problems },
        })
      return created(
        addAblation({ ...input, baseline: parseConfig(input.baseline) }, (index) =>
          index < host.concurrency ? 'running' : 'queued',
        ),
      )
    }),
    quick: os.ablations.quick.handler(() =>
      created(
        addAblation(
          { name: 'quick', factors: quickPreset.factors, seeds: quickPreset.seeds, baseline: quickPreset.baseline },
          (index) => (index < host.concurrency ? 'running' : 'queued'),
        ),
      ),
    ),
    stop: os.ablations.stop.handler(({ input, errors }) => {
      const open = runsOf(ablationOf(input.id, errors)).filter(
        (run) => run.state === 'running' || run.state === 'queued',
      )
      open.forEach(setState('stopped'))
      return { stopped: open.length }
    }),
    remove: os.ablations.remove.handler(({ input, errors }) => {
      for (const run of runsOf(ablationOf(input.id, errors))) runs.delete(run.id)
      ablations.delete(input.id)
      return { removed: true as const }
    }),
  },
  models: {
    list: os.models.list.handler(() => models.list()),
    describe: os.models.describe.handler(({ input, errors }) => {
      const found = models.describe(input.path)
      if (found) return found
      throw errors.UNREADABLE({
        message: `there is no file or folder ${input.path}`,
        data: { hint: 'Choose a Hugging Face folder of a LLaMA-family model, or a GGUF file.' },
      })
    }),
    forget: os.models.forget.handler(({ input }) => {
      models.forget(input.path)
      return { forgotten: true as const }
    }),
    install: os.models.install.handler(() => {
      models.install()
      return { started: true as const }
    }),
    cancelInstall: os.models.cancelInstall.handler(() => {
      models.cancel()
      return { cancelled: true }
    }),
  },
  data: {
    describe: os.data.describe.handler(async ({ input, errors }) => {
      const { source } = (input.data ?? {}) as { source?: { kind?: string; path?: string } }
      const folder = source?.kind === 'folder'
      if (folder && !source.path?.startsWith('/'))
        throw errors.UNREADABLE({
          message: `"${source.path}" is not a folder`,
          data: { hint: 'Give the absolute path of a folder with pictures in it.' },
        })
      const { data, width, height } = contactSheet(24, 8, 32)
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer()
      const names = [
        'smileys & emotion',
        'people & body',
        'animals & nature',
        'food & drink',
        'travel & places',
        'activities',
        'objects',
        'symbols',
        'flags',
      ]
      return {
        pictures: 1593,
        training: 1433,
        heldOut: 160,
        looked: null,
        classes: names.map((name) => ({ name, count: 30 + Math.floor(chance(name) * 320) })),
        unreadable: folder
          ? [
              {
                file: `${source.path}/cats/0032.jpg`,
                reason: 'ends in the middle of the picture (12,288 of 40,112 bytes)',
              },
            ]
          : [],
        unreadableCount: folder ? 1 : 0,
        captions: [
          { id: 'fluent-3d/1f34e', caption: 'a 3D drawing of a red apple' },
          { id: 'fluent-3d/1f989', caption: 'a 3D drawing of an owl' },
        ],
        sheet: new Blob([new Uint8Array(png)], { type: 'image/png' }),
        texts: {
          training: 8598,
          heldOut: 960,
          examples: [
            { question: 'what is this picture ?', answer: 'a red apple' },
            { question: 'which group does the red apple belong to ?', answer: 'food and drink' },
            { question: 'name something like a fox', answer: 'a wolf' },
          ],
        },
      }
    }),
  },
  multimodal,
  evaluations: { ...evaluations, ...keptEvaluations },
  paper: paperRouter,
})

const created = (ablation: FakeAblation) => ({ id: ablation.id, runIds: runsOf(ablation).map((run) => run.id) })
