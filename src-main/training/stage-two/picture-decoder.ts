import { unflattenCodes } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { compile } from '../../engine/compile.ts'
import { branch, parameter } from '../../engine/parameters.ts'
import { lazyProgram } from '../../engine/runtimes/lazy-program.ts'
import { floats, int32, type Runtime, type State } from '../../engine/runtimes/runtime.ts'
import { type PictureLayout, readingConfig } from '../../multimodal/picture-layout.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { toPixels } from '../stage-one/held-out.ts'
import { CODES } from '../stage-one/state.ts'

/** Codes as pictures, one at a time, so that an edited map is seen at once. */
export interface PictureDecoder {
  /** @param codes rows of the codebook's table in token order, [cells · S] @returns U8 [S, S, 3] @throws RangeError */
  decode(codes: ArrayLike<number>): Promise<Uint8Array>
  dispose(): Promise<void>
}

/** @param codesOfTable rows of the codebook's table */
export function pictureDecoder(
  config: ExperimentConfig,
  runtime: Runtime,
  state: State,
  { sides, cells, slots }: PictureLayout,
  codesOfTable: number,
): PictureDecoder {
  const tokenizer = createTokenizer(readingConfig(config))
  const program = lazyProgram(() =>
    compile(
      runtime,
      state,
      'codes to picture',
      Object.fromEntries(
        sides.map((side, layer) => [`codes.${layer}`, { shape: [1, side, side], dtype: 'int32' as const }]),
      ),
      [...state.names().filter((name) => name.startsWith('tokenizer.')), CODES],
      (tensors) => {
        const maps = sides.map((_, layer) => parameter(tensors, `codes.${layer}`))
        return { picture: tokenizer.decodeCodes(branch(tensors, 'tokenizer'), maps, parameter(tensors, CODES)) }
      },
    ),
  )
  return {
    async decode(codes) {
      if (codes.length !== cells * slots)
        throw new RangeError(`${codes.length} codes are no picture; one has ${cells * slots}`)
      const wrong = Array.from(codes).findIndex((code) => !(code >= 0 && code < codesOfTable))
      if (wrong >= 0)
        throw new RangeError(
          `code ${codes[wrong]} at place ${wrong} of a picture; codes run from 0 to ${codesOfTable - 1}`,
        )
      const maps = unflattenCodes(codes, sides).map((map, layer) => {
        const side = sides[layer] as number
        return [`codes.${layer}`, int32(map, [1, side, side])] as const
      })
      return toPixels(floats(await program.run(Object.fromEntries(maps)), 'picture'))
    },
    dispose: () => program.dispose(),
  }
}
