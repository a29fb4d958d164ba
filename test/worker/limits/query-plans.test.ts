import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { STATEMENTS } from '../../../src/kit/db/statements'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import type { Page } from '../../support/receiver'
import { aSource, githubPost, theBody } from '../../support/sources'
import { latestMessageId, theEndpoint } from '../../support/views'
import { BASE, World } from '../../support/world'
import { fixture, importFile, upload } from '../owner/moving/imports'

const DAY = 86_400_000

/** Uses every part of the program once, so that every statement runs. */
async function exercise(world: World): Promise<void> {
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
  const message_id = await latestMessageId(world)
  await exerciseReads(world, id, comment.id, message_id)
  await world.sweep(later(7 * DAY))
  for (const order of world.queued.splice(0)) await world.consume(order)
  await world.api('POST', `/api/messages/${message_id}/deliveries/${id}/retry`)
  await world.api('POST', `/api/endpoints/${id}/test`)
  await world.api('POST', `/api/endpoints/${id}/secret/rotate`)
  await world.api('PATCH', `/api/endpoints/${id}`, { description: 'x' })
  await world.api('POST', `/api/endpoints/${id}/disable`)
  await world.sweep(later(8 * DAY))
  await world.drain()
  await world.api('POST', `/api/endpoints/${id}/enable`)
  await world.sweepEverything(later(9 * DAY))
  await exerciseReplays(world, id)
  await exerciseTrust(world, id)
  await exerciseInbound(world)
  await exerciseWebmentions(world)
  await exerciseAccess(world)
  await exerciseMoving(world)
  await world.api('PATCH', `/api/comments/${comment.id}`, { body: 'edited' })
  await world.api('DELETE', `/api/comments/${comment.id}`)
  await world.api('DELETE', `/api/endpoints/${id}`)
  const cookie = { Cookie: await session(world) }
  await getAll(world, ['/admin/comments?status=held', '/admin/comments'], cookie)
}

/** Requests paths that must all succeed. */
async function getAll(world: World, paths: string[], headers: Record<string, string>): Promise<void> {
  const statuses: [path: string, status: number][] = []
  for (const path of paths) statuses.push([path, (await world.request(path, { headers })).status])
  expect(statuses).toEqual(paths.map((path) => [path, 200]))
}

/** An import of each kind of statement: with a reply by the owner, with events, canceled, and lost on the way. */
async function exerciseMoving(world: World): Promise<void> {
  await importFile(world, fixture('wordpress.xml'), '?webhooks=true')
  await importFile(world, fixture('wordpress.xml'))
  const { body } = await upload(world, fixture('isso.json'))
  world.loseQueue()
  await world.sweep(later(10 * DAY))
  await world.api('POST', `/api/import/${body.id}/cancel`)
  await world.sweep(later(11 * DAY))
  const { body: page } = await world.api('GET', `/api/import?cursor=${body.id}`)
  expect(page).toMatchObject({ next: null })
  const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}`, 'X-Backup-Key': btoa('k'.repeat(32)) }
  const exported = await world.request('/api/export?include=log', { headers })
  const lines = await exported.text()
  expect([exported.status, lines.length > 1_000]).toEqual([200, true])
  const restored = await world.request('/api/restore?id=restore-1', { method: 'POST', headers, body: lines })
  expect(restored.status).toBe(409)
}

/** Pages and lists, from the first page and from a cursor. */
async function exerciseReads(world: World, id: string, comment_id: string, message_id: string): Promise<void> {
  const cursor = `cursor=${message_id}`
  const paths = [
    '/',
    `/?before=${comment_id}`,
    '/?page=2',
    '/?page=40',
    '/?day=today',
    '/?q=nothing',
    '/sign',
    '/export.html',
    `/comments/${comment_id}`,
    '/healthz',
    '/api/comments',
    `/api/comments?cursor=${comment_id}`,
    '/api/books/main/embed/entries',
    `/api/books/main/embed/entries?cursor=${comment_id}.1`,
    `/api/comments/${comment_id}`,
    '/api/endpoints',
    `/api/endpoints?cursor=${id}`,
    `/api/endpoints/${id}`,
    `/api/endpoints/${id}/secret`,
    `/api/endpoints/${id}/deliveries`,
    `/api/endpoints/${id}/deliveries?${cursor}`,
    `/api/endpoints/${id}/deliveries?status=failed`,
    `/api/endpoints/${id}/deliveries?status=pending&${cursor}`,
    '/api/messages',
    `/api/messages?${cursor}`,
    `/api/messages/${message_id}`,
    `/api/messages/${message_id}?deliveries_after=${id}`,
    `/api/messages/${message_id}/deliveries/${id}`,
  ]
  await world.api('PATCH', '/api/books/main', { has_search: true })
  expect((await world.request(`/?entry=${comment_id}`)).status).toBe(302)
  await getAll(world, paths, { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` })
}

