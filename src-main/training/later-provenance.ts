import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { ProvenanceCard, ProvenanceCards } from '../../src-shared/provenance.ts'
import { MOBILENET_SIDE, openMobileNetV2 } from '../evaluation/networks/mobilenet-v2.ts'
import { readingResolution } from '../multimodal/picture-layout.ts'
import { softwareWords } from './software.ts'
import { extractor, sourceWords } from './stage-one/provenance.ts'

const plain = {
  extractor: '',
  extractorHash: '',
  referenceHash: '',
  software: softwareWords(),
}

/** The cards of what a second stage records. @param evaluated held-out dialogues of a task, at most @param painted requests that are painted and judged @param encoder what a pretrained network reads pictures as, in words */
export function stageTwoCards(
  config: ExperimentConfig,
  { evaluated, painted, encoder }: { evaluated: number; painted: number; encoder: string | null },
): ProvenanceCards {
  const { data, multimodal, seed } = config
  const set = sourceWords(data.source)
  const file = multimodal.tasks.dialogue > 0 ? ` and from ${multimodal.dialoguesPath}` : ''
  const read = `pictures of ${readingResolution(config)} px read as ${encoder ?? (multimodal.paradigm === 'visual-encoder' ? 'features' : multimodal.input)}, template "${multimodal.template}", at most ${multimodal.context} positions`
  const heldOut: ProvenanceCard = {
    ...plain,
    referenceSet: `held-out dialogues made from ${set}${file} (split seed ${data.splitSeed})`,
    transform: read,
    count: evaluated,
    unit: 'dialogues of a task at most',
  }
  const { source } = openMobileNetV2()
  const judged: ProvenanceCard = {
    ...heldOut,
    ...extractor(source),
    transform: `painted at temperature 1, top-p 0.9, seed ${seed}; ${MOBILENET_SIDE} px (bilinear, antialiased), values 0 to 1; five nearest of 1,000 training pictures by cosine`,
    count: painted,
    unit: 'requests',
  }
  return {
    'task.': heldOut,
    'task.paint.recognised': judged,
    'task.paint.reconstructed': {
      ...judged,
      transform: judged.transform.replace(/^.*?; /, 'the true pictures through the tokenizer; '),
    },
    'task.paint.commonest': judged,
    'task.paint.judged': judged,
    'multimodal.': {
      ...heldOut,
      referenceSet: `a training batch of dialogues made from ${set}${file}`,
      count: multimodal.batchSize * multimodal.accumulation,
      unit: 'dialogues',
    },
  }
}

/** The cards of what a prior records. @param heldOut held-out pictures */
export function priorCards({ data, prior }: ExperimentConfig, heldOut: number): ProvenanceCards {
  const set = sourceWords(data.source)
  const batch: ProvenanceCard = {
    ...plain,
    referenceSet: `codes of a training batch of ${set}`,
    transform: `pictures of ${data.resolution} px through the tokenizer of Stage I, class by ${prior.classes}`,
    count: prior.batchSize,
    unit: 'pictures',
  }
  return {
    'prior.': batch,
    'prior.loss.heldOut': { ...batch, referenceSet: `codes of held-out pictures of ${set}`, count: heldOut },
    'prior.loss.heldOut.': { ...batch, referenceSet: `codes of held-out pictures of ${set}`, count: heldOut },
  }
}
