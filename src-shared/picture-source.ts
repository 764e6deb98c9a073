import { z } from 'zod'

/** Absolute path of a file or folder. */
const path = z.string().min(1)

const emoji = z.strictObject({
  kind: z.literal('emoji'),
  /** Drawing styles; a concept present in several styles gives several pictures. */
  styles: z.array(z.enum(['fluent-3d', 'openmoji'])).min(1),
  /** CSS hex colour that RGBA pictures are composited on. */
  background: z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as "#ffffff"'),
  /** Keep skin-tone variants (they stay in the split of their base). */
  skinTones: z.boolean(),
})

/** Sub-folders are classes; a .txt beside a picture is its caption. */
const folder = z.strictObject({ kind: z.literal('folder'), path })

/** A json list of { image, conversations } with its pictures in a folder, as LCS-558K comes. */
const llava = z.strictObject({ kind: z.literal('llava'), path, pictures: path })

/** Lines of caption, tab, file or URL, with the pictures that were fetched in a folder. */
const cc3m = z.strictObject({ kind: z.literal('cc3m'), path, pictures: path })

/** COCO's captions_*.json with its folder of pictures. */
const coco = z.strictObject({ kind: z.literal('coco'), path, pictures: path })

/** A parquet file, or a folder of them, whose rows hold the bytes of a picture, as the Hugging Face hub keeps data sets. */
const parquet = z.strictObject({ kind: z.literal('parquet'), path })

/** A tar, or a folder of them, with key.jpg beside key.txt, key.cls or key.json. */
const webdataset = z.strictObject({ kind: z.literal('webdataset'), path })

/** A folder with one folder of pictures per category, as LSUN's own export makes it. */
const lsun = z.strictObject({ kind: z.literal('lsun'), path })

/** MNIST's format: a file of pictures, and one of labels or ''. */
const idx = z.strictObject({ kind: z.literal('idx'), path, labels: z.string() })

const simple = z.discriminatedUnion('kind', [emoji, folder, llava, cc3m, coco, parquet, webdataset, lsun, idx])

/** Pictures of several sources, drawn by weight. */
const mixture = z.strictObject({
  kind: z.literal('mixture'),
  parts: z
    .array(z.strictObject({ source: simple, weight: z.number().positive() }))
    .min(1)
    .max(16),
})

export const pictureSourceSchema = z.discriminatedUnion('kind', [
  emoji,
  folder,
  llava,
  cc3m,
  coco,
  parquet,
  webdataset,
  lsun,
  idx,
  mixture,
])
export type PictureSource = z.infer<typeof pictureSourceSchema>
export type SimpleSource = z.infer<typeof simple>
