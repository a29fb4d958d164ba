import type { OutputUnit } from '@cfworker/json-schema'

/* The validator's messages refer to "the instance" without saying which field is wrong. This wording names it. */

/** What each keyword requires. `$` stands for the keyword's value. */
const DEMANDS: Record<string, string> = {
  required: 'is required',
  false: 'is not allowed',
  type: 'must be $',
  const: 'must be $',
  enum: 'must be one of $',
  anyOf: 'must match one of the alternatives in the schema',
  oneOf: 'must match exactly one of the alternatives in the schema',
  minimum: 'must be at least $',
  maximum: 'must be at most $',
  exclusiveMinimum: 'must be greater than $',
  exclusiveMaximum: 'must be less than $',
  multipleOf: 'must be a multiple of $',
  minLength: 'must have a length of at least $',
  maxLength: 'must have a length of at most $',
  minItems: 'must have a length of at least $',
  maxItems: 'must have a length of at most $',
  uniqueItems: 'must not contain duplicates',
  minProperties: 'must have $ or more properties',
  maxProperties: 'must have $ or fewer properties',
  format: 'must match the $',
}

/** The validator's messages end with the keyword's value, for example `Expected "integer".` or `(3 < 8).` */
const VALUE =
  /(?:Expected|match any of|match|than or equal to|than|multiple of|[<>]|required property|at least) (.+?)(?: properties)?\)?\.$/s

/** @param path of the field; empty for the value itself @param at the name of the value @returns what is wrong */
export function explainSchemaFault({ keyword, error }: OutputUnit, path: string[], at: string): string {
  const value = VALUE.exec(error)?.[1] ?? ''
  const parts = keyword === 'required' ? [...path, value.slice(1, -1)] : path
  const field = `\`${parts.join('.') || at}\``
  const demand = DEMANDS[keyword]
  if (demand === undefined) return `${field}: ${error}`
  const shown = keyword === 'type' ? typeNames(value) : value
  return `${field} ${demand.replace('$', () => shown)}.`
}

/** @returns `an integer or null` for `"integer", "null"` */
const typeNames = (quoted: string): string => quoted.replaceAll('"', '').split(', ').map(withArticle).join(' or ')

function withArticle(type: string): string {
  if (type === 'null') return type
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`
}
