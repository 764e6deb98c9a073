import type { InstructionPair } from '../data/picture-set.ts'
import { openJinjaTemplate } from './jinja-template.ts'
import { encodeAroundPictures, type LaidOutText, type TextLayout } from './text-layout.ts'
import type { TextTokenizer } from './text-tokenizer.ts'

/** A chat template that cannot be used, or a dialogue that it does not lay out; the message says why. */
export class ChatTemplateError extends Error {
  override name = 'ChatTemplateError'
}

/**
 * Layout of dialogues for models without a template of their own: vicuna_v1 of FastChat and LLaVA, which UniCode's model
 * was tuned with.
 */
export const vicunaTemplate = (system: string): string =>
  [
    `{{ ${JSON.stringify(`${system} `)} }}`,
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ 'USER: ' + message['content'] + ' ASSISTANT:' }}",
    "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}",
  ].join('')

const SYSTEM = 'A person talks with an assistant. The assistant describes and explains, in few words and politely.'

interface Message {
  role: 'user' | 'assistant'
  content: string
}

/** model: by the model's own chat template, if it has one, else as vicuna_v1. */
export type Template = 'model' | 'vicuna_v1'

/**
 * Lays dialogues out by a chat template. Learned are the tokens of each answer and the special token that
 * closes it, not the line break that templates put behind.
 * @throws ChatTemplateError for a template that is not Jinja
 */
export function chatLayout(tokenizer: TextTokenizer, template: Template = 'model'): TextLayout {
  const render = openTemplate(tokenizer, (template === 'model' && tokenizer.chatTemplate) || vicunaTemplate(SYSTEM))
  const begin = tokenizer.begin
  const encode = (text: string): number[] => {
    const ids = encodeAroundPictures(text, tokenizer.encode)
    return begin === null || ids[0] === begin ? ids : [begin, ...ids]
  }
  const layOut = (turns: readonly InstructionPair[]): LaidOutText => {
    const messages = messagesOf(turns)
    const text = render(messages, false)
    const ids = encode(text)
    const learned = new Array<boolean>(ids.length).fill(false)
    for (let turn = 0; turn < turns.length; turn++) {
      const prompt = render(messages.slice(0, 2 * turn + 1), true)
      const through = turn + 1 === turns.length ? text : render(messages.slice(0, 2 * turn + 2), false)
      if (!text.startsWith(prompt) || !text.startsWith(through) || through.length < prompt.length)
        throw new ChatTemplateError(
          `the chat template does not lay out turn ${turn + 1} of ${turns.length} as what stood before it and more, so its answer cannot be told from the rest`,
        )
      const from = commonLength(encode(prompt), ids)
      const to = through === text ? ids.length : commonLength(encode(through), ids)
      learned.fill(true, from, endOfAnswer(ids, from, to, tokenizer.special))
    }
    return { ids, learned }
  }
  return {
    pad: tokenizer.pad,
    encode: (text) => tokenizer.encode(text),
    // An embedding table may have more rows than the tokenizer has tokens, and a model may say one of those.
    decode: (ids) => tokenizer.decode(ids.filter((id) => !tokenizer.special.has(id) && tokenizer.show(id) !== '')),
    // What the template puts behind an answer, which need not be the token that ends a text.
    closing: () => {
      const { ids, learned } = layOut([{ question: 'What?', answer: 'That.' }])
      const last = ids[learned.lastIndexOf(true)]
      return last === undefined || last === tokenizer.end || !tokenizer.special.has(last)
        ? [tokenizer.end]
        : [tokenizer.end, last]
    },
    prompt: (before, question) => encode(render([...messagesOf(before), { role: 'user', content: question }], true)),
    layOut,
  }
}

const messagesOf = (turns: readonly InstructionPair[]): Message[] =>
  turns.flatMap(({ question, answer }) => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ])

/** How many tokens two encodings begin with alike; a token across the border belongs to what follows it. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

/** Behind the last special token of the answer's part, which closes it; its whole part if there is none. */
function endOfAnswer(ids: readonly number[], from: number, to: number, special: ReadonlySet<number>): number {
  for (let at = to; at > from; at--) if (special.has(ids[at - 1] as number)) return at
  return to
}

/** @returns what renders messages, with the beginning of an answer behind them if asked */
function openTemplate(tokenizer: TextTokenizer, source: string): (messages: Message[], generate: boolean) => string {
  const text = (id: number): string => tokenizer.decode([id])
  const constants = { bos_token: tokenizer.beginText, eos_token: text(tokenizer.end), pad_token: text(tokenizer.pad) }
  const failed = (what: string, cause: unknown) =>
    new ChatTemplateError(`the model's chat template ${what}: ${(cause as Error).message}`, { cause })
  let template: ReturnType<typeof openJinjaTemplate>
  try {
    template = openJinjaTemplate(source)
  } catch (cause) {
    throw failed('cannot be read', cause)
  }
  return (messages, generate) => {
    try {
      return template({ messages, add_generation_prompt: generate, ...constants })
    } catch (cause) {
      throw failed('cannot lay out a dialogue', cause)
    }
  }
}
