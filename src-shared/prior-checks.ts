import { codeMapSides } from './code-maps.ts'
import type { ExperimentConfig } from './config.ts'

type Fail = (path: string, message: string) => void

/** What the settings of a prior ask of one another; nothing where there is none. */
export function checkPrior(config: ExperimentConfig, fail: Fail): void {
  const { prior, tokenizer, codebook, data, multimodal } = config
  if (prior.steps === 0) return
  if (multimodal.steps > 0)
    fail(
      'prior.steps',
      `${prior.steps}: a run goes on with a prior or with Stage II; set this or multimodal.steps to 0`,
    )
  const { kind, layers } = tokenizer
  if (prior.kind === 'rq' && kind !== 'rq' && kind !== 'vq')
    fail(
      'prior.kind',
      `an rq prior predicts all codes of a position, but layers of "${kind}" have maps of their own sides; set "raster", or tokenizer.kind "rq"`,
    )
  if (prior.kind === 'hq' && !((kind === 'hq' || kind === 'vqvae2') && layers === 2))
    fail(
      'prior.kind',
      `an hq prior predicts a code and the four below it, but the tokenizer is "${kind}" of ${layers} layers; set "raster", or a tokenizer "hq" of 2`,
    )
  else if (prior.kind === 'hq' && (codeMapSides(config)[0] as number) < 2)
    fail('prior.kind', 'an hq prior goes over the cells of a coarse map, which has only 1; set "raster"')
  if (prior.width % prior.heads !== 0)
    fail('prior.heads', `width ${prior.width} is not divisible by ${prior.heads} heads`)
  if (prior.embeddings === 'shared' && !codebook.shared)
    fail('prior.embeddings', 'layers with codebooks of their own have no codes in common; set "layer"')
  if (data.reading === 'stream')
    fail('data.reading', 'a prior learns from the code maps of decoded pictures; set "cache", or prior.steps 0')
  if (prior.sampling.guidance === 1) return
  if (prior.classes === 'none')
    fail('prior.sampling.guidance', `${prior.sampling.guidance} needs classes to guide to; set 1, or prior.classes`)
  else if (prior.classDropout === 0)
    fail('prior.classDropout', 'guidance compares with pictures of no class, which are never learned at 0; set 0.1')
}
