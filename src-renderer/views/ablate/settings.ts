import { z } from 'zod'
import { experimentConfigSchema } from '../../../src-shared/parse-config.ts'

/** How one setting of the config is edited. */
export interface SettingField {
  /** Dotted path. */
  path: string
  kind: 'number' | 'boolean' | 'choice' | 'numbers' | 'text' | 'source'
  /** Of a choice: its values as the config holds them. */
  choices: (string | number)[]
}

/** Every setting of the config in the schema's order, derived from the schema. */
export const settingFields: readonly SettingField[] = walk(experimentConfigSchema, '')

function walk(schema: z.ZodType, path: string): SettingField[] {
  if (schema instanceof z.ZodDefault) return walk(schema.unwrap() as z.ZodType, path)
  if (path === 'data.source') return [{ path, kind: 'source', choices: [] }]
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, child]) =>
      walk(child as z.ZodType, path ? `${path}.${key}` : key),
    )
  if (schema instanceof z.ZodEnum)
    return [
      {
        path,
        kind: 'choice',
        choices: schema.options.filter((option) => typeof option === 'string' || typeof option === 'number'),
      },
    ]
  if (schema instanceof z.ZodUnion)
    return [
      {
        path,
        kind: 'choice',
        choices: schema.options.flatMap((option) =>
          option instanceof z.ZodLiteral ? ([...option.values] as (string | number)[]) : [],
        ),
      },
    ]
  if (schema instanceof z.ZodBoolean) return [{ path, kind: 'boolean', choices: [] }]
  if (schema instanceof z.ZodArray) return [{ path, kind: 'numbers', choices: [] }]
  if (schema instanceof z.ZodNumber) return [{ path, kind: 'number', choices: [] }]
  return [{ path, kind: 'text', choices: [] }]
}

/** Settings by section: the first part of the path; name and seed are the plan's own. */
export function sectionsOf(fields: readonly SettingField[]): [section: string, fields: SettingField[]][] {
  const own = fields.filter(({ path }) => path.includes('.'))
  return [
    ...Map.groupBy(own, ({ path }) =>
      path.startsWith('language.optimizer.') ? 'language.optimizer' : (path.split('.')[0] as string),
    ),
  ]
}
