import type { SpeechSettings } from '../../../../src-shared/contract/multimodal.ts'

const drawn = ({ temperature, topK, topP }: SpeechSettings['text']): string =>
  temperature === 0
    ? 'greedy'
    : [`temperature ${temperature}`, topK !== null && `top-k ${topK}`, topP !== null && `top-p ${topP}`]
        .filter(Boolean)
        .join(', ')

/** How answers were drawn, in a line. */
export const describeSettings = (settings: SpeechSettings, paints: boolean): string =>
  [
    paints ? '' : `text ${drawn(settings.text)}`,
    `codes ${drawn(settings.codes)}${settings.guidance === 1 ? '' : `, guidance ${settings.guidance}`}`,
    `seed ${settings.seed}`,
  ]
    .filter(Boolean)
    .join(' · ')
