import type { Command } from 'commander'
import { type AnswersOptions, addAnswersOptions, evaluateOnBenchmark } from '../answers.ts'
import { addCommand, type Cli, wholeNumber } from '../command.ts'

export function addEvaluate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'evaluate',
    summary: 'Score a run’s answers, or those of any system',
    description:
      'Score answers to VQAv2, VizWiz, ScienceQA, TextVQA, POPE, MMBench and MMBench-CN as their authors do. A run is asked with the prompts of LLaVA-1.5; with --answers the answers of any system are scored by the same code.',
    examples: [
      'evaluate --answers answers.json --benchmark vqav2 --questions questions.json --annotations annotations.json',
      'evaluate RUN --benchmark pope --questions coco/ --images-folder val2014 --out pope.jsonl',
    ],
  }).argument('[run]', 'id or directory of a run that is to answer')
  addAnswersOptions(command)
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
    .option('--force', 'overwrite files')
  command.handle((run: string | undefined, options: AnswersOptions) => evaluateOnBenchmark(cli, run, options))
}
