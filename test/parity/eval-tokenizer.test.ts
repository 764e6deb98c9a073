import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chatLayout, vicunaTemplate } from '../../src-main/language/chat-layout.ts'
import { pictureFirst } from '../../src-main/language/text-layout.ts'
import { createJsonTokenizer, type JsonTokenizer } from '../../src-main/language/tokenizer-json.ts'
import { readJson } from '../../src-main/language/weights/json-file.ts'
import { layoutOfSides } from '../../src-main/multimodal/picture-layout.ts'
import { sequenceOf } from '../../src-main/multimodal/sequence.ts'
import { describeReference } from './reference.ts'

const ids = z.array(z.int())
const inputSchema = z.object({ file: z.string(), strings: z.array(z.string()), decode_only: z.array(ids) })
const expectedSchema = z.object({
  vocab_size: z.int(),
  encoded: z.array(z.object({ ids, decoded: z.string(), decoded_with_specials: z.string() })),
  decode_only: z.array(z.string()),
})
const dialogue = z.array(z.object({ from: z.string(), value: z.string() }))
const chatSchema = z.object({
  system: z.string(),
  image_positions: z.int(),
  dialogues: z.record(z.string(), dialogue),
  mismatches: z.record(z.string(), dialogue),
})
const layoutSchema = z.record(
  z.string(),
  z.object({
    prompt: z.string(),
    input_ids: ids,
    labels: ids,
    expanded_ids: ids.optional(),
    expanded_labels: ids.optional(),
  }),
)
const caseSchema = z.object({ inputs: z.record(z.string(), z.unknown()), expected: z.record(z.string(), z.unknown()) })

describeReference('eval-tokenizer', (reference) => {
  const { inputs, expected } = reference.read(caseSchema)
  const kinds = Object.keys(inputs).filter((name) => inputSchema.safeParse(inputs[name]).success)

  it('has tokenizers', () => expect(kinds.length).toBeGreaterThan(0))

  describe.each(kinds)('%s', (kind) => {
    const { file, strings, decode_only } = inputSchema.parse(inputs[kind])
    const wanted = expectedSchema.parse(expected[kind])
    let tokenizer: JsonTokenizer
    beforeAll(async () => {
      const path = join(reference.directory, file)
      expect(existsSync(path), path).toBe(true)
      tokenizer = createJsonTokenizer(await readJson(path))
    })

    it('has the vocabulary’s size, and encodes every text to the same ids', () => {
      expect(tokenizer.size).toBe(wanted.vocab_size)
      for (const [at, text] of strings.entries())
        expect([...tokenizer.before, ...tokenizer.encode(text)], JSON.stringify(text)).toEqual(wanted.encoded[at]?.ids)
    })

    it('decodes to the same text, with special tokens and without, and ids that no text has as well', () => {
      for (const { ids, decoded, decoded_with_specials } of wanted.encoded) {
        expect(tokenizer.decode(ids, { special: false })).toBe(decoded)
        expect(tokenizer.decode(ids)).toBe(decoded_with_specials)
      }
      for (const [at, row] of decode_only.entries())
        expect(tokenizer.decode(row, { special: false }), `${row}`).toBe(wanted.decode_only[at])
    })

    const layouts = layoutSchema.safeParse(expected[`chat_${kind}`])
    if (!layouts.success) return
    const chat = chatSchema.parse(inputs.chat)
    const pairs = (turns: z.infer<typeof dialogue>) =>
      Array.from({ length: turns.length / 2 }, (_, turn) => ({
        question: pictureFirst((turns[2 * turn] as { value: string }).value),
        answer: (turns[2 * turn + 1] as { value: string }).value,
      }))
    const layout = () => {
      const end = tokenizer.idOf('</s>') as number
      const begin = tokenizer.before[0] ?? null
      const special = { begin, beginText: '', end, pad: end, chatTemplate: vicunaTemplate(chat.system) }
      return chatLayout({ ...tokenizer, ...special })
    }

    it('lays dialogues out as LLaVA does, and labels the answers with their closing tokens', () => {
      for (const [name, turns] of Object.entries(chat.dialogues)) {
        const { ids, learned } = layout().layOut(pairs(turns))
        const { input_ids, labels } = layouts.data[name] as { input_ids: number[]; labels: number[] }
        expect(ids, name).toEqual(input_ids)
        expect(
          ids.map((id, at) => (learned[at] ? id : -100)),
          name,
        ).toEqual(labels)
      }
    })

    it('gives each picture as many positions as it has cells, none of them learned', () => {
      const cells = chat.image_positions
      const rules = {
        layout: { ...layoutOfSides([1]), cells },
        tokens: { outputs: 0, tokenOf: () => 0, codeOf: () => 0, allowed: () => new Int32Array(0) },
        text: layout(),
        input: 'aggregated' as const,
      }
      const picture = { codes: new Int32Array(cells), features: new Float32Array(0) }
      const withPictures = Object.entries(layouts.data).filter(([, { expanded_ids }]) => expanded_ids)
      expect(withPictures.length).toBeGreaterThan(0)
      for (const [name, { expanded_ids, expanded_labels }] of withPictures) {
        const turns = pairs(chat.dialogues[name] as z.infer<typeof dialogue>)
        const shown = turns.flatMap(({ question }) => question.split('<image>').slice(1))
        const { tokens, learned } = sequenceOf(
          { turns, pictures: shown.map(() => ({ picture: { kind: 'picture', picture: 0 }, form: 'read' })) },
          shown.map(() => picture),
          rules,
        )
        expect(
          Array.from(tokens, (token) => (token < 0 ? -200 : token)),
          name,
        ).toEqual(expanded_ids)
        expect(
          Array.from(tokens, (token, at) => (learned[at] ? token : -100)),
          name,
        ).toEqual(expanded_labels)
      }
    })

    it('labels the answers of dialogues that the published code masks as a whole', () => {
      for (const [name, turns] of Object.entries(chat.mismatches)) {
        const { learned } = layout().layOut(pairs(turns))
        expect(learned.includes(true), name).toBe(true)
      }
    })
  })
})
