import { availableParallelism } from 'node:os'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { Unreadable } from '../data/source.ts'
import { tensorflowFolder } from '../engine/tensorflow/installation.ts'
import { openTrainedTokenizer, type TrainedTokenizer } from '../training/trained-tokenizer.ts'
import { openCheckpoint, openRunFolder } from './run-folder.ts'
import { note, type Terminal } from './terminal.ts'

export interface TokenizerOptions {
  step?: number
  threads?: number
}

export interface OpenedTokenizer {
  tokenizer: TrainedTokenizer
  config: ExperimentConfig
  /** Text of each code id; empty for an independent codebook. */
  tokens: string[]
  /** Step of the checkpoint. */
  step: number
}

/** Uses the tokenizer of a run's checkpoint and gives its sessions free, however that ends. */
export async function withTokenizer<T>(
  home: string,
  run: string,
  options: TokenizerOptions,
  terminal: Terminal,
  use: (opened: OpenedTokenizer) => Promise<T>,
): Promise<T> {
  const { directory, config, tokens } = openRunFolder(home, run)
  const { step, file } = openCheckpoint(directory, options.step, (message) => note(terminal, message))
  const tokenizer = await openTrainedTokenizer(file, config, {
    threads: options.threads ?? availableParallelism(),
    tensorflow: tensorflowFolder(home),
  })
  try {
    return await use({ tokenizer, config, tokens, step })
  } finally {
    await tokenizer.dispose()
  }
}

/** Pictures that were passed over are never passed over in silence. */
export function noteUnreadable(terminal: Terminal, unreadable: readonly Unreadable[]): void {
  if (unreadable.length > 0) note(terminal, `${unreadable.length} pictures could not be read and were left out:`)
  for (const { file, reason } of unreadable) note(terminal, `  ${file}: ${reason}`)
}
