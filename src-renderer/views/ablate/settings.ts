import { z } from 'zod'
import { experimentConfigSchema } from '../../../src-shared/parse-config.ts'

/** How one setting of the config is edited. */
export interface SettingField {
  /** Dotted path. */
  path: string
  kind: 'number' | 'boolean' | 'choice' | 'choices' | 'numbers' | 'text' | 'source'
  /** Of a choice, and of a list of choices: the values as the config holds them. */
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
  if (schema instanceof z.ZodArray)
    return schema.element instanceof z.ZodEnum
      ? [{ path, kind: 'choices', choices: schema.element.options.filter((option) => typeof option === 'string') }]
      : [{ path, kind: 'numbers', choices: [] }]
  if (schema instanceof z.ZodNumber) return [{ path, kind: 'number', choices: [] }]
  return [{ path, kind: 'text', choices: [] }]
}

/** Settings by section: the path without its last part; name and seed are the plan's own. */
export function sectionsOf(fields: readonly SettingField[]): [section: string, fields: SettingField[]][] {
  const own = fields.filter(({ path }) => path.includes('.'))
  const sections = Map.groupBy(own, ({ path }) => path.slice(0, path.lastIndexOf('.')))
  // A nested group stands after the settings of its own group, wherever the schema has it.
  return [...sections].sort(([a], [b]) => order(own, a) - order(own, b))
}

/** Place of a section: that of its outer group's first setting, and a little later for each level of nesting. */
function order(fields: readonly SettingField[], section: string): number {
  const outer = section.split('.')[0] as string
  const first = fields.findIndex(({ path }) => path.startsWith(`${outer}.`))
  const own = fields.findIndex(({ path }) => path.startsWith(`${section}.`))
  return first + (section.includes('.') ? 0.5 + own / (2 * fields.length) : 0)
}
