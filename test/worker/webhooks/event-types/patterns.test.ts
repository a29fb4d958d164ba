import { env } from 'cloudflare:workers'
import { type Schema, Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternFaults } from '../../../../src/webhooks/event-types/patterns'
import { insertOwnType } from '../../../../src/webhooks/event-types/store'
import { faultsOf, schemaFaults } from '../../../../src/webhooks/event-types/validate'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'
import { exportAll, restore, wipe } from '../../owner/moving/backups'

interface Refused {
  code: string
  errors: { path: string; message: string }[]
}

const TYPE = { name: 'own.type', description: '', schema: {}, example: {} }

const define = (world: World, schema: object) =>
  world.api<Refused>('POST', '/api/event-types', { ...TYPE, schema, example: {} })

const publish = (world: World, data: unknown) => world.api<Refused>('POST', '/api/messages', { type: TYPE.name, data })

const OLD = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', pattern: '^inv_', maxLength: 8 } },
  patternProperties: { '^x-': { type: 'string' } },
  additionalProperties: false,
}

/** Stores an event type as an older version did. */
async function storeOld(schema: object = OLD): Promise<void> {
  const texts = { schema: JSON.stringify(schema), example: JSON.stringify({ id: 'inv_1' }) }
  await insertOwnType(env, { name: TYPE.name, description: '', created_at: 1, updated_at: 1, ...texts }).run()
}

describe('a schema with a pattern', () => {
  it.each<[object, string[]]>([
    [{ pattern: '^a' }, ['schema.pattern']],
    [{ pattern: '(' }, ['schema.pattern']],
    [{ patternProperties: { '^x-': true } }, ['schema.patternProperties']],
    [{ properties: { a: { items: { pattern: 'a' } } } }, ['schema.properties.a.items.pattern']],
    [{ $defs: { a: { pattern: 'a' } } }, ['schema.$defs.a.pattern']],
    [{ allOf: [{}, { not: { pattern: 'a' } }] }, ['schema.allOf.1.not.pattern']],
    [{ properties: { pattern: { pattern: 'a' } } }, ['schema.properties.pattern.pattern']],
    [
      { patternProperties: { b: { pattern: 'a' } } },
      ['schema.patternProperties', 'schema.patternProperties.b.pattern'],
    ],
    [{ own: { a: { pattern: 'a' } }, properties: { a: { $ref: '#/own/a' } } }, ['schema.own.a.pattern']],
  ])('is refused with the path and a hint: %j', async (schema, paths) => {
    const { status, body } = await define(new World(), schema)
    expect([status, body.code, body.errors.map(({ path }) => path)]).toEqual([422, 'invalid_input', paths])
    for (const { path, message } of body.errors)
      expect(message).toMatch(path.endsWith('Properties') ? /`propertyNames`/ : /`enum`, `format` or `maxLength`/)
  })

  it.each([
    { oneOf: [{ properties: { a: { pattern: '^a' } } }, false], properties: { y: { $ref: '#/oneOf/0/properties/a' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    { if: { pattern: '^a' }, then: { properties: { z: true } }, properties: { y: { $ref: '#/then/properties/z' } } },
  ])(
    'of an older event type accepts what it accepted, although a reference leads to a part that is gone: %j',
    (schema) => {
      expect(faultsOf(schema, { y: 'a' }, 'data')).toEqual([])
    }
  )

  it('is refused in a change and in the form, but the rest of an older event type can be changed', async () => {
    const world = new World()
    await storeOld()
    const path = `/api/event-types/${TYPE.name}`
    const change = (body: object) => world.api<Refused>('PATCH', path, body)
    expect((await change({ schema: OLD })).body.errors.map((error) => error.path)).toEqual([
      'schema.patternProperties',
      'schema.properties.id.pattern',
    ])
    expect((await change({ description: 'Paid.' })).body).toMatchObject({ description: 'Paid.', schema: OLD })
    expect((await change({ example: { id: 1 } })).body.errors[0]?.path).toBe('example.id')
    const browser = await ownerBrowser(world)
    const fields = { description: '', schema: JSON.stringify(OLD), example: '{"id":"inv_1"}' }
    const refused = await browser.submit(`/admin/event-types/${TYPE.name}`, fields)
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('maxLength')
  })

  it('lists at most 20 faults', async () => {
    const properties = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, { pattern: 'a' }]))
    expect((await define(new World(), { properties })).body.errors).toHaveLength(20)
  })

  it.each<object>([
    { properties: { pattern: { type: 'string' }, patternProperties: { type: 'object' } } },
    { $defs: { pattern: {} }, dependentSchemas: { pattern: {} }, required: ['pattern'] },
    { dependentRequired: { pattern: ['a'] } },
    { enum: [{ pattern: 'a' }, {}], default: { pattern: 'a' }, examples: [{ pattern: 'a' }] },
    { not: { const: { pattern: 'a', patternProperties: {} } } },
  ])('is not one in which the name is only a property or a value: %j', async (schema) => {
    const world = new World()
    const type = { ...TYPE, schema, example: 'required' in schema ? { pattern: 'a' } : {} }
    expect((await world.api('POST', '/api/event-types', type)).status).toBe(201)
  })
})

