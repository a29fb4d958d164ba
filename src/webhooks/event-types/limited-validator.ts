import { format, type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import { isObject } from '../../kit/lib/json'
import { STRING_FORMATS } from './formats'
import { withoutPatterns } from './patterns'
import { mapSubschemas, type SchemaObject, withAll } from './subschemas'

/* Checks a value in limited time, whatever strangers wrote into it, and whatever schema an older version accepted. */

/** The version of JSON Schema. */
const DRAFT = '2020-12'
/** How often parts of a schema may be applied to parts of a value. Each time takes about a microsecond. */
const MAX_STEPS = 20_000
/** How many entries of a keyword, such as `enum` or `properties`, count as one more step. */
const ENTRIES_PER_STEP = 10
/** Each item is compared with all others. */
const MAX_UNIQUE_ITEMS = 300
const MAX_FORMATTED_CHARACTERS = 2_048

Object.assign(format, STRING_FORMATS)

/** @param isBrief stops early: there can be many errors @throws Error if the schema cannot be applied or takes long */
export function validateLimited(schema: object, value: unknown, isBrief: boolean): OutputUnit[] {
  const budget = { left: Number.POSITIVE_INFINITY }
  const checked = withoutPatterns(schema)
  const validator = new Validator(limit(checked, budget) as Schema, DRAFT, isBrief)
  budget.left = MAX_STEPS
  try {
    return validator.validate(value).errors
  } catch (cause) {
    // A reference can lead to a part that went with its pattern. What was accepted before must not be refused.
    if (checked !== schema && cause instanceof Error && cause.message.includes('Unresolved $ref')) return []
    throw cause
  }
}

/** Copies a schema, and limits each part of the copy. */
function limit(schema: unknown, budget: { left: number }): unknown {
  if (!isObject(schema)) return schema
  const limited = limitKeywords(mapSubschemas(schema, (below) => limit(below, budget)))
  const steps = 1 + countEntries(schema) / ENTRIES_PER_STEP
  // The validator reads `$ref` each time that it applies a part of the schema.
  return Object.defineProperty(limited, '$ref', {
    enumerable: Object.hasOwn(schema, '$ref'),
    get() {
      budget.left -= steps
      if (budget.left < 0) throw new Error(`checking the value takes more than ${MAX_STEPS.toLocaleString('en')} steps`)
      return schema.$ref
    },
  })
}

function countEntries(schema: SchemaObject): number {
  const lists = Object.values(schema).filter((value) => typeof value === 'object' && value !== null)
  return lists.reduce<number>((sum, list) => sum + Object.keys(list).length, 0)
}

/** Other names are only a note, as the specification allows. */
const isFormat = (name: unknown): boolean => typeof name === 'string' && Object.hasOwn(STRING_FORMATS, name)

function limitKeywords({ uniqueItems, format: name, ...schema }: SchemaObject): SchemaObject {
  const slow = [
    ...(uniqueItems === true ? [upTo('maxItems', MAX_UNIQUE_ITEMS, { uniqueItems })] : []),
    ...(isFormat(name) ? [upTo('maxLength', MAX_FORMATTED_CHARACTERS, { format: name })] : []),
  ]
  return slow.length > 0 ? withAll(schema, slow) : schema
}

/** Checks `rule` only if a value is not too long for it. A value that is too long is invalid. */
function upTo(keyword: 'maxItems' | 'maxLength', max: number, rule: SchemaObject): SchemaObject {
  const isShort = { [keyword]: max }
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: isShort, then: rule, else: isShort }
}
