import { z } from 'zod'
import { nearestName } from './nearest-name.ts'

/**
 * The experiment config: everything that decides what a run computes, in one JSON document.
 * A config is immutable once a run has started. Unknown keys are errors.
 */

const positiveInt = z.int().min(1)
const share = z.number().min(0).max(1)

export const pictureSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('emoji'),
    /** Drawing styles; a concept present in several styles gives several pictures. */
    styles: z.array(z.enum(['fluent-3d', 'openmoji'])).min(1),
    /** CSS hex colour that RGBA pictures are composited on. */
    background: z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as "#ffffff"'),
    /** Keep skin-tone variants (they stay in the split of their base). */
    skinTones: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('folder'),
    /** Absolute path. Sub-folders are classes; a .txt beside a picture is its caption. */
    path: z.string().min(1),
  }),
])

export const dataSchema = z.strictObject({
  source: pictureSourceSchema,
  /** Side of the square pictures, in pixels. */
  resolution: z.union([z.literal(32), z.literal(64), z.literal(128), z.literal(256)]),
  /** Share of the concepts held out; the split is by concept, never by file. */
  heldOut: share,
  splitSeed: z.int().min(0),
  /** Use at most so many pictures (0: all). */
  limit: z.int().min(0),
})

export const tokenizerSchema = z.strictObject({
  kind: z.enum(['vq', 'rq', 'hq']),
  /** Channels per resolution; each further entry halves the side. */
  channels: z.array(positiveInt).min(1).max(6),
  residualBlocks: z.int().min(1).max(8),
  /** Groups of group normalisation; must divide every channel count. */
  groups: positiveInt,
  /** Self-attention at the lowest resolution. */
  attention: z.boolean(),
  /** rq: depths D. hq: levels (2). vq: 1. */
  layers: z.int().min(1).max(16),
})

export const codebookSchema = z.strictObject({
  /** independent: learned by EMA without a language model, the usual VQ baseline. */
  paradigm: z.enum(['frozen', 'dual', 'iterative', 'independent']),
  /** paper: Eq. 2 and Eq. 3. */
  rule: z.enum(['paper']),
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
  /** Decay of the running counts N (and of m under `independent`). */
  decay: share,
  /** Size of the codebook under `independent`; otherwise the vocabulary's size decides (0). */
  size: z.int().min(0),
})

export const lossesSchema = z.strictObject({
  reconstruction: z.enum(['mse', 'l1']),
  commitment: z.number().min(0),
})

export const optimizerSchema = z.strictObject({
  learningRate: z.number().positive(),
  beta1: share,
  beta2: share,
  epsilon: z.number().positive(),
  /** Decoupled weight decay (AdamW); 0 is Adam. */
  weightDecay: z.number().min(0),
  /** Global gradient norm limit; 0: none. */
  gradientClip: z.number().min(0),
  warmupSteps: z.int().min(0),
  schedule: z.enum(['constant', 'cosine']),
})

export const languageSchema = z.strictObject({
  /** Width of the embedding table, and so of the codes. */
  width: positiveInt,
  layers: positiveInt,
  heads: positiveInt,
  keyValueHeads: positiveInt,
  feedForward: positiveInt,
  /** Tokens per training sequence. */
  context: positiveInt,
  /** Words seen fewer times become <unk>. */
  minWordCount: positiveInt,
  tuning: z.enum(['full', 'frozen']),
  batchSize: positiveInt,
  /** Language-model steps before the first tokenizer step. */
  stepsBefore: z.int().min(0),
  /** Language-model steps per tokenizer step (0.5: one for every two). */
  ratio: z.number().min(0).max(16),
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
})

export const engineSchema = z.strictObject({
  /** What computes. Configs from before there was a choice do not say. */
  runtime: z.enum(['onnx', 'tensorflow']).default('onnx'),
  /** Where. auto: the best that works on this machine, tried before the first step; the run's log says which. */
  provider: z.enum(['auto', 'cpu', 'webgpu', 'dml', 'coreml', 'cuda']),
  /** Threads of one run; 0: the machine's cores divided by the runs that go at once. */
  threads: z.int().min(0).max(256),
})

const experimentObject = z.strictObject({
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
})

