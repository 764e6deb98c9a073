import type { NetworkSource } from '../networks/network-source.ts'
import { ExtractorError } from './extractor.ts'
import { openOnnxModel } from './onnx-model.ts'

/** CLIP's text side. */
export interface ClipText {
  source: NetworkSource
  /** Embedding of a text, and whether it was cut to what CLIP reads. */
  embed(text: string): Promise<{ embedding: Float32Array; cut: boolean }>
  dispose(): Promise<void>
}

/** Tokens that CLIP reads, begin and end included. */
const CONTEXT = 77
const TEXT_EMBEDDINGS = /^(text_embeds|text_embeddings|text_features)$/

/** Ids of a text without begin and end, and these two. */
export interface ClipTokens {
  encode(text: string): number[]
  begin: number
  end: number
}

/**
 * @param path ONNX file with an input of token ids; one that holds both sides does as well
 * @throws ExtractorError saying what the file lacks
 */
export async function openClipText(path: string, tokens: ClipTokens, threads: number): Promise<ClipText> {
  const model = await openOnnxModel(path, threads)
  try {
    const whole = model.inputs.filter(({ type }) => type === 'int64' || type === 'int32')
    const ids = whole.find(({ name }) => /ids|tokens|text/i.test(name)) ?? whole[0]
    if (!ids)
      throw new ExtractorError(
        `${model.file} has no input of whole numbers for the tokens of a text; it has ${model.inputs.map(({ name, type }) => `${name} ${type}`).join(', ')}`,
      )
    const wholeNumbers = (type: string, values: readonly number[]) =>
      type === 'int64'
        ? model.tensor('int64', BigInt64Array.from(values, BigInt), [1, CONTEXT])
        : model.tensor('int32', Int32Array.from(values), [1, CONTEXT])
    return {
      source: await model.source('CLIP, text'),
      async embed(text) {
        const all = tokens.encode(text)
        const kept = [tokens.begin, ...all.slice(0, CONTEXT - 2), tokens.end]
        const filled = (values: readonly number[]) => [...values, ...Array(CONTEXT - kept.length).fill(0)]
        const feeds = model.inputs.map(({ name, type, shape }) => {
          if (name === ids.name) return [name, wholeNumbers(type, filled(kept))] as const
          if (type === 'int64' || type === 'int32')
            return [name, wholeNumbers(type, filled(kept.map(() => 1)))] as const
          const sizes = shape.map((size, axis) => size ?? [1, 3, 224, 224][axis] ?? 1)
          const length = sizes.reduce((product, size) => product * size, 1)
          return [name, model.tensor('float32', new Float32Array(length), sizes)] as const
        })
        const outputs = Object.entries(await model.run(Object.fromEntries(feeds)))
        const found =
          outputs.find(([name]) => TEXT_EMBEDDINGS.test(name)) ??
          (outputs.length === 1 ? outputs[0] : outputs.find(([, { dims }]) => dims.length === 2 && dims[0] === 1))
        if (found?.[1].type !== 'float32' || found[1].dims.length !== 2)
          throw new ExtractorError(
            `${model.file} has no output text_embeds [1, width]; it has ${outputs.map(([name, { dims }]) => `${name} [${dims}]`).join(', ')}`,
          )
        return { embedding: found[1].data as Float32Array, cut: all.length > CONTEXT - 2 }
      },
      dispose: () => model.dispose(),
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}