/** Replays of every kind, a breaker that opens, probes and drains, and an endpoint that is gone. */
async function exerciseReplays(world: World, id: string): Promise<void> {
  const since = '2020-01-01T00:00:00Z'
  const statuses: number[] = []
  for (const only of ['failed', 'missing', 'all']) {
    const path = `/api/endpoints/${id}/replay`
    const preview = await world.api('POST', path, { since, only, dry_run: true })
    const { status, body } = await world.api('POST', path, { since, only, event_types: ['a.*'] })
    statuses.push(preview.status, status)
    await world.api('GET', `/api/jobs/${body.id}`)
    await world.api('POST', `/api/jobs/${body.id}/cancel`)
    await world.api('GET', `/api/jobs?cursor=${body.id}`)
  }
  expect(statuses).toEqual([200, 202, 200, 202, 200, 202])
  const { id: failing } = await anEndpoint(world, mailbox().url('fail-times/5'))
  for (let i = 0; i < 7; i++) {
    await aComment(world)
    await world.drain()
  }
  await world.sweep(later(70_000))
  await world.drainDelayed()
  await world.sweep(later(140_000))
  expect((await theEndpoint(world, failing)).health.breaker).toBe('closed')
  await anEndpoint(world, mailbox().url(), { format: 'build-hook' })
  const { id: gone } = await anEndpoint(world, mailbox().url('status/410'))
  await aComment(world)
  await world.drainDelayed()
  expect((await theEndpoint(world, gone)).status).toBe('disabled')
}

/** Signing keys, secrets, event types, and pulling. */
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
  const pages = [`/admin/endpoints/${id}`, '/admin/event-types', '/admin/keys']
  await getAll(world, pages, { Cookie: await session(world) })
}

/** A source for each type of act, from its first message until it is deleted. */
async function exerciseInbound(world: World): Promise<void> {
  const template = { name: '{{sender.login}}', body: 'starred' }
  const sources = await Promise.all(
    ['keep', 'publish', 'sign'].map((act) =>
      aSource(world, 'github', { secret: 'hush', act, template, body_retention_days: 1 })
    )
  )
  for (const { id, path } of sources) {
    // The sweeps of the previous source have ended its session.
    const cookie = { Cookie: await session(world) }
    const first = await githubPost(world, path, 'hush', '{"sender":{"login":"ada"}}')
    await githubPost(world, path, 'wrong', '{"sender":{"login":"eve"}}')
    await world.drain()
    const { id: inbound_id } = first.body
    for (const query of ['', `source=${id}`, `source=${id}&status=failed`, 'status=new', 'q=ada&type=star'])
      await world.api('GET', `/api/inbound?${query}&cursor=${inbound_id}`)
    await theBody(world, inbound_id)
    await world.api('GET', `/api/inbound/${inbound_id}/verification`)
    await world.api('POST', `/api/inbound/${inbound_id}/replay`)
    await world.api('POST', `/api/inbound/${inbound_id}/replay`, { to: mailbox().url() })
    await world.api('POST', `/api/sources/${id}/replay`)
    await world.api('POST', `/api/sources/${id}/sample`)
    await world.api('PATCH', `/api/sources/${id}`, { status: 'paused' })
    await world.drain()
    await world.api('PATCH', `/api/sources/${id}`, { status: 'active' })
    await world.api('POST', `/api/sources/${id}/secret/rotate`, { secret: 'next' })
    await world.api('POST', `/api/sources/${id}/url/rotate`)
    await world.api('GET', '/api/sources')
    await getAll(world, ['/admin/inbound', `/admin/inbound/${inbound_id}`, `/admin/sources/${id}`], cookie)
    await world.sweep(later(3 * DAY))
    await world.api('DELETE', `/api/sources/${id}`)
    await world.sweep(later(40 * DAY))
  }
}

/** A mention that is shown, changes and is deleted, and one that fails. */
async function exerciseWebmentions(world: World): Promise<void> {
  await world.api('PATCH', '/api/books/main', { moderation: 'first' })
  const box = mailbox()
  const link = `<a href="${BASE}/">A guestbook</a>`
  const announce = async (page: Page) => {
    await box.serve(page)
    const body = new URLSearchParams({ source: box.url('page'), target: `${BASE}/` }).toString()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await world.request('/webmention', { method: 'POST', headers, body })).status).toBe(202)
    await world.drain()
    await env.DB.prepare('update webmentions set fetched_at = 1').run()
  }
  await announce({ body: `<h1>One</h1>${link}` })
  await announce({ body: `<h1>Two</h1><title>Two</title>${link}` })
  await announce({ status: 410 })
  await announce({ status: 500 })
  await world.sweep(later(3 * DAY))
  await world.sweep(later(40 * DAY))
}

