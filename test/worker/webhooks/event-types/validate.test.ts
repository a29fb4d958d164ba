import { describe, expect, it } from 'vitest'
import { patternFaults } from '../../../../src/webhooks/event-types/patterns'
import { faultsOf, schemaFaults } from '../../../../src/webhooks/event-types/validate'
import { EVENT_TYPES } from '../../../../src/webhooks/rules/events/catalogue'

describe('the message about a value that does not match its schema', () => {
  it.each([
    [{ type: 'integer' }, 'x', /`a`.*integer/],
    [{ type: ['string', 'null'] }, 1, /`a`.*string.*null/],
    [{ enum: ['x', 'y'] }, 1, /`a`.*\["x","y"\]/],
    [{ const: { b: 1 } }, 1, /`a`.*\{"b":1\}/],
    [{ minimum: 0 }, -1.5, /`a`.*least 0/],
    [{ exclusiveMaximum: 1e3 }, 1_000, /`a`.*less.*1000/],
    [{ multipleOf: 0.5 }, 0.3, /`a`.*multiple.*0\.5/],
    [{ minLength: 3 }, 'x', /`a`.*length.*least 3/],
    [{ maxItems: 1 }, [1, 2], /`a`.*length.*most 1/],
    [{ maxProperties: 1 }, { b: 1, c: 1 }, /`a`.*1 or fewer/],
    [{ uniqueItems: true }, [1, 1], /`a`.*duplicates/],
    [{ format: 'email' }, 'x', /`a`.*"email"/],
    [{ required: ['b'] }, {}, /`a\.b`.*required/],
    [false, 1, /`a`.*allowed/],
    [{ not: {} }, 1, /`a`.*"not"/],
  ])('names the field and what %j requires', (schema, value, message) => {
    const faults = faultsOf({ properties: { a: schema } }, { a: value }, 'data')
    expect(faults).toEqual([{ path: 'data.a', message: expect.stringMatching(message) }])
  })

  it('names the whole value if the whole value is wrong', () => {
    const faults = faultsOf({ type: 'object', minProperties: 1 }, {}, 'data')
    expect(faults).toEqual([{ path: 'data', message: expect.stringMatching(/`data`.*1 or more/) }])
  })

  it('names a field whose name has special characters', () => {
    const faults = faultsOf({ properties: { 'a#/~%': { type: 'null' } } }, { 'a#/~%': 1 }, 'data')
    expect(faults).toEqual([{ path: 'data.a#/~%', message: expect.stringMatching(/`a#\/~%`.*null/) }])
  })
})

