import { z } from 'zod'
import { nearestName } from './nearest-name.ts'

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

/** Value at a list of keys, undefined where there is none. */
export const valueAt = (root: unknown, path: PropertyKey[]): unknown =>
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