/** API keys, sessions, and the audit log. */
async function exerciseAccess(world: World): Promise<void> {
  const { body } = await world.api('POST', '/api/keys', { name: 'x', scopes: ['read'] })
  await getAll(world, ['/api/endpoints'], { Authorization: `Bearer ${body.key}` })
  await env.DB.prepare('update sessions set last_seen_at = 1').run()
  const cookie = { Cookie: await session(world) }
  await env.DB.prepare('update sessions set last_seen_at = 1').run()
  const [latest] = (await world.api<{ data: { id: string }[] }>('GET', '/api/audit')).body.data
  await getAll(world, ['/admin/access', `/admin/access/audit?act=key.&cursor=${latest?.id}`], cookie)
  await world.api('DELETE', `/api/keys/${body.id}`)
  const { data } = (await world.api<{ data: { id: string }[] }>('GET', '/api/sessions')).body
  await world.api('DELETE', `/api/sessions/${data[0]?.id}`)
  await world.api('DELETE', '/api/sessions')
  await world.sweepEverything(later(100 * DAY))
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

/** A scan of a table, or a sort in a temporary B-tree. Subqueries and JSON parameters have at most a page of rows. */
const EXPENSIVE = /^SCAN (?!\(subquery|json_each|CONSTANT)(?!\w+( EXISTS)? VIRTUAL TABLE)|USE TEMP B-TREE/

/** Statements whose plans look expensive, although they read few rows. */
const FEW_ROWS = [
  // Each subquery stops at the first rows of a partial index.
  /as has_endpoint,/,
  // Reads the first six rows of a partial index.
  /indexed by endpoints_needing/,
  // Scans and sorts what one call covers, and the latest 1,000 deliveries, which the statement itself has collected.
  /with older as materialized/,
  // Sorts a page of each book, of which there are few, and each page is read from the index.
  /cross join comments c on c\.id in \(\s*select id from comments indexed by comments_of_book/,
]

it('no statement scans a table or sorts rows without an index', async () => {
  const world = new World()
  await exercise(world)
  const executed = new Map(world.recorder.executed.map((one) => [one.sql, one.params]))
  for (const sql of STATEMENTS) if (!executed.has(sql)) executed.set(sql, noValues(sql))
  expect(executed.size).toBeGreaterThan(200)
  const faults: string[] = []
  for (const [sql, params] of executed) {
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>()
    for (const { detail } of results) {
      if (EXPENSIVE.test(detail) && !isSmall(detail, results) && !FEW_ROWS.some((one) => one.test(sql)))
        faults.push(`${detail}  <-  ${sql}`)
    }
  }
  expect(faults).toEqual([])
})

/** @returns a null for each parameter of a statement that the test has not run */
function noValues(sql: string): null[] {
  const numbers = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number))
  const count = numbers.length > 0 ? Math.max(...numbers) : (sql.match(/\?/g) ?? []).length
  return Array(count).fill(null)
}

/** Tables that always have few rows, with their aliases. */
const SMALL_TABLES = ['signing_keys', 'sources', 's', 'api_keys', 'sqlite_master', 'tables']

/** A scan is also cheap if it reads a page that the same plan has created: a co-routine or a materialized subquery. */
function isSmall(detail: string, plan: { detail: string }[]): boolean {
  const name = /^SCAN (\w+)/.exec(detail)?.[1]
  if (SMALL_TABLES.includes(name ?? '')) return true
  return plan.some((line) => line.detail === `CO-ROUTINE ${name}` || line.detail === `MATERIALIZE ${name}`)
}

it('tables have no row ids and almost only partial indexes, to save billed row writes', async () => {
  const { results } = await env.DB.prepare(
    `select name, type, sql
     from sqlite_master
     where sql is not null
       and name not like 'd1_%' and name not like '_cf_%' and name not like 'sqlite_%'`
  ).all<{ name: string; type: string; sql: string }>()
  const tables = results.filter(({ type }) => type === 'table')
  expect(tables.map(({ name }) => name).sort()).toEqual([
    'api_keys',
    'attempts',
    'audit_log',
    'books',
    'buttons',
    'comments',
    'deliveries',
    'endpoints',
    'event_types',
    'idempotency_keys',
    'import_chunks',
    'imported_records',
    'imports',
    'inbound_chunks',
    'inbound_messages',
    'jobs',
    'messages',
    'pictures',
    'rollups',
    'sessions',
    'settings',
    'signing_keys',
    'sources',
    'sweep_state',
    'visitor_keys',
    'webmentions',
  ])
  expect(tables.filter(({ sql }) => !sql.endsWith('WITHOUT ROWID'))).toEqual([])
  const whole = results.filter(({ type, sql }) => type === 'index' && !/ where /i.test(sql))
  expect(whole.map(({ name }) => name).sort()).toEqual([
    'api_keys_token',
    // Lists the entries of a book with one status. A partial index for published entries would cost as much.
    'comments_of_book',
    'idempotency_keys_age',
    // Finds earlier messages with the same body and signature.
    'inbound_fingerprints',
    // Lists what a source has received, and finds what is old enough to remove.
    'inbound_of_source',
    'sessions_age',
  ])
})
