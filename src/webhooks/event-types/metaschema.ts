/*
 * The parts of the metaschema of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/schema) that the validator
 * relies on, as one schema. A keyword that is not listed here may have any value, as the specification says.
 */

const TYPE = { enum: ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] }
const SCHEMA = { $ref: '#' }
const SCHEMAS = { type: 'array', minItems: 1, items: SCHEMA }
const SCHEMAS_BY_NAME = { type: 'object', additionalProperties: SCHEMA }
const TEXT = { type: 'string' }
const TEXTS = { type: 'array', items: TEXT, uniqueItems: true }
const NUMBER = { type: 'number' }
const COUNT = { type: 'integer', minimum: 0 }
const FLAG = { type: 'boolean' }

export const METASCHEMA = {
  type: ['object', 'boolean'],
  properties: {
    $id: TEXT,
    $schema: TEXT,
    $ref: TEXT,
    $anchor: TEXT,
    $dynamicRef: TEXT,
    $dynamicAnchor: TEXT,
    $comment: TEXT,
    $defs: SCHEMAS_BY_NAME,
    definitions: SCHEMAS_BY_NAME,
    title: TEXT,
    description: TEXT,
    examples: { type: 'array' },
    format: TEXT,
    // A list of types has a message of its own, instead of one that says that no alternative matches.
    type: {
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { minItems: 1, items: TYPE, uniqueItems: true },
      else: TYPE,
    },
    enum: { type: 'array' },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: NUMBER,
    exclusiveMaximum: NUMBER,
    minimum: NUMBER,
    exclusiveMinimum: NUMBER,
    maxLength: COUNT,
    minLength: COUNT,
    pattern: TEXT,
    maxItems: COUNT,
    minItems: COUNT,
    uniqueItems: FLAG,
    maxContains: COUNT,
    minContains: COUNT,
    maxProperties: COUNT,
    minProperties: COUNT,
    required: TEXTS,
    dependentRequired: { type: 'object', additionalProperties: TEXTS },
    allOf: SCHEMAS,
    anyOf: SCHEMAS,
    oneOf: SCHEMAS,
    not: SCHEMA,
    if: SCHEMA,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: SCHEMA,
    else: SCHEMA,
    dependentSchemas: SCHEMAS_BY_NAME,
    prefixItems: SCHEMAS,
    items: SCHEMA,
    contains: SCHEMA,
    properties: SCHEMAS_BY_NAME,
    patternProperties: SCHEMAS_BY_NAME,
    additionalProperties: SCHEMA,
    propertyNames: SCHEMA,
    unevaluatedItems: SCHEMA,
    unevaluatedProperties: SCHEMA,
  },
}
