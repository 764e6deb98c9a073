import type { Command } from 'commander'
import { addCommand, type Cli, type CommandResult, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { type AnswersOptions, addAnswersOptions, evaluateOnBenchmark } from '../evaluations/answers.ts'
import { addCodebookOptions, type CodebookOptions, evaluateCodebookOf } from '../evaluations/codebook.ts'
import { addImageOptions, evaluateImageFolder, type ImageOptions } from '../evaluations/images.ts'

type EvaluateOptions = AnswersOptions &
  CodebookOptions &
  Omit<ImageOptions, 'images'> & { images?: string; codebook?: boolean }

export function addEvaluate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'evaluate',
    summary: 'Score pictures, answers or a codebook, with a card for each figure',
    description:
      'Score pictures of any system (--images): Fréchet and kernel distance, precision and recall, Inception Score, CLIP score; and, of reconstructions, PSNR, SSIM, L1, MSE and LPIPS. Or answers (--benchmark) to VQAv2, VizWiz, ScienceQA, TextVQA, POPE, MMBench and MMBench-CN as their authors do: a run’s, which is asked with the prompts of LLaVA-1.5, or those of any system (--answers). Or the codebook of a run (--codebook) on the pictures it holds out: usage and perplexity by every definition, how well classes are told from its codes, and how much like text they are. Each figure comes with where it is from.',
    examples: [
      'evaluate --images samples --reference originals',
      'evaluate --images reconstructions --reference originals --as reconstructions --size 64',
      'evaluate --images samples --reference imagenet.npz --extractor inception=inception.onnx --json',
      'evaluate --answers answers.json --benchmark vqav2 --questions questions.json --annotations annotations.json',
      'evaluate RUN --benchmark pope --questions coco/ --images-folder val2014 --out pope.jsonl',
      'evaluate RUN --codebook --classes group --pictures 500 --json',
    ],
  }).argument('[run]', 'id or directory of a run that is to answer, or whose codebook it is')
  addImageOptions(command)
  addAnswersOptions(command)
  addCodebookOptions(command)
  command
    .option('--seed <n>', 'of what is drawn', wholeNumber(0), 0)
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
    .option('--force', 'overwrite files')
  command.handle((run: string | undefined, options: EvaluateOptions) => evaluate(cli, run, options))
}

async function evaluate(cli: Cli, run: string | undefined, options: EvaluateOptions): Promise<CommandResult> {
  const { images, codebook, benchmark, answers } = options
  const asksForAnswers = benchmark !== undefined || answers !== undefined
  const kinds = [images !== undefined, codebook === true, asksForAnswers].filter(Boolean).length
  if (kinds !== 1)
    throw new UsageError(
      `give ${kinds === 0 ? 'what is to be scored' : 'one of these at a time'}: --images FOLDER, a run with --codebook, or --benchmark NAME with a run or with --answers FILE`,
    )
  if (asksForAnswers) return evaluateOnBenchmark(cli, run, options)
  if (images !== undefined) return evaluateImageFolder(homeOf(cli, options), { ...options, images }, cli.terminal)
  if (run === undefined) throw new UsageError('name the run whose codebook is to be measured')
  return evaluateCodebookOf(cli, run, options)
}
