import { type Command, Option } from 'commander'
import { type AnswersOptions, addAnswersOptions, evaluateOnBenchmark } from '../answers.ts'
import { addCommand, type Cli, homeOf, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { evaluateImageFolder, type ImageOptions } from '../image-evaluation.ts'

type EvaluateOptions = AnswersOptions & Omit<ImageOptions, 'images'> & { images?: string }

export function addEvaluate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'evaluate',
    summary: 'Score pictures, answers or a run, with a card for each figure',
    description:
      'Score pictures of any system (--images): Fréchet and kernel distance, precision and recall, Inception Score, CLIP score; and, of reconstructions, PSNR, SSIM, L1, MSE and LPIPS. Or answers (--benchmark) to VQAv2, VizWiz, ScienceQA, TextVQA, POPE, MMBench and MMBench-CN as their authors do: a run’s, which is asked with the prompts of LLaVA-1.5, or those of any system (--answers). Each figure comes with where it is from.',
    examples: [
      'evaluate --images samples --reference originals',
      'evaluate --images reconstructions --reference originals --as reconstructions --size 64',
      'evaluate --images samples --reference imagenet.npz --extractor inception=inception.onnx --json',
      'evaluate --answers answers.json --benchmark vqav2 --questions questions.json --annotations annotations.json',
      'evaluate RUN --benchmark pope --questions coco/ --images-folder val2014 --out pope.jsonl',
    ],
  }).argument('[run]', 'id or directory of a run that is to answer')
  addImageOptions(command)
  addAnswersOptions(command)
  command
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
    .option('--force', 'overwrite files')
  command.handle(async (run: string | undefined, options: EvaluateOptions) => {
    const { images, benchmark } = options
    if (images !== undefined && benchmark !== undefined)
      throw new UsageError(
        'pictures (--images) and answers (--benchmark) are scored one after the other; give one of them',
      )
    if (benchmark !== undefined) return evaluateOnBenchmark(cli, run, options)
    if (images !== undefined) return evaluateImageFolder(homeOf(cli, options), { ...options, images }, cli.terminal)
    throw new UsageError('say what to score: --images FOLDER, or --benchmark NAME with a run or --answers FILE')
  })
}

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, text]

function addImageOptions(command: Command): void {
  command
    .option('--images <folder>', 'pictures to score')
    .option('--reference <place>', 'what they are compared with: a folder, statistics as .npz, or a run')
    .addOption(new Option('--split <name>', 'pictures of a run').choices(['training', 'held-out']).default('held-out'))
    .addOption(
      new Option(
        '--as <what>',
        'samples (gFID), or reconstructions of the reference’s pictures of the same names (rFID)',
      )
        .choices(['samples', 'reconstructions'])
        .default('samples'),
    )
    .option(
      '--extractor <network>',
      'mobilenet-v2 (packaged, the default), or NAME=FILE.onnx: inception, clip, vgg16 or any other (repeatable)',
      collect,
    )
    .option('--resize <convention>', 'instead of the extractor’s own: tf1, half-pixel, clean, clip, imagenet, plain')
    .option(
      '--metrics <list>',
      'fd,kid,precision-recall,is,clip,psnr,ssim,l1,mse,lpips (default: all that is possible)',
    )
    .option('--seed <n>', 'of subsets and parts that are drawn', wholeNumber(0), 0)
    .option('--size <px>', 'crop and scale every picture to this side first (default: its own size)', wholeNumber(1))
    .option('--lpips <path>', 'VGG16 and LPIPS weights, safetensors')
    .option('--clip-text <file>', 'CLIP’s text side, ONNX')
    .option('--clip-tokenizer <file>', 'its tokenizer.json')
    .option('--captions <file>', 'JSON { "picture": "text" } (default: the .txt beside each picture)')
    .option('--save-statistics <file>', 'write mean and covariance of the pictures’ features as .npz')
}
