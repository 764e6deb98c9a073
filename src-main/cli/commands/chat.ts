import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { encodePng } from '../../data/png.ts'
import type { RunModel } from '../../jobs/speech/open-run-model.ts'
import { IMAGE } from '../../language/text-layout.ts'
import { readingConfig } from '../../multimodal/picture-layout.ts'
import { addCommand, type Cli, type CommandResult, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { errorText, reportOf, UsageError } from '../errors.ts'
import { writeOutput } from '../output-files.ts'
import { readPictures } from '../pictures.ts'
import { addSamplingOptions, type SamplingOptions, samplingOf, withRunModel } from '../run-model.ts'
import { type SpokenAnswer, Talk } from '../talk.ts'
import { note } from '../terminal.ts'
import { noteUnreadable } from '../tokenizer.ts'

interface ChatOptions extends CommonOptions, SamplingOptions {
  question?: string
  tokens: number
  out: string
}

const HELP = 'A line is a question. /picture FILE… shows pictures with the next one, /new begins anew, /quit ends.'

export function addChat(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'chat',
    summary: 'Talk with a model about pictures',
    description: `Talk with the model of a run’s second stage. Pictures named here are shown with the first question, before its words or where it says ${IMAGE}. Pictures that the model paints become PNG files. Without --question every line of standard input is a question; Ctrl-C ends an answer, and a second one the conversation.`,
    examples: ['chat RUN apple.png', 'chat RUN apple.png --question "What is this?" --json'],
  })
  command
    .handle(async (run: string, paths: string[], options: ChatOptions) => {
      if (options.json && options.question === undefined)
        throw new UsageError('--json gives one document: give the one question with --question')
      return withRunModel(homeOf(cli, options), run, options.threads, async (model) => {
        const sampling = samplingOf(options)
        const { seed, guidance, tokens: newTokens } = options
        const talk = new Talk(model, { text: sampling, codes: sampling, guidance, seed, newTokens })
        const shown = paths.length > 0 ? await picturesAt(cli, model, paths) : []
        return options.question === undefined
          ? converse(cli, model, talk, shown, options)
          : answerOnce(cli, model, talk, shown, options.question, run, options)
      })
    })
    .argument('<run>', 'id or directory of a run')
    .argument('[pictures...]', 'files, or folders with pictures, that the first question shows')
    .option('--question <text>', 'ask this alone, and end')
    .option('--tokens <n>', 'most tokens of an answer', wholeNumber(1), 128)
    .option('--out <folder>', 'where painted pictures go', '.')
  addSamplingOptions(command, 'tokens', 0)
}

async function picturesAt(cli: Cli, model: RunModel, paths: readonly string[]): Promise<Uint8Array[]> {
  const { names, pixels, unreadable } = await readPictures(paths, readingConfig(model.opened.config))
  noteUnreadable(cli.terminal, unreadable)
  const size = pixels.length / names.length
  return names.map((_, at) => pixels.subarray(at * size, (at + 1) * size))
}

async function answerOnce(
  cli: Cli,
  model: RunModel,
  talk: Talk,
  shown: readonly Uint8Array[],
  question: string,
  run: string,
  { out }: ChatOptions,
): Promise<CommandResult> {
  const answer = await talk.ask(question, shown, { signal: new AbortController().signal, hear: () => {} })
  const files = await writePaintings(model, answer, out)
  if (answer.isCut) note(cli.terminal, 'The answer was cut off: there was no room for more; see --tokens.')
  return {
    document: {
      run,
      step: model.step,
      question,
      answer: answer.text,
      isCut: answer.isCut,
      pictures: files.map((file, at) => ({ file, codes: answer.pictures[at] })),
    },
    text: [answer.text, ...files].join('\n'),
  }
}

/** Writes painted pictures under names that are free. @returns their paths */
async function writePaintings(
  { speaker, numbers }: RunModel,
  { pictures }: SpokenAnswer,
  out: string,
): Promise<string[]> {
  const files: string[] = []
  for (const codes of pictures) {
    let at = 1
    while (existsSync(join(out, `painted-${at}.png`))) at++
    const file = join(out, `painted-${at}.png`)
    const pixels = await speaker.decode(numbers.rows(codes))
    writeOutput(file, await encodePng(pixels, speaker.resolution, speaker.resolution))
    files.push(file)
  }
  return files
}

/** Question after question, to the end of standard input. */
async function converse(
  cli: Cli,
  model: RunModel,
  talk: Talk,
  shown: readonly Uint8Array[],
  { out }: ChatOptions,
): Promise<CommandResult> {
  const { terminal } = cli
  const isTerminal = terminal.columns() !== null
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr, terminal: isTerminal, prompt: '> ' })
  let pictures = shown
  let count = 0
  let answering: AbortController | null = null
  let isOpen = true
  lines.once('close', () => {
    isOpen = false
  })
  lines.on('SIGINT', () => {
    if (answering) answering.abort()
    else lines.close()
  })
  const answer = async (question: string): Promise<void> => {
    answering = new AbortController()
    try {
      const spoken = await talk.ask(question, pictures, {
        signal: answering.signal,
        hear: (event) => {
          if (event.kind === 'text') terminal.stdout.write(event.text)
          if (event.kind === 'picture') note(terminal, '(painting)')
        },
      })
      terminal.stdout.write('\n')
      for (const file of await writePaintings(model, spoken, out)) terminal.stdout.write(`${file}\n`)
      if (spoken.isCut) note(terminal, '(there was no room for more; /new begins anew)')
      pictures = []
      count++
    } catch (error) {
      terminal.stdout.write('\n')
      note(terminal, answering.signal.aborted ? '(stopped)' : errorText(reportOf(error)))
    } finally {
      answering = null
    }
  }
  const obey = async (line: string): Promise<void> => {
    const [command, ...words] = line.split(/\s+/)
    if (command === '/new') {
      talk.forget()
      pictures = []
    } else if (command === '/picture' && words.length > 0)
      try {
        pictures = [...pictures, ...(await picturesAt(cli, model, words))]
      } catch (error) {
        note(terminal, errorText(reportOf(error)))
      }
    else note(terminal, HELP)
  }
  if (isTerminal) note(terminal, HELP)
  lines.prompt()
  for await (const line of lines) {
    const said = line.trim()
    if (said === '/quit') break
    if (said.startsWith('/')) await obey(said)
    else if (said !== '') await answer(said)
    // What was typed ahead is still answered when the input has ended.
    if (isOpen) lines.prompt()
  }
  lines.close()
  return { document: null, text: `${count} ${count === 1 ? 'question' : 'questions'} answered` }
}
