import { z } from 'zod'
import { multimodalSchema } from './multimodal.ts'
import { type OptimizerConfig, optimizerSchema } from './optimizer-settings.ts'
import { pictureSourceSchema } from './picture-source.ts'
import { priorSchema } from './prior.ts'

/**
 * The experiment config: everything that decides what a run computes, in one JSON document.
 * A config is immutable once a run has started. Unknown keys are errors. A setting that came later has a default that
 * means what was done before there was a choice, so that every older config still says the same.
 */

const positiveInt = z.int().min(1)
const share = z.number().min(0).max(1)

export const dataSchema = z.strictObject({
  source: pictureSourceSchema,
  /** Side of the square pictures, in pixels. */
  resolution: z.union([z.literal(32), z.literal(64), z.literal(128), z.literal(256)]),
  /**
   * What of a picture is kept. cover: the centre of the picture scaled to cover the square, by Lanczos. taming: the
   * shorter side is scaled to the resolution, then a random square in training and the centre when held out (VQGAN, and
   * RQ-VAE on ImageNet). rq: the shorter side to the resolution, the centre square, always (RQ-VAE on LSUN). adm: halved
   * by boxes while at least twice as large, then bicubic, then the centre square (ADM, DiT). random-resized: a random 80
   * to 100 % of the shorter side, scaled as adm does, from anywhere (ADM's random crop, with which LlamaGen trains its
   * tokenizer); the centre when held out. taming and random-resized need `reading: stream`.
   */
  crop: z.enum(['cover', 'taming', 'rq', 'adm', 'random-resized']).default('cover'),
  /** Half of the training pictures are mirrored. */
  flip: z.boolean().default(false),
  /**
   * cache: all pictures are decoded once before the first step. stream: they are decoded as they are wanted, on other
   * threads, and the held-out ones that are evaluated are 512 at most.
   */
  reading: z.enum(['cache', 'stream']).default('cache'),
  /** Share of the concepts held out; the split is by concept, never by file. */
  heldOut: share,
  splitSeed: z.int().min(0),
  /** Use at most so many pictures (0: all). */
  limit: z.int().min(0),
})

export const vitSchema = z.strictObject({
  /** Side of a patch, in pixels; the code map's side is the resolution divided by it. */
  patch: positiveInt,
  width: positiveInt,
  layers: positiveInt,
  heads: positiveInt,
  feedForward: positiveInt,
  /**
   * vit: a class token, a bias on the patches. clip: no such bias, and a norm before the first block.
   * plain: no class token, otherwise as vit.
   */
  form: z.enum(['vit', 'clip', 'plain']).default('vit'),
  activation: z.enum(['gelu', 'quick-gelu']).default('gelu'),
  /** ε of layer normalisation: 1e-12 in ViT, 1e-5 in CLIP. */
  epsilon: z.number().positive().default(1e-12),
  /** Mean and deviation that pixels of 0 to 1 are brought to: half: 0.5 and 0.5. clip, imagenet: those of their data. */
  pixels: z.enum(['half', 'clip', 'imagenet']).default('half'),
  /** Folder or safetensors file of a Hugging Face ViT or CLIP vision model to start from; '' to start from chance. */
  weights: z.string(),
  /** Whether the encoder learns; a pretrained one may be kept as it is. */
  trains: z.boolean(),
})

export const tokenizerSchema = z.strictObject({
  /**
   * vq: one code per position. rq: D residual depths per position. hq: a coarse level and what it leaves over, one or
   * two times. vqvae2: levels encoded one from the other (VQ-VAE-2). spae: a pyramid of growing maps over a language
   * model's table (SPAE, LQAE).
   */
  kind: z.enum(['vq', 'rq', 'hq', 'vqvae2', 'spae']),
  /** Channels per resolution; each further entry halves the side. */
  channels: z.array(positiveInt).min(1).max(6),
  residualBlocks: z.int().min(1).max(8),
  /** Groups of group normalisation; must divide every channel count. */
  groups: positiveInt,
  /** Self-attention at the lowest resolution. */
  attention: z.boolean(),
  /** rq: depths D. hq: levels (2 or 3). vqvae2: levels (2 or 3). spae: levels of the pyramid. vq: 1. */
  layers: z.int().min(1).max(16),
  /** hq: how a map goes to the next coarser level and back. */
  resampling: z.enum(['shuffle', 'pool', 'strided']).default('shuffle'),
  /** What turns pictures into features. vit: a vision transformer, which can start from pretrained weights. */
  encoder: z.enum(['convolutional', 'vit']).default('convolutional'),
  vit: vitSchema.default({
    patch: 8,
    width: 192,
    layers: 6,
    heads: 3,
    feedForward: 768,
    form: 'vit',
    activation: 'gelu',
    epsilon: 1e-12,
    pixels: 'half',
    weights: '',
    trains: true,
  }),
})

