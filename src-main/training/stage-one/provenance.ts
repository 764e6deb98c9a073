import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import type { ProvenanceCard, ProvenanceCards } from '../../../src-shared/provenance.ts'
import type { DialogueSource } from '../../data/dialogues.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { MOBILENET_SIDE, openMobileNetV2 } from '../../evaluation/networks/mobilenet-v2.ts'
import type { NetworkSource } from '../../evaluation/networks/network-source.ts'
import { softwareWords } from '../software.ts'
import { evaluatedPictures } from './held-out.ts'
import type { StageOneNetworks } from './networks.ts'

/** The cards of everything that a Stage I run records. */
export function provenanceCards(
  config: ExperimentConfig,
  pictures: PictureSet,
  texts: DialogueSource,
  networks: StageOneNetworks,
): ProvenanceCards {
  const { data, training, language } = config
  const set = sourceWords(data.source)
  const size = `${data.resolution} × ${data.resolution} px, crop "${data.crop}", values −1 to 1`
  const held: ProvenanceCard = {
    extractor: '',
    extractorHash: '',
    referenceSet: `held-out pictures of ${set} (split by concept, share ${data.heldOut}, seed ${data.splitSeed})`,
    referenceHash: pictures.checksum,
    transform: size,
    count: evaluatedPictures(config, pictures.heldOut).length,
    unit: 'pictures',
    software: softwareWords(),
  }
  const batch: ProvenanceCard = {
    ...held,
    referenceSet: `a training batch of ${set} (${pictures.training.length} pictures)`,
    count: training.batchSize,
  }
  const spoken: ProvenanceCard = {
    ...held,
    referenceSet: `held-out texts (${language.texts === 'pictures' ? `built from ${set}` : language.textsPath})`,
    referenceHash: '',
    transform: `sequences of ${language.context} tokens`,
    count: training.evaluateTexts > 0 ? Math.min(training.evaluateTexts, texts.heldOut.count) : texts.heldOut.count,
    unit: 'texts',
  }
  const table: ProvenanceCard = {
    ...held,
    referenceSet: 'the codebook and the language model’s table',
    referenceHash: '',
    transform: '',
    count: 1,
    unit: 'table',
  }
  const machine: ProvenanceCard = { ...table, referenceSet: 'this process', unit: 'process' }
  const { source } = openMobileNetV2()
  return {
    'heldout.': held,
    'usage.': batch,
    'usage.anyHit.': held,
    'usage.codes.': held,
    'usage.queue.': {
      ...batch,
      referenceSet: `${batch.referenceSet}, the last 65,536 codes`,
      count: 65_536,
      unit: 'codes',
    },
    'perplexity.set.': held,
    'perplexity.': batch,
    'entropy.': {
      ...batch,
      referenceSet: `the training batches of an epoch of ${set}`,
      count: pictures.training.length,
    },
    'code.': table,
    'data.': machine,
    'loss.': batch,
    'logits.': batch,
    'adversarial.': batch,
    'gradient.': batch,
    'feature.': batch,
    'codebook.': table,
    'drift.': table,
    'drift.used.': { ...table, referenceSet: `${table.referenceSet}; codes used by ${held.referenceSet}` },
    'language.': spoken,
    'language.loss': { ...spoken, referenceSet: 'a training batch of texts', count: language.batchSize },
    'speed.': machine,
    'memory.': machine,
    ...Object.fromEntries(
      Object.entries(networks.heldOut).map(([name, network]) => [
        name,
        { ...held, ...extractor(network.source), transform: `${size}; ${network.definition}` },
      ]),
    ),
    'heldout.fdMobileNetV2': fd(),
    'heldout.fdMobileNetV2.': fd(),
    ...(networks.loss
      ? {
          'loss.perceptual': {
            ...batch,
            ...extractor(networks.loss.source),
            transform: `${size}; ${networks.loss.definition}`,
          },
        }
      : {}),
  }

  function fd(): ProvenanceCard {
    return {
      ...held,
      ...extractor(source),
      transform: `${size}, then ${MOBILENET_SIDE} px (bilinear, antialiased), values 0 to 1; originals against their reconstructions`,
    }
  }
}

/** A network and its files on a card. */
export const extractor = ({ name, file, sha256 }: NetworkSource) => ({
  extractor: `${name} (${file})`,
  extractorHash: sha256,
})

/** A source of pictures in words. */
export function sourceWords(source: PictureSource): string {
  switch (source.kind) {
    case 'emoji':
      return `emoji, ${source.styles.join(' and ')}`
    case 'mixture':
      return source.parts.map((part) => `${sourceWords(part.source)} (weight ${part.weight})`).join(' + ')
    default:
      return `${source.kind} ${source.path}`
  }
}