describe('the schema of an older event type', () => {
  it('is checked without its patterns', async () => {
    const world = new World()
    await storeOld()
    expect((await publish(world, { id: 'other', y: 1 })).status).toBe(201)
    for (const data of [{}, { id: 1 }, { id: 'inv_45678' }]) expect((await publish(world, data)).status).toBe(422)
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    expect((await world.api('POST', `/api/endpoints/${id}/test`, { type: TYPE.name })).status).toBe(200)
  })

  it('is kept in a backup, and restored as it is', async () => {
    const world = new World()
    await storeOld()
    const lines = await exportAll(world)
    await wipe()
    expect(await restore(world, lines)).toMatchObject({ status: 200, body: { restored: { event_type: 1 } } })
    expect((await world.api('GET', `/api/event-types/${TYPE.name}`)).body).toMatchObject({ schema: OLD })
    expect((await publish(world, { id: 'other' })).status).toBe(201)
  })

  it('takes no longer, however a pattern repeats itself', () => {
    const text = `${'a'.repeat(5_000)}!`
    for (const pattern of ['^(a+)+$', '^(a|a)*$', '(a*)*b', '(']) {
      expect(faultsOf({ pattern, type: 'string' }, text, 'data')).toEqual([])
      expect(faultsOf({ patternProperties: { [pattern]: false } }, { [text]: 1 }, 'data')).toEqual([])
    }
  })

  it.each<[object, unknown, unknown]>([
    [{ not: { pattern: '^a' }, type: 'string' }, 'a', 1],
    [
      {
        oneOf: [
          { type: 'string', pattern: '^a' },
          { type: 'string', pattern: '^b' },
        ],
      },
      'a',
      1,
    ],
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    [{ if: { pattern: '^a' }, then: { maxLength: 3 }, else: { minLength: 5 } }, 'bbbbb', 'aaaa'],
    [{ contains: { pattern: '^a', type: 'string' }, maxContains: 1 }, ['a', 'b'], [1]],
    [{ not: { $ref: '#/$defs/a' }, $defs: { a: { pattern: '^a' } }, type: 'string' }, 'b', 1],
    [{ allOf: [{ patternProperties: { '^x': true } }], required: ['x'], unevaluatedProperties: false }, { x: 1 }, {}],
  ])('still accepts what it accepted, and refuses what no pattern decides: %j', (schema, accepted, refused) => {
    expect(faultsOf(schema, accepted, 'data')).toEqual([])
    expect(faultsOf(schema, refused, 'data')).not.toEqual([])
  })

  it('is checked in full where it has no patterns', () => {
    const schema = { not: { $ref: '#/$defs/a' }, properties: { pattern: {} }, $defs: { a: { required: ['pattern'] } } }
    expect(faultsOf(schema, { pattern: 1 }, 'data')).toHaveLength(1)
  })

  /** @param references to `#/$defs/r` */
  const schemas = (references: boolean) =>
    fc.letrec((tie) => {
      const below = tie('schema')
      const list = fc.array(below, { minLength: 1, maxLength: 2 })
      const keyword = fc.oneof(
        fc.record({ pattern: fc.constantFrom('^a', 'b$', 'x') }),
        fc.record({ patternProperties: fc.dictionary(fc.constantFrom('^a', 'b', 'x'), below, { maxKeys: 2 }) }),
        fc.constantFrom<object>(
          { type: 'string' },
          { type: ['object', 'array'] },
          { maxLength: 1 },
          { required: ['a'] }
        ),
        fc.record({ properties: fc.dictionary(fc.constantFrom('a', 'b', 'x'), below, { maxKeys: 2 }) }),
        fc.record({ contains: below, maxContains: fc.nat(1) }),
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        fc.record({ if: below, then: below, else: below }, { requiredKeys: ['if'] }),
        ...['not', 'items', 'propertyNames', 'additionalProperties'].map((key) => fc.record({ [key]: below })),
        ...['allOf', 'anyOf', 'oneOf', 'oneOf'].map((key) => fc.record({ [key]: list })),
        fc.constant(references ? { $ref: '#/$defs/r' } : {})
      )
      const part = fc.array(keyword, { minLength: 1, maxLength: 3 }).map((all) => Object.assign({}, ...all))
      return {
        schema: fc.oneof({ maxDepth: 3 }, { weight: 1, arbitrary: fc.boolean() }, { weight: 5, arbitrary: part }),
      }
    }).schema
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('a', 'b', 'ab', 'xyzz', 1),
      fc.dictionary(fc.constantFrom('a', 'b', 'x', 'ab'), tie('value'), { maxKeys: 3 }),
      fc.array(tie('value'), { maxLength: 3 })
    ),
  }))

  it('accepts whatever it accepted with its patterns', () => {
    let withPatterns = 0
    fc.assert(
      fc.property(schemas(true), schemas(false), value, (part, r, data) => {
        const whole = { allOf: [part], unevaluatedProperties: false, unevaluatedItems: false, $defs: { r } }
        fc.pre(new Validator(structuredClone(whole) as Schema, '2020-12', false).validate(data).valid)
        withPatterns += patternFaults(whole, []).length > 0 ? 1 : 0
        expect(faultsOf(whole, data, 'data')).toEqual([])
      }),
      { numRuns: 300, maxSkipsPerRun: 20 }
    )
    expect(withPatterns).toBeGreaterThan(100)
  })

  it('is usable where only its pattern could not be matched in time', () => {
    expect(schemaFaults({ properties: { a: { pattern: '(a+)+$' } } })).toEqual([])
  })
})