export const codebookSchema = z.strictObject({
  /** independent: learned by EMA without a language model, the usual VQ baseline. */
  paradigm: z.enum(['frozen', 'dual', 'iterative', 'independent']),
  /** paper: Eq. 2 and Eq. 3. release: the rule of the published code, which moves from features to C_L over training. */
  rule: z.enum(['paper', 'release']),
  /** λ of Eq. 2: share of the old code kept at each update. */
  emaLambda: share,
  /** λ of Eq. 3. The paper writes one λ for both. */
  syncLambda: share,
  /** Steps between two syncs (Eq. 3). 0: never. */
  interval: z.int().min(0),
  /** On interval steps Eq. 3 takes the place of Eq. 2, or follows it. */
  syncOrder: z.enum(['replace', 'follow']),
  /** Codes whose running count falls below restart × (tokens per batch / K) are restarted. 0: never. */
  restart: z.number().min(0).max(1),
  /** Decay of the running counts N (and of m under `independent` and under the release rule). */
  decay: share,
  /** K under `independent` and where `rows` chooses some of the vocabulary's; otherwise 0, the whole vocabulary. */
  size: z.int().min(0),
  /** Which rows of the language model's table are codes; chosen rows keep their token ids. */
  rows: z.enum(['all', 'smallest-norm', 'frequent', 'random']).default('all'),
  /** smallest-norm: rows of a norm below this share of the table's median norm are passed over. */
  normFloor: share.default(0.3),
  /** Release rule: share of the steps, at the end, at which the codebook is the language model's table. */
  tail: share.default(0),
  /** What an independent codebook starts from: chance, or the centres of k-means over the first batches' features. */
  start: z.enum(['gaussian', 'kmeans']).default('gaussian'),
  /** Width of an independent code; 0: the language model's width. */
  width: z.int().min(0).default(0),
  /** Independent: whether all layers share one codebook of `size` codes, or each has its own. */
  shared: z.boolean().default(true),
})

export const lossesSchema = z.strictObject({
  reconstruction: z.enum(['mse', 'l1']),
  commitment: z.number().min(0),
  perceptual: z
    .strictObject({
      /** mobilenet-v2: features of the packaged MobileNetV2. lpips-vgg16: LPIPS, with the weights that `path` names. */
      network: z.enum(['none', 'mobilenet-v2', 'lpips-vgg16']),
      weight: z.number().min(0),
      /** Folder or safetensors file of VGG16 and LPIPS weights. */
      path: z.string(),
    })
    .default({ network: 'none', weight: 1, path: '' }),
  adversarial: z
    .strictObject({
      /** Weight of the generator's loss, before λ. 0: no discriminator. */
      weight: z.number().min(0),
      /** Step at which the discriminator begins, and the step at which it ends (0: never). */
      start: z.int().min(0),
      stop: z.int().min(0),
      loss: z.enum(['hinge', 'vanilla']),
      /** Whether λ, the ratio of the gradients at the last layer, scales the weight. */
      adaptive: z.boolean(),
      /** Largest λ: 1e4 in VQGAN and its followers, 500 in UniCode's release. */
      clamp: z.number().positive(),
      /** Share of the generator's loss that is gone at the end of training: 0.9 in UniCode's release, which takes 0.9 r; r is the codebook's under that rule. */
      fade: share,
      channels: positiveInt,
      layers: z.int().min(1).max(5),
      learningRate: z.number().positive(),
    })
    .default({
      weight: 0,
      start: 0,
      stop: 0,
      loss: 'hinge',
      adaptive: true,
      clamp: 1e4,
      fade: 0,
      channels: 64,
      layers: 3,
      learningRate: 2e-4,
    }),
})

