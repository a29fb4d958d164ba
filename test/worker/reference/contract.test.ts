import { type Schema, Validator } from '@cfworker/json-schema'
import { describe, expect, it } from 'vitest'
import published from '../../../public/openapi.json?raw'
import { PICTURES } from '../../fixtures/pictures'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { justBefore } from '../../support/meanwhile'
import { aSource } from '../../support/sources'
import { TOKEN, World } from '../../support/world'
import { type Seeds, writeEverything } from '../ui/every-page'

/* A client that knows only the API document. */

interface Call {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

const { paths, components } = JSON.parse(published) as {
  paths: Record<string, Record<string, Call>>
  components: { schemas: Record<string, Schema> }
}

/** Allows no fields but those that the document lists. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  // Each part would refuse the fields of the others.
  const whole = 'allOf' in schema ? (schema.allOf as Schema[]).map(resolved).reduce(merged) : schema
  const inside = Object.fromEntries(Object.entries(whole).map(([name, one]) => [name, strict(one)]))
  return 'properties' in whole ? { additionalProperties: false, ...inside } : inside
}

function resolved(schema: Schema): Schema {
  const found = schema.$ref ? (components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Schema) : schema
  return found.allOf ? (found.allOf as Schema[]).map(resolved).reduce(merged) : found
}

const merged = (one: Schema, other: Schema): Schema => ({
  type: 'object',
  properties: { ...one.properties, ...other.properties },
  required: [...(one.required ?? []), ...(other.required ?? [])],
})

const known = strict(components) as typeof components

function faultsOf(schema: Schema, value: unknown): string[] {
  const validator = new Validator({ ...(strict(schema) as Schema), components: known }, '2020-12', false)
  return validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)
}

const idsIn = (seeds: Seeds): Record<string, string> => ({
  '/api/books/{slug}': 'main',
  '/api/endpoints/{id}': seeds.endpoint,
  '/api/sources/{id}': seeds.source,
  '/api/messages/{id}': seeds.message,
  '/api/inbound/{id}': seeds.inbound[0] ?? '',
  '/api/comments/{id}': seeds.comment,
  '/api/import/{id}': seeds.imported,
  '/api/event-types/{name}': 'order.paid',
})

function addressOf(path: string, seeds: Seeds): string | null {
  const [start = '', id] = Object.entries(idsIn(seeds)).find(([known]) => path.startsWith(known)) ?? [path, '']
  const address = `${start.replace(/\{\w+\}/, String(id))}${path.slice(start.length)}`.replace(
    '{endpoint_id}',
    seeds.endpoint
  )
  return address.includes('{') ? null : address
}

it('every response to a GET is as the document says, and has no other fields', async () => {
  const world = new World()
  const seeds = await writeEverything(world)
  const faults: unknown[] = []
  let checked = 0
  for (const [path, { get }] of Object.entries(paths)) {
    const schema = get?.responses[200]?.content?.['application/json']?.schema
    const address = schema && addressOf(path, seeds)
    if (!address) continue
    const { status, body } = await world.api('GET', address)
    checked += Number(status === 200)
    const found = status === 200 ? faultsOf(schema, body) : []
    if (found.length > 0) faults.push([path, found.at(-1)])
  }
  expect(JSON.stringify(faults, null, 1)).toBe('[]')
  expect(checked).toBeGreaterThan(30)
})

describe('what was read can be written back', () => {
  it.each([
    ['/api/books/{slug}', 'BookChange'],
    ['/api/endpoints/{id}', 'EndpointChange'],
    ['/api/sources/{id}', 'SourceChange'],
    ['/api/event-types/{name}', 'EventTypeChange'],
  ])('to %s', async (path, change) => {
    const world = new World()
    const seeds = await writeEverything(world)
    const address = String(addressOf(path, seeds))
    // The seeds were not typed.
    await world.api('PATCH', '/api/books/main', { title: 'Plain', welcome: null })
    const before = (await world.api('GET', address)).body
    const names = Object.keys((components.schemas[change] as { properties: object }).properties)
    const fields = Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)))
    const { status, body } = await world.api('PATCH', address, fields)
    expect(JSON.stringify([status, body.errors])).toEqual('[200,null]')
    const after = (await world.api('GET', address)).body
    expect({ ...after, updated_at: null }).toEqual({ ...before, updated_at: null })
  })
})

it.each([
  ['Application/JSON', 201],
  ['application/json ; charset=utf-8', 201],
  ['application/vnd.api2+json', 201],
  ['application/jsonp', 415],
  ['text/plain', 415],
])('a body of the type %s is answered with %i', async (type, status) => {
  const body = JSON.stringify({ url: mailbox().url() })
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': type }
  expect((await new World().request('/api/endpoints', { method: 'POST', headers, body })).status).toBe(status)
})

it('a call without a body is accepted with the type that curl adds', async () => {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url())
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/x-www-form-urlencoded' }
  const path = `/api/endpoints/${id}/disable`
  expect((await world.request(path, { method: 'POST', headers, body: '' })).status).toBe(200)
})

it('only the owner can list books that were deleted', async () => {
  const world = new World()
  expect((await world.request('/api/books?deleted=true')).status).toBe(401)
  expect((await world.api('GET', '/api/books?deleted=true')).body.data).toEqual([])
})

it('a ban of a network names an entry', async () => {
  const { status, body } = await new World().api('POST', '/api/books/main/bans', { by: 'visitor', value: 'qqq' })
  expect([status, body.errors]).toMatchObject([422, [{ path: 'comment_id' }]])
})

it('the fields of a source have different names', async () => {
  const world = new World()
  const source = { name: 'x', provider: 'unsigned', fields: ['a.b', 'a_b'] }
  expect((await world.api('POST', '/api/sources', source)).status).toBe(422)
})

it('a text that the database would store as another one is returned as it is stored', async () => {
  const world = new World()
  const { id } = await aSource(world, 'unsigned', { name: 'a\ud800' })
  expect((await world.api('GET', `/api/sources/${id}`)).body.name).toBe('a\ufffd')
  const made = await world.api('POST', '/api/keys', { name: 'a\ud800', scopes: ['read'] })
  expect(made.body.name).toBe('a\ufffd')
})

it('an option with the name of a property of every object is named in the refusal', async () => {
  const source = { name: 'x', provider: 'unsigned', options: { constructor: 'x' } }
  const { status, body } = await new World().api('POST', '/api/sources', source)
  expect(status).toBe(422)
  expect(JSON.stringify(body.errors)).toContain('constructor')
})

it('a repeated Idempotency-Key does not answer with a picture that was removed', async () => {
  const world = new World()
  const add = () => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'k1' }
    return world.api('POST', '/api/books/main/pictures', { content: PICTURES.png, use: 'none', alt: 'x' }, headers)
  }
  const first = await add()
  expect(first.status).toBe(201)
  expect((await add()).body.id).toBe(first.body.id)
  await world.api('DELETE', `/api/books/main/pictures/${first.body.id}`)
  expect((await add()).status).toBe(410)
})

it('of two changes of an event type at once, none makes the example unfit for the schema', async () => {
  const world = new World()
  const typed = (type: string) => ({ type: 'object', properties: { n: { type } }, required: ['n'] })
  await world.api('POST', '/api/event-types', { name: 'order.sent', schema: { type: 'object' }, example: { n: 1 } })
  const path = '/api/event-types/order.sent'
  const hasCome = justBefore(world, /update event_types/, () => world.api('PATCH', path, { example: { n: 'one' } }))
  expect((await world.api('PATCH', path, { schema: typed('number') })).status).toBe(409)
  expect(hasCome()).toBe(true)
  expect((await world.api('GET', path)).body).toMatchObject({ schema: { type: 'object' }, example: { n: 'one' } })
})
