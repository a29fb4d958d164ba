import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../../../../src/webhooks/event-types/validate'
import { EVENT_TYPES, findEventType } from '../../../../src/webhooks/rules/events/catalogue'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, World } from '../../../support/world'

interface Refused {
  code: string
  errors: { path: string; message: string }[]
}
interface Types {
  data: { name: string; own: boolean }[]
}

const INVOICE = {
  name: 'invoice.paid',
  description: 'An invoice was paid.',
  schema: {
    type: 'object',
    required: ['invoice'],
    properties: {
      invoice: { type: 'integer' },
      lines: { type: 'array', items: { $ref: '#/$defs/line' } },
    },
    additionalProperties: false,
    $defs: { line: { type: 'object', properties: { price: { type: 'number', minimum: 0 } } } },
  },
  example: { invoice: 42 },
}

/** @returns a schema whose parts refer twice to the next part */
function doubling(levels: number): object {
  const ref = (level: number) => ({ $ref: `#/$defs/l${level}` })
  const parts = Array.from({ length: levels }, (_, i) => [`l${i}`, { allOf: [ref(i + 1), ref(i + 1)] }])
  return { ...ref(0), $defs: Object.fromEntries([...parts, [`l${levels}`, { type: 'object' }]]) }
}

function define(world: World, changes: Record<string, unknown> = {}) {
  return world.api<Refused>('POST', '/api/event-types', { ...INVOICE, ...changes })
}

function publish(world: World, data: unknown, type = INVOICE.name) {
  return world.api<Refused>('POST', '/api/messages', { type, data })
}

describe('a built-in event type', () => {
  it('describes every event that is sent', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'))
    await everyEvent(world)
    const bodies = (await box.received()).map(({ body }) => JSON.parse(body))
    const sent = new Set(bodies.map(({ type }) => type))
    const missing = EVENT_TYPES.map(({ name }) => name).filter((name) => !sent.has(name))
    expect(missing).toEqual([])
    const faults = bodies.flatMap(({ type, data }) => faultsOf(findEventType(type)?.schema ?? {}, data, type))
    expect(faults).toEqual([])
  })

  it('is listed for anyone, unlike the types that the owner has defined', async () => {
    const world = new World()
    await define(world)
    const anyone = await world.api<Types>('GET', '/api/event-types', undefined, {})
    expect(anyone.body.data).toHaveLength(EVENT_TYPES.length)
    expect(anyone.body.data.every(({ own }) => !own)).toBe(true)
    const owner = await world.api<Types>('GET', '/api/event-types')
    expect(owner.body.data.filter(({ own }) => own).map(({ name }) => name)).toEqual([INVOICE.name])
  })

  it('limits the data that the owner may publish', async () => {
    const refused = await publish(new World(), { comment: {} }, 'comment.published')
    expect(refused.status).toBe(422)
    expect(refused.body.errors.length).toBeGreaterThan(0)
  })
})

/** Causes every built-in event. */
async function everyEvent(world: World): Promise<void> {
  const comment = await aComment(world)
  await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
  await world.api('PATCH', `/api/comments/${comment.id}`, { body: 'edited' })
  // A deletion cancels what has not been sent yet.
  await world.drain()
  await world.api('DELETE', `/api/comments/${comment.id}`)
  const source = await aSource(world, 'unsigned', { act: 'publish' })
  await post(world, source.path, '{"type":"greeting"}')
  await world.drain()
  const [first] = (await world.api<{ data: { id: string }[] }>('GET', '/api/endpoints')).body.data
  // registration.test.ts sends the real events about registrations, which are not deliveries.
  for (const type of ['ping', 'endpoint.verify', 'endpoint.link_requested'])
    await world.api('POST', `/api/endpoints/${first?.id}/test`, { type })
  await anEndpoint(world, mailbox().url('fail-times/9'))
  await anEndpoint(world, mailbox().url('status/410'))
  for (let i = 0; i < 5; i++) {
    await aComment(world, { body: `failing ${i}` })
    await world.drain()
  }
  world.env.DATABASE_LIMIT_MB = '0.01'
  // Each minute, the sweep begins with another chore.
  for (let minute = 0; minute < 13; minute++) await world.sweep(later(minute * 60_000))
  world.env.DATABASE_LIMIT_MB = ''
  await world.drain()
  // The endpoint has been failing for three days. Then it answers the probes.
  await env.DB.prepare("update endpoints set failing_since = ?1, resume_at = 1 where breaker = 'open'")
    .bind(Date.now() - 3 * 86_400_000)
    .run()
  for (let minutes = 0; minutes < 40; minutes += 5) {
    await world.sweep(later(minutes * 60_000))
    await world.drainDelayed()
  }
}

