import { ConfigError, valueAt } from './config-problems.ts'
import { nearestName } from './nearest-name.ts'

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
