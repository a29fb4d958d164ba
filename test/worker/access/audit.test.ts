import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import { FORM, login, ownerBrowser, session, withModeration } from '../../support/session'
import { World } from '../../support/world'
import { fixture, toNdjson, upload } from '../owner/moving/imports'
import { aKey, auditLog, withKey } from './a-key'

const DAY = 86_400_000
const URL_OF = { url: 'https://example.com/hook' }

async function acts(world: World): Promise<string[]> {
  return (await auditLog(world)).map(({ act }) => act).toReversed()
}

describe('the audit log', () => {
  it('says who did what, when, and from where, for every kind of credential', async () => {
    const world = new World()
    const before = Date.now() - 1
    const where = { 'User-Agent': 'curl/8.14.1', 'CF-IPCountry': 'DE', 'CF-Connecting-IP': '203.0.113.9' }
    const token = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, ...where }
    const { body: endpoint } = await world.api<{ id: string }>('POST', '/api/endpoints', URL_OF, token)
    const key = await aKey(world, ['write'], { name: 'CI' })
    await world.api('PATCH', `/api/endpoints/${endpoint.id}`, { description: 'x' }, withKey(key, where))
    const browser = await ownerBrowser(world)
    await browser.post(`/admin/endpoints/${endpoint.id}/disable`, {})
    const log = await auditLog(world)
    expect(log.map(({ act, actor, actor_name, subject }) => [act, actor, actor_name, subject]).toReversed()).toEqual([
      ['endpoint.created', 'token', null, endpoint.id],
      ['key.created', 'token', null, key.id],
      ['endpoint.updated', `key:${key.id}`, 'CI', endpoint.id],
      [
        'session.opened',
        expect.stringMatching(/^session:[0-9a-f]{16}$/),
        null,
        expect.stringMatching(/^[0-9a-f]{16}$/),
      ],
      ['endpoint.disabled', expect.stringMatching(/^session:/), null, endpoint.id],
    ])
    expect(log.at(-1)).toMatchObject({ browser: 'curl', country: 'DE' })
    expect(Date.parse(log.at(-1)?.created_at ?? '')).toBeGreaterThan(before)
    const stored = JSON.stringify((await env.DB.prepare('select * from audit_log').all()).results)
    for (const secret of ['203.0.113.9', key.key.slice(7), 'example.com', String(env.ADMIN_TOKEN)]) {
      expect(stored).not.toContain(secret)
    }
  })

  it('names an edit and a change of the status that come together, and only what has changed', async () => {
    const world = new World()
    const { id } = await aComment(world)
    const { body } = await world.api<{ edited_at: null }>('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden', edited_at: body.edited_at })
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden', body: 'Changed by the owner' })
    const log = async () => (await auditLog(world)).filter(({ subject }) => subject === id).map(({ act }) => act)
    expect((await log()).toReversed()).toEqual(['comment.created', 'comment.hidden', 'comment.updated'])
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published', body: 'Changed again' })
    expect((await log()).slice(0, 2).toSorted()).toEqual(['comment.published', 'comment.updated'])
  })

  it('names what happened to an entry, with a moderation link, too', async () => {
    const world = await withModeration(new World())
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.held'] })
    const guest = { 'CF-Connecting-IP': '203.0.113.10' }
    const one = await aComment(world, { body: 'SECRET_TEXT' }, guest)
    const two = await aComment(world, { body: 'SECRET_TEXT again' }, guest)
    await world.drain()
    const [sent] = await box.received()
    const { comment, moderation } = JSON.parse(sent?.body ?? '').data
    const { pathname } = new URL(moderation.hide_url)
    expect((await world.request(pathname, { method: 'POST', headers: FORM })).status).toBe(303)
    const other = comment.id === one.id ? two.id : one.id
    const browser = await ownerBrowser(world)
    await browser.post('/admin/comments', { action: 'publish', ids: `${one.id},${two.id}` })
    await browser.post(`/admin/comments/${other}`, { action: 'delete' })
    await world.api('PUT', `/api/comments/${comment.id}/reply`, { body: 'SECRET_TEXT reply' })
    const log = (await auditLog(world, '&act=comment.')).toReversed()
    expect(log.map(({ act, actor, subject }) => [act, actor.split(':')[0], subject])).toEqual([
      ['comment.hidden', 'link', comment.id],
      ['comment.published', 'session', expect.stringContaining(other)],
      ['comment.deleted', 'session', other],
    ])
    const stored = JSON.stringify((await env.DB.prepare('select * from audit_log').all()).results)
    expect(stored).not.toContain('SECRET_TEXT')
    expect(stored).not.toContain(pathname.slice(-43))
  })

  it('lists an entry that the owner writes, and none that a guest writes or changes', async () => {
    const world = new World()
    const guest = { 'CF-Connecting-IP': '203.0.113.11' }
    const { body } = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' }, guest)
    const author = { Authorization: `Bearer ${body.edit_token}` }
    expect((await world.api('PATCH', `/api/comments/${body.id}`, { body: 'Hello' }, author)).status).toBe(200)
    expect((await world.api('DELETE', `/api/comments/${body.id}`, undefined, author)).status).toBe(204)
    expect(await acts(world)).toEqual([])
    // The entry and its row are written in one batch.
    const { body: first } = await world.api('POST', '/api/comments', { name: 'Host', body: 'Welcome' })
    expect(await auditLog(world)).toMatchObject([{ act: 'comment.created', actor: 'token', subject: first.id }])
    const { body: key } = await world.api('POST', '/api/keys', { name: 'CI', scopes: ['moderate'] })
    const { body: own } = await world.api(
      'POST',
      '/api/comments',
      { name: 'a', body: 'b' },
      { Authorization: `Bearer ${key.key}` }
    )
    const found = await auditLog(world, '&act=comment.created')
    expect(found).toMatchObject([{ actor: `key:${key.id}`, subject: own.id }, { actor: 'token' }])
  })

  it('lists log-ins, log-outs and ended sessions, and no failed log-in', async () => {
    const world = new World()
    for (let i = 0; i < 3; i++) await login(world, 'guess', { 'CF-Connecting-IP': '203.0.113.12' })
    const other = await session(world)
    const browser = await ownerBrowser(world)
    await browser.post('/admin/access/sessions/revoke-others', {})
    await world.request('/admin/logout', { method: 'POST', headers: { ...FORM, ...other } })
    await browser.post('/admin/logout', {})
    expect(await acts(world)).toEqual(['session.opened', 'session.opened', 'session.others_revoked', 'session.closed'])
  })

  it('does not list what failed, what changed nothing, and what was only repeated', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, 'Idempotency-Key': 'k' }
    await world.api('POST', '/api/endpoints', URL_OF, headers)
    await world.api('POST', '/api/endpoints', URL_OF, headers)
    await world.api('POST', '/api/endpoints', { url: 'nonsense' })
    await world.api('PATCH', '/api/endpoints/ep_x', { description: 'x' })
    await world.api('POST', `/api/endpoints/${id}/replay`, { since: '2020-01-01T00:00:00Z', dry_run: true })
    const browser = await ownerBrowser(world)
    await browser.post('/admin/endpoints', { url: 'nonsense' })
    await browser.post(`/admin/endpoints/${id}/replay`, { dry_run: 'true', only: 'all', since: '1' })
    expect(await acts(world)).toEqual(['endpoint.created', 'endpoint.created', 'session.opened'])
  })

  it('does not list imports that are dry runs, and restores that are only checked', async () => {
    const world = new World()
    await upload(world, fixture('isso.json'), '?dry_run=true')
    await world.drain()
    const { body } = await toNdjson(fixture('isso.json'))
    const headers = { ...(await session(world)), ...FORM, 'Content-Type': 'application/x-ndjson' }
    const sent = { method: 'POST', headers, body }
    expect((await world.request('/admin/moving/import?dry_run=true', sent)).status).toBe(202)
    const restore = { method: 'POST', headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` }, body: '' }
    expect((await world.request('/api/restore?id=restore-1&check=true', restore)).status).toBe(200)
    expect(await acts(world)).toEqual(['session.opened'])
  })

  it('lists what is canceled once', async () => {
    const world = new World()
    for (const body of ['One', 'Two', 'Three']) await aComment(world, { body })
    const { id } = await anEndpoint(world, mailbox().url(), { rate_limit: 1 })
    const scope = { only: 'missing', since: '2020-01-01T00:00:00Z' }
    const { body: job } = await world.api('POST', `/api/endpoints/${id}/replay`, scope)
    const { body: running } = await upload(world, fixture('isso.json'))
    const browser = await ownerBrowser(world)
    for (let i = 0; i < 2; i++) {
      await world.api('POST', `/api/import/${running.id}/cancel`)
      await world.api('POST', `/api/jobs/${job.id}/cancel`)
      await browser.post(`/admin/moving/imports/${running.id}/cancel`, {})
      await browser.post(`/admin/endpoints/${id}/jobs/${job.id}/cancel`, {})
    }
    expect((await acts(world)).filter((act) => act.endsWith('.canceled'))).toEqual([
      'import.canceled',
      'replay.canceled',
    ])
    const { body: other } = await upload(world, fixture('isso.json'))
    const { location } = await browser.submit(`/admin/moving/imports/${other.id}/cancel`, {})
    expect(location).toBe(`/admin/moving/imports/${other.id}`)
    expect(await auditLog(world, '&act=import.canceled')).toMatchObject([{ subject: other.id }, { actor: 'token' }])
  })

  it('has one row for each act, which is written before the response', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    world.recorder.executed.length = 0
    const response = await world.request(`/api/endpoints/${id}/disable`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` },
    })
    expect(response.status).toBe(200)
    expect(world.recorder.executed.filter(({ sql }) => sql.includes('audit_log'))).toHaveLength(1)
    expect(world.recorder.executed.at(-1)?.sql).toContain('audit_log')
    expect(await auditLog(world, '&act=endpoint.disabled')).toHaveLength(1)
  })

  it('undoes nothing if its row cannot be written, and says so in a log line', async () => {
    const world = new World()
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    world.recorder.fault = { callsLeft: 2, isCommitted: false }
    const { status } = await world.api('POST', '/api/event-types', { name: 'a.b', schema: {}, example: {} })
    expect([status, world.recorder.fault]).toEqual([201, undefined])
    expect(JSON.parse(String(logged.mock.calls[0]?.[0]))).toMatchObject({
      event: 'audit.fault',
      act: 'event_type.created',
      actor: 'token',
    })
    logged.mockRestore()
    expect(await auditLog(world)).toEqual([])
    expect((await world.api('GET', '/api/event-types/a.b')).status).toBe(200)
  })

  it('costs nothing for requests that only read', async () => {
    const world = new World()
    const headers = await session(world)
    world.recorder.executed.length = 0
    await world.api('GET', '/api/storage')
    for (const path of ['/admin', '/admin/access', '/admin/comments']) await world.request(path, { headers })
    expect(world.recorder.executed.filter(({ sql }) => /into audit_log/.test(sql))).toEqual([])
  })
})

