import type {
  AskedOfModel,
  CodeLikelihoods,
  Decompression,
  ModelAbilities,
  SpeechEvent,
} from '../../src-shared/contract/multimodal.ts'
import { stepsIn } from '../jobs/checkpoints.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import { ModelError } from '../jobs/speech/model-error.ts'
import type { ModelProcess } from '../jobs/speech/model-process.ts'
import type { AnswerOfModel, ModelProcedure } from '../jobs/speech/procedures.ts'
import type { Context } from './context.ts'
import { badRequest, conflict, notFound, unreadable } from './errors.ts'

export type MultimodalService = ReturnType<typeof createMultimodalService>

/** What a run that reads and paints can be asked. Its model runs in a process of its own. Every method throws the contract's errors. */
export function createMultimodalService({ home, runs }: Pick<Context, 'home' | 'runs'>, models: ModelProcess) {
  /** Directory of a run that has a model to be asked. */
  function directoryOf(id: string): string {
    const row = runs.row(id)
    if (!row) throw notFound(`there is no run ${id}`, 'It may have been removed; reload the list of runs.')
    if (row.config.multimodal.steps === 0 && row.config.prior.steps === 0)
      throw conflict(
        `run ${id} has no Stage II and no prior: it was not taught to read or paint pictures`,
        'Clone it with multimodal.steps or prior.steps above 0, or choose a run that has a second stage.',
      )
    const directory = runPath(home.runs, id)
    if (stepsIn(runFiles(directory).checkpoints).length === 0)
      throw conflict(
        `run ${id} has no checkpoint yet, and so no model to ask`,
        row.state === 'running'
          ? 'It writes one every training.checkpointEvery steps, and at its end; wait for the first.'
          : 'Start or resume it; it writes one every training.checkpointEvery steps, and at its end.',
      )
    return directory
  }

  async function ask<Name extends ModelProcedure>(
    id: string,
    name: Name,
    input: AskedOfModel[Name],
    signal?: AbortSignal,
  ): Promise<AnswerOfModel<Name>> {
    const directory = directoryOf(id)
    try {
      return await models.ask(directory, name, input, signal)
    } catch (error) {
      throw contractError(error, id)
    }
  }

  return {
    abilities: (id: string, signal?: AbortSignal): Promise<ModelAbilities> => ask(id, 'abilities', {}, signal),
    async dialogues(id: string, input: AskedOfModel['dialogues'], signal?: AbortSignal) {
      const { file, ...dialogues } = await ask(id, 'dialogues', input, signal)
      return { ...dialogues, file: new Blob([file]) }
    },
    checkDialogues: (id: string, input: AskedOfModel['checkDialogues'], signal?: AbortSignal) =>
      ask(id, 'checkDialogues', input, signal),
    async pictures(id: string, input: AskedOfModel['pictures'], signal?: AbortSignal) {
      const { file, ...pictures } = await ask(id, 'pictures', input, signal)
      return { ...pictures, file: new Blob([file]) }
    },
    async *say(id: string, input: AskedOfModel['say'], signal?: AbortSignal): AsyncGenerator<SpeechEvent, void> {
      const directory = directoryOf(id)
      try {
        yield* models.say(directory, input, signal)
      } catch (error) {
        // Who went away is told nothing.
        if (!signal?.aborted) throw contractError(error, id)
      }
    },
    score: (id: string, input: AskedOfModel['score'], signal?: AbortSignal): Promise<CodeLikelihoods> =>
      ask(id, 'score', input, signal),
    encode: (id: string, input: AskedOfModel['encode'], signal?: AbortSignal) => ask(id, 'encode', input, signal),
    async encodeFile(id: string, bytes: Uint8Array, signal?: AbortSignal): Promise<{ codes: number[][]; file: Blob }> {
      const { codes, file } = await ask(id, 'encodeFile', { file: new Uint8Array(bytes) }, signal)
      return { codes, file: new Blob([file]) }
    },
    decode: async (id: string, input: AskedOfModel['decode'], signal?: AbortSignal): Promise<Blob> =>
      new Blob([await ask(id, 'decode', input, signal)]),
    async decompress(id: string, input: AskedOfModel['decompress'], signal?: AbortSignal): Promise<Decompression> {
      const { file, ...decompression } = await ask(id, 'decompress', input, signal)
      return { ...decompression, file: new Blob([file]) }
    },
  }
}

/** What the process says as an error of the contract; what nobody expected as it is. */
function contractError(error: unknown, id: string): unknown {
  if (!(error instanceof ModelError)) return error
  const { code, hint } = error
  const message = `run ${id}: ${error.message}`
  switch (code) {
    case 'bad-request':
      return badRequest(message, hint)
    case 'not-found':
      return notFound(message, hint)
    case 'unreadable':
      return unreadable(message, hint)
    case 'conflict':
    case 'ended':
      return conflict(message, hint)
  }
}
