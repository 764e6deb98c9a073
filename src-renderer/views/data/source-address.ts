import { type DataConfig, dataSchema } from '../../../src-shared/config.ts'

/**
 * The picture source in the address: `source` holds the data section of a config as JSON, `kind=folder` alone asks
 * for a folder that is still to be named.
 * @param standard the data settings to start from
 */
export function dataFromParams(standard: DataConfig, kind: string, source: string): DataConfig {
  if (source !== '') {
    const parsed = dataSchema.safeParse(readJson(source))
    if (parsed.success) return parsed.data
  }
  return kind === 'folder' ? { ...standard, source: { kind: 'folder', path: '' } } : standard
}

/** Inverse of dataFromParams. */
export const paramsFromData = (data: DataConfig): { kind: null; source: string } => ({
  kind: null,
  source: JSON.stringify(data),
})

/** undefined for what is no JSON: a mistyped address then shows the standard source. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