export type ExperimentConfig = z.infer<typeof experimentObject>
export type PictureSource = z.infer<typeof pictureSourceSchema>
export type DataConfig = z.infer<typeof dataSchema>
export type TokenizerConfig = z.infer<typeof tokenizerSchema>
export type CodebookConfig = z.infer<typeof codebookSchema>
export type EngineConfig = ExperimentConfig['engine']
export type OptimizerConfig = z.infer<typeof optimizerSchema>
export type LanguageConfig = z.infer<typeof languageSchema>
export type Paradigm = CodebookConfig['paradigm']

/** Factor between the picture's side and the finest code map's side. */
export const downsampling = (tokenizer: TokenizerConfig): number => 2 ** (tokenizer.channels.length - 1)

/** Sides of the code maps, one per layer, coarse first. */
export function codeMapSides(config: Pick<ExperimentConfig, 'tokenizer' | 'data'>): number[] {
  const finest = config.data.resolution / downsampling(config.tokenizer)
  if (config.tokenizer.kind === 'hq') return [finest / 2, finest]
  return Array.from({ length: config.tokenizer.layers }, () => finest)
}

/** Codes that one picture becomes. */
export const tokensPerPicture = (config: Pick<ExperimentConfig, 'tokenizer' | 'data'>): number =>
  codeMapSides(config).reduce((sum, side) => sum + side * side, 0)

export const experimentConfigSchema = experimentObject.superRefine((config, context) => {
  const fail = (path: string, message: string) => context.addIssue({ code: 'custom', path: path.split('.'), message })
  const { engine, tokenizer, language, data, codebook, training } = config
  if (engine.runtime === 'tensorflow' && !['auto', 'cpu', 'cuda'].includes(engine.provider))
    fail('engine.provider', `"${engine.provider}" belongs to the runtime "onnx"; tensorflow has auto, cpu and cuda`)
  const finest = data.resolution / downsampling(tokenizer)
  if (finest < 2)
    fail(
      'tokenizer.channels',
      `${tokenizer.channels.length} resolutions leave a code map of side ${finest} at ${data.resolution} px; use at most ${Math.log2(data.resolution)} entries`,
    )
  for (const [index, count] of tokenizer.channels.entries())
    if (count % tokenizer.groups !== 0)
      fail(
        `tokenizer.channels.${index}`,
        `${count} channels are not divisible by tokenizer.groups = ${tokenizer.groups}; the nearest that is: ${Math.max(1, Math.round(count / tokenizer.groups)) * tokenizer.groups}`,
      )
  if (tokenizer.kind === 'vq' && tokenizer.layers !== 1)
    fail('tokenizer.layers', `a vq tokenizer has 1 layer, not ${tokenizer.layers}`)
  if (tokenizer.kind === 'hq' && tokenizer.layers !== 2)
    fail('tokenizer.layers', `an hq tokenizer has 2 levels, not ${tokenizer.layers}`)
  if (tokenizer.kind === 'hq' && language.width % 4 !== 0)
    fail(
      'language.width',
      `${language.width} is not divisible by 4, which hq needs for its pixel shuffle; the nearest that is: ${Math.round(language.width / 4) * 4}`,
    )
  if (language.width % language.heads !== 0)
    fail('language.heads', `width ${language.width} is not divisible by ${language.heads} heads`)
  else if ((language.width / language.heads) % 2 !== 0)
    fail(
      'language.heads',
      `heads of width ${language.width / language.heads} are odd; rotary embedding needs an even width`,
    )
  if (language.heads % language.keyValueHeads !== 0)
    fail(
      'language.keyValueHeads',
      `${language.heads} heads are not divisible by ${language.keyValueHeads} key-value heads`,
    )
  if (codebook.paradigm === 'independent' && codebook.size < 2)
    fail('codebook.size', 'an independent codebook needs a size, such as 1024')
  if (codebook.paradigm !== 'independent' && codebook.size !== 0)
    fail(
      'codebook.size',
      `${codebook.size}: under "${codebook.paradigm}" the vocabulary decides the size; set 0, or paradigm "independent"`,
    )
  if (training.checkpointEvery > training.steps * 1000)
    fail('training.checkpointEvery', `${training.checkpointEvery} is beyond any reach of ${training.steps} steps`)
})

/** One thing wrong with a config: where, what stood there, and what would be right. */
export interface ConfigProblem {
  path: string
  value: unknown
  message: string
}