describe('an event type that nobody has defined', () => {
  it('accepts any data', async () => {
    expect((await publish(new World(), { whatever: [1] }, 'some.thing')).status).toBe(201)
  })
})

describe('an event type that the owner has defined', () => {
  it('rejects data that does not match its schema, with the path and the reason', async () => {
    const world = new World()
    expect((await define(world)).status).toBe(201)
    expect((await publish(world, { invoice: 7 })).status).toBe(201)
    const missing = await publish(world, { lines: [] })
    expect(missing.status).toBe(422)
    expect(missing.body.errors).toEqual([{ path: 'data', message: '`invoice` is required.' }])
    const deep = await publish(world, { invoice: 7, lines: [{ price: 1 }, { price: -1 }] })
    expect(deep.body.errors.map(({ path }) => path)).toEqual(['data.lines.1.price'])
    const extra = await publish(world, { invoice: 7, note: 'x' })
    expect(extra.body.errors[0]?.path).toBe('data.note')
    expect((await world.api<Types>('GET', '/api/messages')).body.data).toHaveLength(1)
  })

  it('can be sent as a test that contains its example', async () => {
    const world = new World()
    await define(world)
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'))
    const { status } = await world.api('POST', `/api/endpoints/${id}/test`, { type: INVOICE.name })
    expect(status).toBe(200)
    const [sent] = await box.received()
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ type: INVOICE.name, data: INVOICE.example })
  })

  it('can be read, changed and deleted', async () => {
    const world = new World()
    await define(world)
    const path = `/api/event-types/${INVOICE.name}`
    expect((await world.api('GET', path)).body).toEqual({ ...INVOICE, own: true })
    const looser = { schema: { type: 'object' }, example: {} }
    expect((await world.api('PATCH', path, looser)).body).toMatchObject(looser)
    expect((await publish(world, { anything: 1 })).status).toBe(201)
    expect((await world.api('DELETE', path)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await world.api(method, path)).status).toBe(404)
    }
    expect((await world.api('PATCH', path, looser)).status).toBe(404)
  })

  it('cannot be defined twice', async () => {
    const world = new World()
    await define(world)
    expect((await define(world)).body).toMatchObject({ code: 'name_taken' })
  })

  it.each([
    ['the name of a built-in type', { name: 'comment.published' }, 'name'],
    ['a name in a reserved group', { name: 'comment.liked' }, 'name'],
    ['a name in a reserved group of the engine', { name: 'storage.foo' }, 'name'],
    ['a malformed name', { name: 'no good' }, 'name'],
    ['an example that does not match', { example: { invoice: 'x' } }, 'example.invoice'],
    ['a reference to nothing', { schema: { $ref: '#/$defs/x' } }, 'schema.$ref'],
    ['a reference to another document', { schema: { $ref: 'https://example.com/s' } }, 'schema.$ref'],
    ['a schema that is too long', { schema: { title: 'x'.repeat(16_001) } }, 'schema'],
    ['a keyword with a wrong value', { schema: { required: true } }, 'schema.required'],
    ['references that multiply', { schema: doubling(18) }, 'schema'],
  ])('is rejected with %s', async (_, changes, path) => {
    const { status, body } = await define(new World(), changes)
    expect(status).toBe(422)
    expect(body.errors[0]?.path).toBe(path)
  })

  it.each([
    ['a cycle', { $ref: '#' }],
    ['a keyword with a wrong value', { required: { a: 1 } }],
    ['a malformed URL', { $id: 'http://' }],
    ['a value where a list is required', { properties: { invoice: { enum: 'x' } } }],
  ])('is rejected with a schema that cannot be applied: %s', async (_, schema) => {
    expect((await define(new World(), { schema })).status).toBe(422)
  })

  it('rejects data that reaches a fault in its schema, and says so', async () => {
    const world = new World()
    const schema = { properties: { b: { $ref: '#/properties/b' } } }
    expect((await define(world, { schema })).status).toBe(201)
    const { status, body } = await publish(world, { b: 1 })
    expect(status).toBe(422)
    expect(body.errors[0]?.message).toContain('schema')
  })

  it('lists at most 20 faults, and copes with property names that are not well-formed', async () => {
    const world = new World()
    const items = { type: 'array', items: { type: 'string' } }
    const schema = { properties: { a: items }, additionalProperties: { type: 'string' } }
    await define(world, { schema, example: {} })
    const many = await publish(world, { a: Array(3_000).fill(1) })
    expect(many.body.errors).toHaveLength(20)
    const long = await publish(world, { a: Array(50_000).fill(1) })
    expect(long.status).toBe(422)
    expect((await publish(world, { '\ud800': 1 })).status).toBe(422)
  })

  it('does not change the response to a repeated request', async () => {
    const world = new World()
    const message = { type: INVOICE.name, data: { any: 1 } }
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'k' }
    const send = () => world.api('POST', '/api/messages', message, headers)
    const first = await send()
    expect(first.status).toBe(201)
    await define(world)
    expect(await send()).toMatchObject({ status: 201, body: first.body })
  })

  it('is rejected if there are already a hundred event types, even if several are defined at the same time', async () => {
    const world = new World()
    for (let i = 0; i < 98; i++) await define(world, { name: `own.t${i}` })
    const answers = await Promise.all([1, 2, 3, 4].map((i) => define(world, { name: `own.last${i}` })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409])
    expect((await define(world)).body).toMatchObject({ code: 'too_many_types' })
  })

  it('that was deleted is not in the response to a repeated request', async () => {
    const world = new World()
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'once' }
    const create = () => world.api('POST', '/api/event-types', INVOICE, headers)
    expect((await create()).status).toBe(201)
    await world.api('DELETE', `/api/event-types/${INVOICE.name}`)
    expect(await create()).toMatchObject({ status: 410, body: { code: 'deleted' } })
  })

  it('can be defined, read, changed and deleted only by the owner', async () => {
    const world = new World()
    await define(world)
    for (const [method, path] of [
      ['POST', '/api/event-types'],
      ['GET', `/api/event-types/${INVOICE.name}`],
      ['PATCH', `/api/event-types/${INVOICE.name}`],
      ['DELETE', `/api/event-types/${INVOICE.name}`],
    ]) {
      expect((await world.api(method ?? '', path ?? '', undefined, {})).status).toBe(401)
    }
  })

  it('can be defined, changed and deleted with plain forms', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = {
      name: INVOICE.name,
      description: INVOICE.description,
      schema: JSON.stringify(INVOICE.schema),
      example: JSON.stringify(INVOICE.example),
    }
    const defined = await browser.submit('/admin/event-types', fields)
    expect(defined.location).toBe('/admin/event-types?done=defined')
    expect(await browser.see('/admin/event-types')).toContain('invoice.paid An invoice was paid.')
    expect((await browser.submit('/admin/event-types', fields)).status).toBe(409)
    const path = `/admin/event-types/${INVOICE.name}`
    const broken = await browser.submit(path, { ...fields, schema: '{' })
    expect(broken.status).toBe(422)
    expect(broken.text).toContain('not valid JSON')
    const unlike = await browser.submit(path, { ...fields, example: '{"invoice":"x"}' })
    expect(unlike.status).toBe(422)
    const saved = await browser.submit(path, { ...fields, description: 'Paid!' })
    expect(saved.location).toBe('/admin/event-types?done=saved')
    await browser.submit(`${path}/delete`, {})
    expect(await browser.see('/admin/event-types')).not.toContain('invoice.paid Paid!')
  })
})
