import { type ExperimentConfig, experimentObject } from './config.ts'
import { checkConfig } from './config-checks.ts'
import { ConfigError, describeIssues } from './config-problems.ts'

export const experimentConfigSchema = experimentObject.superRefine(checkConfig)

/** @throws ConfigError naming every problem at once */
export function parseConfig(input: unknown): ExperimentConfig {
  const result = experimentConfigSchema.safeParse(input)
  if (result.success) return result.data
  throw new ConfigError(describeIssues(result.error.issues, input, experimentObject))
}