export class ConfigError extends Error {
  readonly problems: ConfigProblem[]
  constructor(problems: ConfigProblem[]) {
    super(problems.map((p) => `${p.path || '(config)'}: ${p.message}`).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const valueAt = (root: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], root)

/** Turns zod issues into problems that name the path, the value and the nearest valid choice. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  schema: z.ZodType,
): ConfigProblem[] {
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map(String).join('.')
    const value = valueAt(input, issue.path)
    switch (issue.code) {
      case 'unrecognized_keys': {
        const known = keysAt(schema, issue.path, input)
        return issue.keys.map((key) => {
          const near = nearestName(key, known)
          return {
            path: path ? `${path}.${key}` : key,
            value: (value as Record<string, unknown> | undefined)?.[key],
            message: `unknown key "${key}"${near ? `; did you mean "${near}"?` : `; known keys: ${known.join(', ')}`}`,
          }
        })
      }
      case 'invalid_value': {
        const choices = issue.values.map(String)
        const near = nearestName(String(value), choices)
        return [
          {
            path,
            value,
            message: `${JSON.stringify(value)} is not one of ${choices.join(', ')}${near ? `; the nearest is "${near}"` : ''}`,
          },
        ]
      }
      case 'invalid_type':
        return [
          {
            path,
            value,
            message:
              value === undefined
                ? `missing; expected ${issue.expected}`
                : `${JSON.stringify(value)} is not ${issue.expected}`,
          },
        ]
      case 'custom':
        return [{ path, value, message: issue.message }]
      case 'invalid_union': {
        const options = issue.errors.flat()
        const choices = options.flatMap((o) => (o.code === 'invalid_value' ? o.values.map(String) : []))
        return [
          {
            path,
            value,
            message: choices.length
              ? `${JSON.stringify(value)} is not one of ${choices.join(', ')}`
              : `${JSON.stringify(value)}: ${issue.message}`,
          },
        ]
      }
      default:
        return [{ path, value, message: `${JSON.stringify(value)}: ${issue.message}` }]
    }
  })
}

/** Keys that the schema knows at a path, for naming the nearest. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): string[] {
  let at: z.ZodType | undefined = schema
  let value = input
  for (const key of path) {
    at = at && descend(at, key, value)
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  }
  const object = at && asObject(at, value)
  return object ? Object.keys(object.shape) : []
}

function asObject(schema: z.ZodType, value: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const key = schema.def.discriminator
    return (schema.options as z.ZodObject[]).find(
      (option) =>
        (option.shape[key] as z.ZodType).safeParse((value as Record<string, unknown> | undefined)?.[key]).success,
    )
  }
  if (schema instanceof z.ZodOptional) return asObject(schema.unwrap() as z.ZodType, value)
  return undefined
}

function descend(schema: z.ZodType, key: PropertyKey, value: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType
  return asObject(schema, value)?.shape[String(key)] as z.ZodType | undefined
}

/** @throws ConfigError naming every problem at once */
export function parseConfig(input: unknown): ExperimentConfig {
  const result = experimentConfigSchema.safeParse(input)
  if (result.success) return result.data
  throw new ConfigError(describeIssues(result.error.issues, input, experimentObject))
}

/** Dotted paths of every leaf of a config, for listing differences and for naming the nearest path. */
export function configPaths(config: object, prefix = ''): string[] {
  return Object.entries(config).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? configPaths(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  )
}

/** Value at a dotted path. */
export const configValue = (config: object, path: string): unknown => valueAt(config, path.split('.'))

/**
 * A copy of the config with one dotted path set. `value` may be any JSON value.
 * @throws ConfigError naming the nearest path if the path does not exist
 */
export function withSetting<T extends object>(config: T, path: string, value: unknown): T {
  const copy = structuredClone(config)
  const keys = path.split('.')
  let at = copy as Record<string, unknown>
  for (const [depth, key] of keys.entries()) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) {
      const near = nearestName(path, configPaths(config))
      throw new ConfigError([
        { path, value, message: `there is no setting "${path}"${near ? `; did you mean "${near}"?` : ''}` },
      ])
    }
    if (depth === keys.length - 1) at[key] = value
    else at = at[key] as Record<string, unknown>
  }
  return copy
}
