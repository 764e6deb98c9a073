import type { Command } from 'commander'
import type { ModelDescription, ModelEntry } from '../../../src-shared/models.ts'
import { describeModel } from '../../language/describe-model.ts'
import { addCommand, type Cli, type CommonOptions, withWorkbench } from '../command.ts'
import { table } from '../table.ts'

/** Pretrained language models: what is here, and what a path holds. */
export function addModels(cli: Cli, program: Command): void {
  const models = program
    .command('models')
    .summary('List or describe pretrained language models')
    .description('Pretrained language models on this machine; npm run setup:llm fetches SmolLM2.')

  addCommand(cli, models, {
    name: 'list',
    summary: 'List the language models that the app knows',
    examples: ['models list', 'models list --json'],
  }).handle((options: CommonOptions) =>
    withWorkbench(cli, options, async ({ client }) => {
      const list = await client.models.list()
      const header = ['model', 'tokens', 'width', 'blocks', 'stored as', 'path']
      return { document: { models: list.models }, text: table(header, list.models.map(row)) }
    }),
  )

  addCommand(cli, models, {
    name: 'describe',
    summary: 'Say what a Hugging Face folder or a GGUF file holds, and the settings for it',
    examples: ['models describe /models/TinyLlama-1.1B', 'models describe /models/SmolLM2.gguf --json'],
  })
    .handle(async (path: string) => {
      const description = await describeModel(path)
      return { document: description, text: descriptionText(description) }
    })
    .argument('<path>', 'folder or .gguf file')
}

function row({ title, path, description, problem }: ModelEntry): string[] {
  if (path === null) return [title, '', '', '', '', problem || 'not installed']
  if (!description) return [title, '', '', '', '', problem]
  const { sizes, storage } = description
  return [title, `${sizes.vocabulary}`, `${sizes.width}`, `${sizes.layers}`, storage.join(', '), path]
}

function descriptionText(description: ModelDescription): string {
  const { sizes, tokenizer, context } = description
  const facts: [string, string][] = [
    ['format', description.format === 'gguf' ? 'GGUF' : 'Hugging Face folder'],
    ['parameters', `${(description.parameters / 1e6).toFixed(1)} million, stored as ${description.storage.join(', ')}`],
    ['context', context === 0 ? 'not said' : `${context} tokens`],
    [
      'tokenizer',
      tokenizer
        ? `${tokenizer.tokens} tokens, answers end with ${tokenizer.end}`
        : `none that can be used: ${description.tokenizerProblem}`,
    ],
    ['chat', description.ownTemplate ? 'its own template' : 'no template; laid out as Vicuna reads it'],
  ]
  const settings = Object.entries(sizes).map(([name, value]) => `--set language.${name}=${value}`)
  return [
    ...facts.map(([name, value]) => `${name.padEnd(12)}${value}`),
    '',
    'Settings for a run over it:',
    `--set language.model=path --set language.path=${description.path} ${settings.join(' ')}`,
    '',
    'A dialogue as it reads it, learned parts in brackets:',
    description.example.map(({ text, learned }) => (learned ? `[${text}]` : text)).join(''),
  ].join('\n')
}
