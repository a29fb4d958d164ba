import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { aSource, githubPost, theBody } from '../../support/sources'
import { aComment, anEndpoint, later, latestMessageId, mailbox, theEndpoint, World } from '../../support/world'

/** Everything that reads or writes, once, so that every statement there is has been run. */
async function exercise(world: World): Promise<void> {
  const owner = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
  const { id } = await anEndpoint(world, mailbox().url('fail-times/1'))
  const comment = await aComment(world)
  await world.api('POST', '/api/comments', { name: 'a', body: 'b' }, { 'Idempotency-Key': 'k' })
  await world.api('POST', '/api/comments', { name: 'a', body: 'b' }, { 'Idempotency-Key': 'k' })
  await world.drain()
  world.queueFault = new Error('Too Many Requests')
  await aComment(world)
  await world.sweep(later(120_000))
  world.queueFault = undefined
  await world.sweep(later(180_000))
  await world.drain()
  const message = await latestMessageId(world)
  const after = `cursor=${message}`
  for (const path of [
    '/',
    `/?before=${comment.id}`,
    `/comments/${comment.id}`,
    '/healthz',
    '/api/comments',
    `/api/comments?cursor=${comment.id}`,
    `/api/comments/${comment.id}`,
    '/api/endpoints',
    `/api/endpoints?cursor=${id}`,
    `/api/endpoints/${id}`,
    `/api/endpoints/${id}/secret`,
    `/api/endpoints/${id}/deliveries`,
    `/api/endpoints/${id}/deliveries?${after}`,
    `/api/endpoints/${id}/deliveries?status=failed`,
    `/api/endpoints/${id}/deliveries?status=pending&${after}`,
    '/api/messages',
    `/api/messages?${after}`,
    `/api/messages/${message}`,
    `/api/messages/${message}?deliveries_after=${id}`,
    `/api/messages/${message}/deliveries/${id}`,
  ]) {
    expect((await world.request(path, { headers: owner })).status, path).toBe(200)
  }
  await world.sweep(later(7 * 86_400_000))
  for (const order of world.queued.splice(0)) await world.consume(order)
  await world.api('POST', `/api/messages/${message}/deliveries/${id}/retry`)
  await world.api('POST', `/api/endpoints/${id}/test`)
  await world.api('POST', `/api/endpoints/${id}/secret/rotate`)
  await world.api('PATCH', `/api/endpoints/${id}`, { description: 'x' })
  await world.api('POST', `/api/endpoints/${id}/disable`)
  await world.sweep(later(8 * 86_400_000))
  await world.drain()
  await world.api('POST', `/api/endpoints/${id}/enable`)
  await world.sweep(later(9 * 86_400_000))
  await exerciseReplays(world, id)
  await exerciseTrust(world, id)
  await exerciseInbound(world)
  await world.api('PATCH', `/api/comments/${comment.id}`, { body: 'edited' })
  await world.api('DELETE', `/api/comments/${comment.id}`)
  await world.api('DELETE', `/api/endpoints/${id}`)
  await world.request('/admin/comments?status=held', { headers: { Cookie: await session(world) } })
  await world.request('/admin/comments', { headers: { Cookie: await session(world) } })
}

/** A breaker that opens, is probed and drained, and replays of every kind. */
async function exerciseReplays(world: World, id: string): Promise<void> {
  const since = '2020-01-01T00:00:00Z'
  for (const only of ['failed', 'missing', 'all']) {
    const path = `/api/endpoints/${id}/replay`
    expect(await world.api('POST', path, { since, only, dry_run: true })).toMatchObject({
      status: 200,
    })
    const { status, body } = await world.api('POST', path, { since, only, event_types: ['a.*'] })
    expect(status).toBe(202)
    await world.api('GET', `/api/jobs/${body.id}`)
    await world.api('POST', `/api/jobs/${body.id}/cancel`)
    await world.api('GET', `/api/jobs?cursor=${body.id}`)
  }
  const { id: sick } = await anEndpoint(world, mailbox().url('fail-times/5'))
  for (let i = 0; i < 7; i++) {
    await aComment(world)
    await world.drain()
  }
  await world.sweep(later(70_000))
  await world.drainDelayed()
  await world.sweep(later(140_000))
  expect((await theEndpoint(world, sick)).health.breaker).toBe('closed')
  const { id: gone } = await anEndpoint(world, mailbox().url('status/410'))
  await aComment(world)
  await world.drainDelayed()
  expect((await theEndpoint(world, gone)).status).toBe('disabled')
}

/** Keys, secrets, types of the owner's, and pulling. */
async function exerciseTrust(world: World, id: string): Promise<void> {
  const path = `/api/endpoints/${id}`
  await world.api('PATCH', path, { headers: { 'X-A': '1' }, books: ['main'], format: 'slack' })
  await world.api('POST', `${path}/secret/rotate`)
  await world.api('POST', `${path}/pull-token`)
  expect((await world.api('GET', `${path}/messages`)).status).toBe(200)
  expect((await world.api('POST', '/api/signing-keys/rotate')).status).toBe(200)
  const type = { name: 'a.b', schema: {}, example: {} }
  expect((await world.api('POST', '/api/event-types', type)).status).toBe(201)
  await world.api('PATCH', '/api/event-types/a.b', { description: 'x' })
  await world.api('POST', '/api/messages', { type: 'a.b', data: {} })
  await world.api('GET', '/api/event-types')
  await world.api('DELETE', '/api/event-types/a.b')
  const rotating = { SECRETS_KEY: btoa('k'.repeat(32)), SECRETS_KEY_PREVIOUS: env.SECRETS_KEY }
  const other = new World(rotating)
  await other.sweep(Date.now())
  for (const { sql, params } of other.recorder.executed) world.recorder.executed.push({ sql, params })
  const cookie = { Cookie: await session(world) }
  for (const page of [`/admin/endpoints/${id}`, '/admin/event-types', '/admin/keys']) {
    expect((await world.request(page, { headers: cookie })).status).toBe(200)
  }
}