export const languageSchema = z.strictObject({
  /**
   * words: a small decoder of the sizes below over the words of the texts, from chance. smollm2: SmolLM2-135M-Instruct,
   * which `npm run setup:llm` fetches. path: any LLaMA-family model on this machine. The sizes below are then the
   * model's own; they stand here so that a plan can be made without the file, and are checked against it.
   */
  model: z.enum(['words', 'smollm2', 'path']).default('words'),
  /** Hugging Face folder or GGUF file under "path". */
  path: z.string().default(''),
  /** Tokens of the model's vocabulary; 0 under "words", where the texts decide. */
  vocabulary: z.int().min(0).default(0),
  /** Width of the embedding table, and so of the codes. */
  width: positiveInt,
  layers: positiveInt,
  heads: positiveInt,
  keyValueHeads: positiveInt,
  feedForward: positiveInt,
  /** Whether the embedding table is the output matrix too; an untied model has another of the same size. */
  tied: z.boolean().default(true),
  /** Tokens per training sequence. */
  context: positiveInt,
  /** Words seen fewer times become <unk>. */
  minWordCount: positiveInt,
  /** lora: low-rank adapters learn, the model itself stays. */
  tuning: z.enum(['full', 'lora', 'frozen']),
  lora: z
    .strictObject({
      rank: positiveInt,
      alpha: z.number().positive(),
      /** Linear layers of each block that are adapted. */
      targets: z.array(z.enum(['q', 'k', 'v', 'o', 'gate', 'up', 'down'])).min(1),
      /** Folder of a PEFT adapter to start from; '' to start at the model. */
      start: z.string().default(''),
    })
    .default({ rank: 8, alpha: 16, targets: ['q', 'v'], start: '' }),
  /** How weights that no step changes are kept; computation is in float32 all the same. */
  storage: z.enum(['float32', 'float16', 'int8', 'int4']).default('float32'),
  /** Instruction data. pictures: pairs built from the pictures' names, tags and groups. */
  texts: z.enum(['pictures', 'llava', 'jsonl']).default('pictures'),
  /** LLaVA or ShareGPT json, or jsonl with question and answer. */
  textsPath: z.string().default(''),
  /** Use at most so many texts (0: all). */
  textsLimit: z.int().min(0).default(0),
  batchSize: positiveInt,
  /** Language-model steps before the first tokenizer step. */
  stepsBefore: z.int().min(0),
  /** Language-model steps per tokenizer step (0.5: one for every two). */
  ratio: z.number().min(0).max(16),
  /** step: the two take turns by `ratio`, step by step. epoch: after each epoch of pictures its share of language steps. */
  alternate: z.enum(['step', 'epoch']).default('step'),
  optimizer: optimizerSchema,
})

export const trainingSchema = z.strictObject({
  steps: positiveInt,
  batchSize: positiveInt,
  /** Steps between evaluations on held-out pictures and texts. */
  evaluateEvery: positiveInt,
  /** Steps between recorded samples (code maps, reconstructions, codebook state). */
  sampleEvery: positiveInt,
  samplePictures: z.int().min(1).max(64),
  checkpointEvery: positiveInt,
  /** Held-out pictures and texts that are evaluated (0: all of them). */
  evaluatePictures: z.int().min(0).default(0),
  evaluateTexts: z.int().min(0).default(0),
})

export const engineSchema = z.strictObject({
  /** What computes. Configs from before there was a choice do not say. */
  runtime: z.enum(['onnx', 'tensorflow']).default('onnx'),
  /** Where. auto: the best that works on this machine, tried before the first step; the run's log says which. */
  provider: z.enum(['auto', 'cpu', 'webgpu', 'dml', 'coreml', 'cuda']),
  /** Threads of one run; 0: the machine's cores divided by the runs that go at once. */
  threads: z.int().min(0).max(256),
})

export const experimentObject = z.strictObject({
  name: z.string().min(1).max(120),
  seed: z.int().min(0),
  engine: engineSchema,
  data: dataSchema,
  tokenizer: tokenizerSchema,
  codebook: codebookSchema,
  losses: lossesSchema,
  optimizer: optimizerSchema,
  language: languageSchema,
  training: trainingSchema,
  multimodal: multimodalSchema.default(multimodalSchema.parse({})),
  prior: priorSchema.default(priorSchema.parse({})),
})

export type ExperimentConfig = z.infer<typeof experimentObject>
/** A config as it may be written: settings that have a default may be left out. */
export type ExperimentInput = z.input<typeof experimentObject>
export type DataConfig = z.infer<typeof dataSchema>
export type TokenizerConfig = z.infer<typeof tokenizerSchema>
export type VitConfig = z.infer<typeof vitSchema>
export type CodebookConfig = z.infer<typeof codebookSchema>
export type LossesConfig = z.infer<typeof lossesSchema>
export type EngineConfig = ExperimentConfig['engine']
export type { OptimizerConfig }
export type LanguageConfig = z.infer<typeof languageSchema>
export type Paradigm = CodebookConfig['paradigm']
