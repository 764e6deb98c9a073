import type { PictureSource, SimpleSource } from '../../../src-shared/picture-source.ts'

export type SourceKind = PictureSource['kind']
export type SimpleKind = SimpleSource['kind']

/** A path that a kind of source wants. */
export interface PathField {
  key: 'path' | 'pictures' | 'labels'
  label: string
  placeholder: string
  hint?: string
}

/** How a kind of picture source is chosen and laid out. */
export interface PictureKind {
  label: string
  /** One sentence: what it is. */
  about: string
  paths: readonly PathField[]
  /** The layout of its files, line by line. */
  layout: readonly string[]
  /** What is left out and counted. */
  skipped: string
}

const pictures = (placeholder: string): PathField => ({
  key: 'pictures',
  label: 'Folder of pictures',
  placeholder,
  hint: 'Names in the file begin here. Nothing outside of it is read.',
})

export const PICTURE_KINDS: Record<Exclude<SimpleKind, 'emoji'>, PictureKind> = {
  folder: {
    label: 'Folder of pictures',
    about: 'Sub-folders are classes, as in ImageNet; a .txt beside a picture is its caption.',
    paths: [{ key: 'path', label: 'Folder', placeholder: '/data/pictures' }],
    layout: ['pictures/owl/0001.jpg', 'pictures/owl/0001.txt', 'pictures/red_apple/a.png'],
    skipped: 'Symbolic links, SVG, files that do not decode.',
  },
  llava: {
    label: 'LLaVA json',
    about:
      'A list of conversations about pictures, as LCS-558K and the LLaVA mixes come. The first answer is the caption.',
    paths: [
      { key: 'path', label: 'Json file', placeholder: '/data/blip_laion_cc_sbu_558k.json' },
      pictures('/data/LLaVA-Pretrain/images'),
    ],
    layout: [
      '[{ "id": "004539375",',
      '   "image": "00453/004539375.jpg",',
      '   "conversations": [{ "from": "gpt", "value": "…" }] }]',
    ],
    skipped: 'Records without a picture, without an answer, or whose picture is not in the folder.',
  },
  coco: {
    label: 'COCO captions',
    about: 'captions_train2017.json and the like; of the five captions of a picture the first is taken.',
    paths: [
      { key: 'path', label: 'Json file', placeholder: '/data/coco/annotations/captions_train2017.json' },
      pictures('/data/coco/train2017'),
    ],
    layout: [
      '{ "images": [{ "id": 9, "file_name": "000000000009.jpg" }],',
      '  "annotations": [{ "image_id": 9, "caption": "…" }] }',
    ],
    skipped: 'Pictures without a caption, captions without a picture.',
  },
  cc3m: {
    label: 'CC3M tsv',
    about: 'Lines of caption, tab, file or URL (Conceptual Captions), with the pictures that were fetched.',
    paths: [{ key: 'path', label: 'Tsv file', placeholder: '/data/Train_GCC-training.tsv' }, pictures('/data/cc3m')],
    layout: [
      'a caption ⇥ folder/0001.jpg',
      'a caption ⇥ https://example.com/x/photo.jpg',
      '→ photo.jpg, GCC_train_000000001.jpg, 000000001.jpg or 1.jpg',
    ],
    skipped: 'Lines whose picture was not fetched.',
  },
  parquet: {
    label: 'Parquet',
    about: 'Rows that hold the bytes of pictures, as the Hugging Face hub keeps data sets; read page by page.',
    paths: [
      {
        key: 'path',
        label: 'File, or folder of them',
        placeholder: '/data/cifar10',
        hint: 'Every .parquet file below a folder is used.',
      },
    ],
    layout: [
      'image { bytes, path }  or bytes called image, img, jpg …',
      'label  with the hub’s names of the classes',
      'caption, text or prompt',
    ],
    skipped: 'Rows without bytes. Pictures inside lists are not read.',
  },
  webdataset: {
    label: 'WebDataset tar',
    about: 'Members of one key that follow each other are one picture; found by their place, never unpacked.',
    paths: [
      {
        key: 'path',
        label: 'Tar, or folder of them',
        placeholder: '/data/shards',
        hint: 'Unpack a .tar.gz with gunzip first.',
      },
    ],
    layout: ['000012.jpg', '000012.txt  or .json { "caption": … }', '000012.cls'],
    skipped: 'Keys without a picture.',
  },
  lsun: {
    label: 'LSUN, exported',
    about: 'A folder per category with pictures at any depth, as LSUN’s export script writes it.',
    paths: [{ key: 'path', label: 'Folder of categories', placeholder: '/data/lsun' }],
    layout: ['lsun/church_outdoor_train/a/b/c/abc….webp', 'lsun/bedroom_train/…'],
    skipped: 'Symbolic links, files that do not decode.',
  },
  idx: {
    label: 'idx (MNIST)',
    about: 'MNIST’s format and its relatives’, plain or gzipped: bytes of [count, rows, columns].',
    paths: [
      { key: 'path', label: 'File of pictures', placeholder: '/data/train-images-idx3-ubyte.gz' },
      { key: 'labels', label: 'File of labels', placeholder: 'none', hint: 'May be left empty.' },
    ],
    layout: ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'],
    skipped: 'Nothing: a file is whole or refused.',
  },
}

export const KIND_LABELS: Record<SourceKind, string> = {
  emoji: 'Emoji',
  ...(Object.fromEntries(Object.entries(PICTURE_KINDS).map(([kind, { label }]) => [kind, label])) as Record<
    Exclude<SimpleKind, 'emoji'>,
    string
  >),
  mixture: 'Mixture',
}

const isKind = (kind: unknown): kind is SourceKind => typeof kind === 'string' && Object.hasOwn(KIND_LABELS, kind)

/** Whether a value is a source of a known kind, if perhaps one whose paths are still to be named. */
export const isSourceDraft = (value: unknown): value is PictureSource =>
  isKind((value as { kind?: unknown } | null | undefined)?.kind)

/** A source of a kind with nothing filled in yet, or with the paths that another kind had. */
export function emptySource(kind: SimpleKind, before?: PictureSource): SimpleSource {
  if (kind === 'emoji') return { kind, styles: ['fluent-3d'], background: '#ffffff', skinTones: false }
  const kept = (key: 'path' | 'pictures') => (before && key in before ? String(before[key as never]) : '')
  const empty = Object.fromEntries(
    PICTURE_KINDS[kind].paths.map(({ key }) => [key, key === 'pictures' ? kept(key) : '']),
  )
  return { kind, ...empty } as SimpleSource
}

/** The source in a few words: its path, its styles, its parts. */
export function sourceTitle(source: PictureSource): string {
  if (source.kind === 'emoji') return source.styles.join(', ')
  if (source.kind === 'mixture') return source.parts.map(({ source: part }) => KIND_LABELS[part.kind]).join(' + ')
  return source.path
}
