import type { SpeechEvent, SpeechSettings } from '../../src-shared/contract/multimodal.ts'
import type { InstructionPair } from '../data/picture-set.ts'
import type { RunModel } from '../jobs/speech/open-run-model.ts'
import { say } from '../jobs/speech/spoken-answers.ts'
import { IMAGE } from '../language/text-layout.ts'
import type { ShownPicture } from '../training/stage-two/speaker.ts'

/** An answer, with IMAGE where it shows a picture. */
export interface SpokenAnswer {
  text: string
  /** Codes of each layer of each picture. */
  pictures: number[][][]
  /** Whether there was no room for more. */
  isCut: boolean
}

/** A conversation with a model, turn after turn, with the pictures of both sides. */
export class Talk {
  readonly #model: RunModel
  readonly #settings: SpeechSettings
  #turns: InstructionPair[] = []
  #pictures: ShownPicture[] = []

  constructor(model: RunModel, settings: SpeechSettings) {
    this.#model = model
    this.#settings = settings
  }

  /** Forgets all that was said. */
  forget(): void {
    this.#turns = []
    this.#pictures = []
  }

  /**
   * @param pictures U8 [S, S, 3] that the question shows, before its words unless it says where with IMAGE
   * @param hear told of the answer as it comes
   * @throws what the model cannot be asked; the signal's reason: then the turn is as if it had not been
   */
  async ask(
    words: string,
    pictures: readonly Uint8Array[],
    { signal, hear }: { signal: AbortSignal; hear: (event: SpeechEvent) => void },
  ): Promise<SpokenAnswer> {
    const question = words.includes(IMAGE) ? words : [...pictures.map(() => IMAGE), words].join('\n')
    const asked = [...this.#pictures, ...pictures.map((pixels) => ({ pixels }))]
    const answer: SpokenAnswer = { text: '', pictures: [], isCut: false }
    await say(
      this.#model,
      { before: this.#turns, question, pictures: asked },
      { settings: this.#settings, answers: 1, paint: null },
      {
        signal,
        part: (event) => {
          hear(event)
          if (event.kind === 'text') answer.text += event.text
          else if (event.kind === 'painted') {
            answer.text += IMAGE
            answer.pictures.push(event.codes)
          } else if (event.kind === 'end') answer.isCut = event.reason === 'full'
        },
      },
    )
    this.#turns.push({ question, answer: answer.text })
    this.#pictures = [...asked, ...answer.pictures.map((codes) => ({ codes: this.#model.numbers.rows(codes) }))]
    return answer
  }
}