/** A source of each act, from its first message to its last. */
async function exerciseInbound(world: World): Promise<void> {
  const cookie = { Cookie: await session(world) }
  const template = { name: '{{sender.login}}', body: 'starred' }
  const sources = await Promise.all(
    ['keep', 'publish', 'sign'].map((act) =>
      aSource(world, 'github', { secret: 'hush', act, template, body_retention_days: 1 })
    )
  )
  for (const { id, path } of sources) {
    const first = await githubPost(world, path, 'hush', '{"sender":{"login":"ada"}}')
    await githubPost(world, path, 'wrong', '{"sender":{"login":"eve"}}')
    await world.drain()
    const inbound = first.body.id
    for (const query of ['', `source=${id}`, `source=${id}&status=failed`, 'status=new', 'q=ada&type=star'])
      await world.api('GET', `/api/inbound?${query}&cursor=${inbound}`)
    await theBody(world, inbound)
    await world.api('GET', `/api/inbound/${inbound}/verification`)
    await world.api('POST', `/api/inbound/${inbound}/replay`)
    await world.api('POST', `/api/inbound/${inbound}/replay`, { to: mailbox().url() })
    await world.api('POST', `/api/sources/${id}/replay`)
    await world.api('POST', `/api/sources/${id}/sample`)
    await world.api('PATCH', `/api/sources/${id}`, { status: 'paused' })
    await world.drain()
    await world.api('PATCH', `/api/sources/${id}`, { status: 'active' })
    await world.api('POST', `/api/sources/${id}/secret/rotate`, { secret: 'next' })
    await world.api('POST', `/api/sources/${id}/url/rotate`)
    await world.api('GET', '/api/sources')
    for (const page of ['/admin/inbound', `/admin/inbound/${inbound}`, `/admin/sources/${id}`])
      expect((await world.request(page, { headers: cookie })).status).toBe(200)
    await world.sweep(later(3 * 86_400_000))
    await world.api('DELETE', `/api/sources/${id}`)
    await world.sweep(later(40 * 86_400_000))
  }
}

async function session(world: World): Promise<string> {
  const response = await world.request('/admin/login', {
    method: 'POST',
    headers: {
      Origin: 'https://guestbook.example.com',
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: `token=${world.env.ADMIN_TOKEN}`,
  })
  return (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
}

/** Walking a table, or sorting it aside. Subqueries and the rows of a JSON parameter are as small as a page. */
const WALKS = /^SCAN (?!\(subquery|json_each|CONSTANT)(?!\w+( EXISTS)? VIRTUAL TABLE)|USE TEMP B-TREE/

it('no statement walks a table or sorts one aside', async () => {
  const world = new World()
  await exercise(world)
  const statements = new Map(world.recorder.executed.map((one) => [one.sql, one.params]))
  expect(statements.size).toBeGreaterThan(40)
  const faults: string[] = []
  for (const [sql, params] of statements) {
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>()
    for (const { detail } of results) {
      if (WALKS.test(detail) && !isSmall(detail, results)) faults.push(`${detail}  <-  ${sql}`)
    }
  }
  expect(faults).toEqual([])
})

/** A table with a few rows, however long a guestbook is kept. */
const SMALL_TABLES = ['signing_keys', 'sources', 's']

/** `SCAN p` walks a page that was materialised just above as a co-routine, never a table: no table has a one-letter name. */
function isSmall(detail: string, plan: { detail: string }[]): boolean {
  const name = /^SCAN (\w+)/.exec(detail)?.[1]
  if (SMALL_TABLES.includes(name ?? '')) return true
  return plan.some((line) => line.detail === `CO-ROUTINE ${name}` || line.detail === `MATERIALIZE ${name}`)
}

it('the tables are shaped as they are billed: no row ids, and partial indexes alone', async () => {
  const { results } = await env.DB.prepare(
    `select name, type, sql from sqlite_master where sql is not null and name not like 'd1_%' and name not like '_cf_%' and name not like 'sqlite_%'`
  ).all<{ name: string; type: string; sql: string }>()
  const tables = results.filter(({ type }) => type === 'table')
  expect(tables.map(({ name }) => name).sort()).toEqual([
    'attempts',
    'books',
    'comments',
    'deliveries',
    'endpoints',
    'event_types',
    'idempotency_keys',
    'inbound_chunks',
    'inbound_messages',
    'jobs',
    'messages',
    'settings',
    'signing_keys',
    'sources',
  ])
  for (const { sql } of tables) expect(sql).toMatch(/WITHOUT ROWID$/)
  const whole = results.filter(({ type, sql }) => type === 'index' && !/ where /i.test(sql))
  expect(whole.map(({ name }) => name)).toEqual([
    'idempotency_keys_age',
    // What a source received is listed, and removed when it is old.
    'inbound_of_source',
  ])
})
