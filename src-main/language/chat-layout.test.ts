import { describe, expect, it } from 'vitest'
import { chatLayout } from './chat-layout.ts'
import type { TextTokenizer } from './text-tokenizer.ts'

/** One token a character; text in angle brackets is one special token. */
function tokenizerOf(chatTemplate: string, begin: string | null = null): TextTokenizer {
  const texts: string[] = []
  const special = new Set<number>()
  const idOf = (text: string): number => {
    if (!texts.includes(text)) texts.push(text)
    const id = texts.indexOf(text)
    if (text.length > 1) special.add(id)
    return id
  }
  const end = idOf('</s>')
  return {
    size: 1000,
    encode: (text) => (text.match(/<[^>]*>|./gs) ?? []).map(idOf),
    decode: (ids) => ids.map((id) => texts[id]).join(''),
    show: (id) => texts[id] ?? '',
    ...{ special, end, pad: end, begin: begin === null ? null : idOf(begin), beginText: begin ?? '', chatTemplate },
  }
}

const template =
  "{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] + '</s>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"

/** What is learned stands in [brackets]. */
function shown(tokenizer: TextTokenizer, turns: { question: string; answer: string }[]): string {
  const { ids, learned } = chatLayout(tokenizer).layOut(turns)
  return ids
    .map((id, at) => {
      const begins = learned[at] && !learned[at - 1] ? '[' : ''
      return `${begins}${tokenizer.decode([id])}${learned[at] && !learned[at + 1] ? ']' : ''}`
    })
    .join('')
}

describe('a chat layout', () => {
  it('is Vicuna’s where that is asked for, whatever template the model has, and where it has none', () => {
    const turn = [{ question: 'q', answer: 'a' }]
    const asked = tokenizerOf(template)
    const { ids, learned } = chatLayout(asked, 'vicuna_v1').layOut(turn)
    expect(asked.decode(ids)).toMatch(/ USER: q ASSISTANT: a<\/s>$/)
    expect(asked.decode(ids.filter((_, at) => learned[at]))).toBe(' a</s>')
    const none = tokenizerOf('')
    expect(none.decode(chatLayout(none).layOut(turn).ids)).toBe(asked.decode(ids))
  })

  it('learns each answer with its closing token, and neither questions nor the line break behind', () => {
    expect(
      shown(tokenizerOf(template), [
        { question: 'q1', answer: 'a1' },
        { question: 'q2', answer: 'a2' },
      ]),
    ).toBe('<user>q1</s>\n<assistant>[a1</s>]\n<user>q2</s>\n<assistant>[a2</s>]\n')
  })

  it('ends answers as the template closes them, and as the tokenizer ends a text', () => {
    const own = tokenizerOf(template.replace('</s>', '<done>'))
    const layout = chatLayout(own)
    expect(layout.closing().map((id) => own.show(id))).toEqual(['</s>', '<done>'])
    expect(layout.decode(own.encode('a <done>b'))).toBe('a b')
    expect(layout.decode([...own.encode('ab'), 999])).toBe('ab')
    expect(chatLayout(tokenizerOf(template)).closing()).toHaveLength(1)
  })

  it('learns the closing token alone where an answer is empty', () => {
    expect(shown(tokenizerOf(template), [{ question: 'q', answer: '' }])).toBe('<user>q</s>\n<assistant>[</s>]\n')
  })

  it('puts the begin token in front once, whether the template writes it or not', () => {
    const turn = [{ question: 'q', answer: 'a' }]
    expect(shown(tokenizerOf(template, '<s>'), turn)).toBe('<s><user>q</s>\n<assistant>[a</s>]\n')
    expect(shown(tokenizerOf(`{{ bos_token }}${template}`, '<s>'), turn)).toBe('<s><user>q</s>\n<assistant>[a</s>]\n')
  })

  it('reads as Vicuna does where a model has no template', () => {
    const text = shown(tokenizerOf('', '<s>'), [
      { question: 'q1', answer: 'a1' },
      { question: 'q2', answer: 'a2' },
    ])
    expect(text).toMatch(/^<s>A person .* USER: q1 ASSISTANT:\[ a1<\/s>\]USER: q2 ASSISTANT:\[ a2<\/s>\]$/)
  })

  it('refuses a template that cannot be read, one that fails, and one that rewrites what stood before', () => {
    expect(() => chatLayout(tokenizerOf('{% for %}'))).toThrow("the model's chat template cannot be read")
    const turn = [{ question: 'q', answer: 'a' }]
    expect(() => chatLayout(tokenizerOf("{{ raise_exception('no system') }}")).layOut(turn)).toThrow(
      'cannot lay out a dialogue: no system',
    )
    expect(() => chatLayout(tokenizerOf("{{ messages[-1]['content'] }}")).layOut(turn)).toThrow('turn 1 of 1')
  })
})
