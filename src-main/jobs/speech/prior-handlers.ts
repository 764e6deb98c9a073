import type { ModelAbilities } from '../../../src-shared/contract/multimodal.ts'
import { keepModel } from './kept-model.ts'
import { ModelError } from './model-error.ts'
import { openRunPrior, type RunPrior } from './open-run-prior.ts'
import { outsidePicture, readable } from './outside-picture.ts'
import { CANNOT_READ, paintPrior } from './paint-prior.ts'
import type { ModelHandlers } from './procedures.ts'
import { listPictures, pictureFile, pictureOf, type RunPictures } from './run-pictures.ts'

/** Answers of the prior of a run: it paints pictures, and does nothing that takes words. */
export function priorHandlers(directory: string, cacheDir: string, threads: number): ModelHandlers {
  const { open, newest, inTurn, answering } = keepModel(directory, () => openRunPrior(directory, cacheDir, threads))
  const refuse = async (): Promise<never> => {
    throw new ModelError('conflict', CANNOT_READ, 'Choose a run with a second stage, whose language model does.')
  }
  return answering({
    abilities: async () => abilitiesOf(await inTurn(newest)),
    say: async (asked, how) => {
      const model = await open()
      await inTurn(() => paintPrior(model, asked, how), how.signal)
      return null
    },
    pictures: async (asked) => {
      return listPictures(await picturesOf(await open()), asked)
    },
    encode: async ({ picture }) => {
      const model = await open()
      const maps = await model.tokenizer.encode(await pictureOf(await picturesOf(model), picture), 1)
      return { codes: maps.map((map) => [...map]) }
    },
    encodeFile: async ({ file }) => {
      const { tokenizer, config } = await open()
      const side = config.data.resolution
      const picture = await readable(() => outsidePicture(config.data, file, side))
      const maps = await tokenizer.encode(picture, 1)
      return { codes: maps.map((map) => [...map]), file: pictureFile({ picture }, side) }
    },
    decode: async ({ codes }) => {
      const { tokenizer, config } = await open()
      return pictureFile({ picture: await decoded(tokenizer, codes) }, config.data.resolution)
    },
    dialogues: refuse,
    checkDialogues: refuse,
    score: refuse,
    decompress: refuse,
  })
}

async function picturesOf({ pictures, config }: RunPrior): Promise<RunPictures> {
  const set = await pictures()
  const pixelsOf: RunPictures['pixelsOf'] = async ({ picture }) => set.pixels(picture)
  return { pictures: set, resolution: config.data.resolution, pixelsOf }
}

/** @throws ModelError for maps that are none of the tokenizer's */
async function decoded(tokenizer: RunPrior['tokenizer'], codes: readonly (readonly number[])[]): Promise<Uint8Array> {
  try {
    return await tokenizer.decode(
      codes.map((map) => Int32Array.from(map)),
      1,
    )
  } catch (error) {
    throw new ModelError('bad-request', (error as Error).message, 'Give a code map of each layer, coarse first.', {
      cause: error,
    })
  }
}

function abilitiesOf({ step, config, prior, tokenizer }: RunPrior): ModelAbilities {
  const { paradigm, input, context } = config.multimodal
  return {
    ...{ step, paradigm, input, context },
    cannotRead: CANNOT_READ,
    cannotPaint: null,
    resolution: config.data.resolution,
    sides: [...tokenizer.sides],
    tasks: [],
    unconditionalRequest: '',
    prior: { classes: prior.classes, guides: prior.classes.length > 0 && config.prior.classDropout > 0 },
  }
}
