import { configPaths, configValue } from '../../../src-shared/config-paths.ts'

/** A setting that differs between configs, with its value in each (undefined where a config has no such setting). */
export interface Difference {
  path: string
  values: unknown[]
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The settings that are not alike in all configs, in the order in which a config states them. */
export function configDifferences(configs: readonly object[]): Difference[] {
  const paths = [...new Set(configs.flatMap((config) => configPaths(config)))]
  return paths
    .map((path) => ({ path, values: configs.map((config) => configValue(config, path)) }))
    .filter(({ values }) => values.some((value) => !same(value, values[0])))
}