/** Writes rows with ids of the past. */
async function manyActs(count: number, daysAgo = 0): Promise<void> {
  const at = Date.now() - daysAgo * DAY
  const { newId } = await import('../../../src/kit/lib/ids')
  const rows = Array.from({ length: count }, (_, i) => ({
    id: newId('aud', at + i, new Uint8Array(10)),
    act: i === 0 ? 'book.created' : 'endpoint.updated',
    at: at + i,
  }))
  await env.DB.prepare(
    `insert into audit_log (id, act, actor, created_at, browser)
     select value ->> 'id', value ->> 'act', 'token', value ->> 'at', 'curl' from json_each(?1)`
  )
    .bind(JSON.stringify(rows))
    .run()
}

describe('reading the audit log', () => {
  it('is paged, and a filter reads a bounded number of rows', async () => {
    const world = new World()
    await manyActs(1_200)
    const query = '/api/audit?act=book.'
    const empty = await world.api<{ data: unknown[]; next: string }>('GET', query)
    expect([empty.body.data, typeof empty.body.next]).toEqual([[], 'string'])
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(2_100)
    const seen: unknown[] = []
    let pages = 0
    for (let next: string | null = ''; next !== null; pages++) {
      const path: string = `${query}${next && `&cursor=${next}`}`
      const { body } = await world.api<{ data: unknown[]; next: string | null }>('GET', path)
      seen.push(...body.data)
      next = body.next
    }
    expect([seen.length, pages]).toEqual([1, 3])
    expect((await world.api('GET', '/api/audit?cursor=ep_x')).status).toBe(400)
    expect((await world.api('GET', '/api/audit?limit=101')).status).toBe(422)
    expect((await world.api('GET', '/api/audit?actor=%25')).body.data).toEqual([])
  })

  it('works in the dashboard, with filters, older and newer pages', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await manyActs(120)
    const links = async (path: string) => {
      const html = await (await browser.get(path)).text()
      const href = (label: string) =>
        new RegExp(`<a [^>]*href="([^"]*)">\\s*${label}`).exec(html)?.[1]?.replaceAll('&amp;', '&') ?? null
      return {
        rows: html.match(/<td class="wide">You (created|changed) the (book|endpoint)/g)?.length ?? 0,
        older: href('Older'),
        newer: href('« Newer'),
      }
    }
    const first = await links('/admin/access/audit?act=endpoint.')
    const second = await links(first.older ?? '')
    const third = await links(second.older ?? '')
    expect([first.rows, second.rows, third.rows]).toEqual([50, 50, 19])
    expect([first.newer, third.older]).toEqual([null, null])
    expect(await links(third.newer ?? '')).toEqual(second)
    expect(await links(second.newer ?? '')).toEqual(first)
    expect(await links('/admin/access/audit?act=nothing')).toEqual({ rows: 0, older: null, newer: null })
    expect(await browser.see('/admin/access/audit?actor=session&logins=yes')).toContain('You logged in')
  })

  it('stays possible for as long as the retention says, and no longer', async () => {
    const world = new World({ FREE_PLAN: 'false' })
    await manyActs(600, 91)
    await manyActs(3, 89)
    const count = () => env.DB.prepare('select count(*) as n from audit_log').first<number>('n')
    for (let minute = 0; minute < 4; minute++) await world.sweep(later(minute * 60_000), 'old_acts')
    expect(await count()).toBe(3)
    await world.api('PATCH', '/api/settings', { retention: { audit_days: 0 } })
    for (let minute = 0; minute < 4; minute++) await world.sweep(later(400 * DAY + minute * 60_000), 'old_acts')
    expect(await count()).toBe(4)
  })

  it('removes a few old rows in each sweep on the Free plan', async () => {
    await manyActs(100, 91)
    const count = () => env.DB.prepare('select count(*) as n from audit_log').first<number>('n')
    const left = [await count()]
    for (let minute = 0; minute < 14; minute++) {
      await new World().sweep(later(minute * 60_000), 'old_acts')
      left.push(await count())
    }
    const removed = left.slice(1).map((n, i) => (left[i] ?? 0) - (n ?? 0))
    expect(Math.max(...removed)).toBe(10)
    expect(left.at(-1)).toBeLessThan(60)
  })

  it('knows the default although an earlier version has stored the other periods', async () => {
    const world = new World()
    const stored = JSON.stringify({ settled_days: 1, failed_days: 2, jobs_days: 3 })
    await env.DB.prepare(`insert into settings (name, value) values ('retention', ?1)`).bind(stored).run()
    const retention = { settled_days: 1, failed_days: 2, jobs_days: 3, audit_days: 90 }
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({ retention })
    const changed = await world.api('PATCH', '/api/settings', { retention: { settled_days: 5 } })
    expect(changed.body).toMatchObject({ retention: { ...retention, settled_days: 5 } })
  })
})