describe('a schema', () => {
  it('is accepted if it uses every keyword as the specification says', () => {
    const schema = {
      $id: 'https://example.com/invoice',
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment: 'All keywords.',
      $defs: { line: { $anchor: 'line', type: ['object', 'null'] } },
      title: 'Invoice',
      description: 'An invoice.',
      default: { pattern: '(', required: true, $ref: '#/nothing' },
      examples: [{ type: 'strng' }],
      deprecated: false,
      type: 'object',
      required: ['a', 'b'],
      dependentRequired: { a: ['b'] },
      dependentSchemas: { a: { minProperties: 1 } },
      properties: {
        a: { type: 'string', minLength: 1, maxLength: 9, format: 'email' },
        b: { type: 'number', minimum: 0, maximum: 9, exclusiveMinimum: -1, exclusiveMaximum: 10, multipleOf: 0.5 },
        c: {
          type: 'array',
          prefixItems: [true],
          items: { $ref: '#/$defs/line' },
          minItems: 0,
          maxItems: 5,
          uniqueItems: true,
        },
        d: { type: 'array', contains: false, minContains: 0, maxContains: 2, unevaluatedItems: true },
        e: { const: { enum: 'x' } },
        f: { enum: [1, 'x', null] },
        pattern: { type: 'string' },
        type: { not: {}, if: true, else: false },
      },
      propertyNames: { maxLength: 20 },
      additionalProperties: false,
      unevaluatedProperties: false,
      minProperties: 0,
      maxProperties: 20,
      allOf: [{}],
      anyOf: [true],
      oneOf: [{}],
      unknown: { keyword: 5 },
    }
    expect([...schemaFaults(schema), ...patternFaults(schema, [])]).toEqual([])
    expect(EVENT_TYPES.flatMap((type) => schemaFaults(type.schema))).toEqual([])
  })

  it.each<[object, string, RegExp]>([
    [{ required: true }, 'schema.required', /`required`.*array/],
    [{ properties: 5 }, 'schema.properties', /`properties`.*object/],
    [{ properties: { a: { type: 'strng' } } }, 'schema.properties.a.type', /`properties\.a\.type`.*\["null",/],
    [{ type: ['string', 'strng'] }, 'schema.type.1', /`type\.1`.*\["null",/],
    [{ type: [] }, 'schema.type', /`type`.*length.*1/],
    [{ enum: 'abc' }, 'schema.enum', /`enum`.*array/],
    [{ required: ['a', 1] }, 'schema.required.1', /`required\.1`.*string/],
    [{ required: ['a', 'a'] }, 'schema.required', /`required`.*duplicates/],
    [{ properties: { a: 'string' } }, 'schema.properties.a', /`properties\.a`.*object.*boolean/],
    [{ items: [{}] }, 'schema.items', /`items`.*object.*boolean/],
    [{ allOf: [] }, 'schema.allOf', /`allOf`.*length.*1/],
    [{ anyOf: {} }, 'schema.anyOf', /`anyOf`.*array/],
    [{ minLength: -1 }, 'schema.minLength', /`minLength`.*least 0/],
    [{ maxItems: 1.5 }, 'schema.maxItems', /`maxItems`.*integer/],
    [{ multipleOf: 0 }, 'schema.multipleOf', /`multipleOf`.*greater.*0/],
    [{ minimum: '1' }, 'schema.minimum', /`minimum`.*number/],
    [{ uniqueItems: 'yes' }, 'schema.uniqueItems', /`uniqueItems`.*boolean/],
    [{ $defs: { a: { not: [] } } }, 'schema.$defs.a.not', /`\$defs\.a\.not`.*object.*boolean/],
  ])('is rejected with the path and the reason: %j', (schema, path, message) => {
    expect(schemaFaults(schema)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('may have 5,000 parts, counting a part again for each reference to it', () => {
    const leaf = { anyOf: Array.from({ length: 48 }, () => ({})) }
    const leaves = (count: number) => ({
      allOf: Array.from({ length: count }, () => ({ $ref: '#/$defs/leaf' })),
      $defs: { leaf },
    })
    // The schema itself, the leaf, and the leaf again for each reference to it: 50 + 50 * count.
    expect(schemaFaults(leaves(99))).toEqual([])
    expect(schemaFaults(leaves(100))).toEqual([{ path: 'schema', message: expect.stringContaining('5,000') }])
  })

  it('may refer to itself', () => {
    const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' } } }
    expect(schemaFaults(tree)).toEqual([])
    expect(faultsOf(tree, { left: { right: {} } }, 'data')).toEqual([])
    expect(faultsOf(tree, { left: { right: 1 } }, 'data')).toEqual([
      { path: 'data.left.right', message: expect.stringMatching(/`left\.right`.*object/) },
    ])
  })
})

describe('checking a value', () => {
  const tooMany = expect.stringContaining('20,000')

  it('stops after 20,000 steps', () => {
    const list = { items: { type: 'integer' } }
    expect(faultsOf(list, Array(19_990).fill(1), 'data')).toEqual([])
    expect(faultsOf(list, Array(20_000).fill(1), 'data')).toEqual([{ path: 'data', message: tooMany }])
  })

  it('stops although each level of the value doubles the work', () => {
    const schema = { properties: { a: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } }
    const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) })
    expect(faultsOf(schema, nested(5), 'data')).toEqual([])
    expect(faultsOf(schema, nested(60), 'data')).toEqual([{ path: 'data', message: tooMany }])
  })

  it('counts the entries of a long keyword', () => {
    const schema = { items: { enum: Array.from({ length: 1_000 }, (_, i) => i) } }
    expect(faultsOf(schema, Array(150).fill(1), 'data')).toEqual([])
    expect(faultsOf(schema, Array(250).fill(1), 'data')).toEqual([{ path: 'data', message: tooMany }])
  })

  it.each([
    [{ uniqueItems: true }, Array.from({ length: 300 }, (_, i) => i), 301, /length.*300/],
    [{ format: 'url' }, `https://example.com/${'a'.repeat(2_028)}`, 'x', /length.*2048/],
  ])('limits the length for a slow keyword: %j', (schema, longest, one, message) => {
    expect(faultsOf(schema, longest, 'data')).toEqual([])
    const longer = typeof longest === 'string' ? longest + one : [...longest, one]
    expect(faultsOf(schema, longer, 'data')).toEqual([{ path: 'data', message: expect.stringMatching(message) }])
  })

  it('takes no longer for a URL that repeats itself', () => {
    expect(faultsOf({ format: 'url' }, `http://${'a1'.repeat(500)}:x`, 'data')).toHaveLength(1)
  })

  it('finds a part with its reference after it has been limited', () => {
    const schema = {
      allOf: [{ $defs: { a: { format: 'ipv4' } } }],
      uniqueItems: true,
      items: { $ref: '#/allOf/0/$defs/a' },
    }
    expect(faultsOf(schema, ['1.1.1.1', '1.1.1.2'], 'data')).toEqual([])
    expect(faultsOf(schema, ['1.1.1.1', '1.1.1.1'], 'data')).toEqual([
      { path: 'data', message: expect.stringMatching(/`data`.*duplicates/) },
    ])
    expect(faultsOf(schema, ['y'], 'data')).toEqual([{ path: 'data.0', message: expect.stringMatching(/`0`.*"ipv4"/) }])
  })

  it('does not change the values of const and enum', () => {
    const value = { pattern: '^a', patternProperties: { a: 1 }, format: 'url', uniqueItems: true, $ref: '#/x' }
    expect(faultsOf({ const: value }, value, 'data')).toEqual([])
    expect(faultsOf({ enum: [value] }, value, 'data')).toEqual([])
  })
})
