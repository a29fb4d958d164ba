/*
 * The parts of the metaschema of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/schema) that the validator
 * relies on, as one schema. A keyword that is not listed here may have any value, as the specification says.
 */

const LIST = { type: 'array' }
const TYPE = { enum: ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] }
const SCHEMA = { $ref: '#' }
const SCHEMAS = { type: 'array', minItems: 1, items: SCHEMA }
const SCHEMAS_BY_NAME = { type: 'object', additionalProperties: SCHEMA }
const TEXT = { type: 'string' }
const TEXTS = { type: 'array', items: TEXT, uniqueItems: true }
const NUMBER = { type: 'number' }
const COUNT = { type: 'integer', minimum: 0 }
const FLAG = { type: 'boolean' }

/** The keywords, by what their values must be. */
const KEYWORDS: [schema: object, names: string[]][] = [
  [
    TEXT,
    [
      '$id',
      '$schema',
      '$ref',
      '$anchor',
      '$dynamicRef',
      '$dynamicAnchor',
      '$comment',
      'title',
      'description',
      'format',
      'pattern',
    ],
  ],
  [NUMBER, ['maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum']],
  [
    COUNT,
    ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxContains', 'minContains', 'maxProperties', 'minProperties'],
  ],
  [FLAG, ['uniqueItems']],
  [LIST, ['examples', 'enum']],
  [TEXTS, ['required']],
  [
    SCHEMA,
    [
      'not',
      'if',
      'then',
      'else',
      'items',
      'contains',
      'additionalProperties',
      'propertyNames',
      'unevaluatedItems',
      'unevaluatedProperties',
    ],
  ],
  [SCHEMAS, ['allOf', 'anyOf', 'oneOf', 'prefixItems']],
  [SCHEMAS_BY_NAME, ['$defs', 'definitions', 'dependentSchemas', 'properties', 'patternProperties']],
]

export const METASCHEMA = {
  type: ['object', 'boolean'],
  properties: {
    ...Object.fromEntries(KEYWORDS.flatMap(([schema, names]) => names.map((name) => [name, schema]))),
    // A list of types has a message of its own, instead of one that says that no alternative matches.
    type: {
      if: LIST,
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { minItems: 1, items: TYPE, uniqueItems: true },
      else: TYPE,
    },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    dependentRequired: { type: 'object', additionalProperties: TEXTS },
  },
}
