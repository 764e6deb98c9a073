import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TextTokenizer } from './text-tokenizer.ts'
import { createJsonTokenizer, type JsonTokenizer } from './tokenizer-json.ts'
import { readJson, readText } from './weights/json-file.ts'
import { WeightsError } from './weights/weight-file.ts'

const TOKENIZER = 'tokenizer.json'
const SETTINGS = 'tokenizer_config.json'
const TEMPLATE = 'chat_template.jinja'
/** Those of 256,000 tokens have about 35 MB. */
const TOKENIZER_LIMIT = 128 << 20

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish()
const settings = z.looseObject({
  bos_token: token,
  eos_token: token,
  pad_token: token,
  add_bos_token: z.boolean().nullish(),
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
})
const ids = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() })

/**
 * The tokenizer of a Hugging Face folder: tokenizer.json, with tokenizer_config.json and chat_template.jinja where there are.
 * @throws WeightsError saying which file is missing or cannot be used
 */
export async function openHuggingFaceTokenizer(folder: string): Promise<TextTokenizer> {
  const path = join(folder, TOKENIZER)
  if (!existsSync(path))
    throw new WeightsError(
      `${folder} has no ${TOKENIZER}; save it there with transformers (AutoTokenizer.from_pretrained(…).save_pretrained(…))`,
    )
  const json = await readJson(path, TOKENIZER_LIMIT)
  let tokenizer: JsonTokenizer
  try {
    tokenizer = createJsonTokenizer(json)
  } catch (cause) {
    throw new WeightsError(`${path} cannot be used: ${(cause as Error).message}`, { cause })
  }
  const said = await readSettings(folder)
  const idOf = (which: 'bos_token' | 'eos_token' | 'pad_token'): number | undefined => {
    const written = said[which]
    const text = typeof written === 'string' ? written : written?.content
    return text === undefined ? undefined : tokenizer.idOf(text)
  }
  const end = idOf('eos_token') ?? (await endOfConfig(folder, tokenizer))
  if (end === undefined)
    throw new WeightsError(
      `${folder}: neither ${SETTINGS} (eos_token) nor config.json (eos_token_id) says which token ends an answer`,
    )
  const bos = idOf('bos_token')
  const [first] = tokenizer.before
  const begin = said.add_bos_token === false ? null : (first ?? (said.add_bos_token === true ? bos : null) ?? null)
  const { size, special, encode, decode, show } = tokenizer
  return {
    ...{ size, special, encode, decode, show, end, begin },
    beginText: bos === undefined ? (begin === null ? '' : decode([begin])) : decode([bos]),
    pad: idOf('pad_token') ?? end,
    chatTemplate: existsSync(join(folder, TEMPLATE)) ? await readText(join(folder, TEMPLATE)) : templateOf(said),
  }
}

async function readSettings(folder: string): Promise<z.infer<typeof settings>> {
  const path = join(folder, SETTINGS)
  if (!existsSync(path)) return {}
  const parsed = settings.safeParse(await readJson(path))
  if (!parsed.success) throw new WeightsError(`${path}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** The one for ordinary dialogues where there are several. */
function templateOf({ chat_template: template }: z.infer<typeof settings>): string {
  if (!Array.isArray(template)) return template ?? ''
  return (template.find(({ name }) => name === 'default') ?? template[0])?.template ?? ''
}

async function endOfConfig(folder: string, tokenizer: JsonTokenizer): Promise<number | undefined> {
  const path = join(folder, 'config.json')
  if (!existsSync(path)) return undefined
  const parsed = ids.safeParse(await readJson(path))
  if (!parsed.success) throw new WeightsError(`${path}: ${z.prettifyError(parsed.error)}`)
  const end = [parsed.data.eos_token_id ?? []].flat()[0]
  return end !== undefined && end >= 0 && end < tokenizer.size ? end : undefined
}
