import type { VitConfig } from '../../src-shared/config.ts'

/** What a format calls the parameters of `vitSpecs`. */
export interface VitNames {
  form: VitConfig['form']
  /** A tensor that only this format has. */
  probe: string
  /** What may stand before all names, as the model was saved alone or as part of another. */
  prefixes: readonly string[]
  /** Before the number of a layer. */
  layer: string
  /** Our names outside of layers; for each the tensors that ours is made of. */
  outside: Readonly<Record<string, readonly string[]>>
  /** Our names inside of a layer, the same. */
  inside: Readonly<Record<string, readonly string[]>>
}

/** Weight and bias of one of theirs, or of several one below the other. */
const linear = (ours: string, ...theirs: string[]): Record<string, string[]> => ({
  [`${ours}.weight`]: theirs.map((name) => `${name}.weight`),
  [`${ours}.bias`]: theirs.map((name) => `${name}.bias`),
})
const norm = (ours: string, theirs: string): Record<string, string[]> => ({
  [`${ours}.scale`]: [`${theirs}.weight`],
  [`${ours}.offset`]: [`${theirs}.bias`],
})

/** ViTModel and ViTForImageClassification. */
export const VIT_NAMES: VitNames = {
  form: 'vit',
  probe: 'embeddings.cls_token',
  prefixes: ['', 'vit.'],
  layer: 'encoder.layer.',
  outside: {
    ...linear('patch', 'embeddings.patch_embeddings.projection'),
    class: ['embeddings.cls_token'],
    positions: ['embeddings.position_embeddings'],
    ...norm('norm_out', 'layernorm'),
  },
  inside: {
    ...norm('norm0', 'layernorm_before'),
    ...linear('qkv', 'attention.attention.query', 'attention.attention.key', 'attention.attention.value'),
    ...linear('out', 'attention.output.dense'),
    ...norm('norm1', 'layernorm_after'),
    ...linear('widen', 'intermediate.dense'),
    ...linear('narrow', 'output.dense'),
  },
}

/** CLIPVisionModel and CLIPModel, of transformers 4 and 5. */
export const CLIP_NAMES: VitNames = {
  form: 'clip',
  probe: 'embeddings.class_embedding',
  prefixes: ['', 'vision_model.'],
  layer: 'encoder.layers.',
  outside: {
    ...linear('patch', 'embeddings.patch_embedding'),
    class: ['embeddings.class_embedding'],
    positions: ['embeddings.position_embedding.weight'],
    // Spelt so in every file.
    ...norm('norm_in', 'pre_layrnorm'),
    ...norm('norm_out', 'post_layernorm'),
  },
  inside: {
    ...norm('norm0', 'layer_norm1'),
    ...linear('qkv', 'self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'),
    ...linear('out', 'self_attn.out_proj'),
    ...norm('norm1', 'layer_norm2'),
    ...linear('widen', 'mlp.fc1'),
    ...linear('narrow', 'mlp.fc2'),
  },
}

/** Names of the tensors that one of ours is made of, without what stands before all of them. */
export function partsOf(name: string, names: VitNames): string[] {
  const [, layer, inside] = /^layer(\d+)\.(.+)$/.exec(name) ?? []
  const found = inside === undefined ? names.outside[name] : names.inside[inside]
  if (!found) throw new Error(`no tensor of the form "${names.form}" is known for "${name}"`)
  return found.map((part) => (inside === undefined ? part : `${names.layer}${layer}.${part}`))
}

/** Heads, the text half of a CLIP model, and a buffer that holds what is computed anyway. */
const others = [
  /^(vit\.)?pooler\./,
  /^classifier\./,
  /^text_model\./,
  /^(text|visual)_projection\./,
  /^logit_scale$/,
  /\.?embeddings\.position_ids$/,
  /^(vit\.)?embeddings\.mask_token$/,
]

/** Whether a tensor belongs to something around the encoder, which is left out without a word. */
export const notOfTheEncoder = (name: string): boolean => others.some((pattern) => pattern.test(name))
