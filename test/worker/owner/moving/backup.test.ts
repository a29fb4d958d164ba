import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { toBase64 } from '../../../../src/kit/lib/bytes'
import { registerReceiver } from '../../../../src/owner/dashboard/first-run/receiver'
import { PICTURES } from '../../../fixtures/pictures'
import { letPass, stopClock } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { withoutModeration } from '../../../support/session'
import { aSource, post as postTo } from '../../../support/sources'
import { BASE, World } from '../../../support/world'
import { aPage, HOUR, mention, entries as mentionEntries, passes, post } from '../../guestbook/webmentions/site'
import { exportAll, furnish, headers, KEY, type Line, restore, wipe } from './backups'
import { counts, entries, fixture, importFile, manyRows } from './imports'

const withoutHeader = (lines: Line[]) => lines.slice(1)

/** After a restore without secrets, nothing is sent to an endpoint whose URL was a secret. */
const withoutUrls = (lines: Line[]) =>
  withoutHeader(lines).map((line) => {
    const stopped = { status: 'disabled', disabled_reason: 'manual', disabled_at: expect.any(String) }
    return String(line.url).includes('hidden-') ? { ...line, ...stopped } : line
  })

describe('a backup', () => {
  it('restores the built-in receiver, which still works, is still the only one, and still causes no loop', async () => {
    const world = new World()
    const { endpoint_id, source_id } = await registerReceiver(world.env, BASE, Date.now())
    const lines = await exportAll(world, { key: KEY })
    await wipe()
    const other = new World()
    expect((await restore(other, lines, KEY)).status).toBe(200)
    await aComment(other)
    await other.drain()
    const { body } = await other.api<{ data: object[] }>('GET', '/api/inbound')
    expect(body.data).toMatchObject([{ source_id, verified: true, event_type: 'comment.published' }])
    expect(await registerReceiver(other.env, BASE, Date.now())).toEqual({ endpoint_id, source_id, isNew: false })
    expect((await other.api('PATCH', `/api/sources/${source_id}`, { act: 'publish' })).status).toBe(422)
  })

  it('that does not say who made an endpoint gives it no moderation links', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const lines = (await exportAll(world)).map(({ moderation_links, ...line }) => line)
    await wipe()
    const restored = new World()
    expect((await restore(restored, lines)).status).toBe(200)
    const { body } = await restored.api('GET', '/api/endpoints')
    expect(body).toMatchObject({ data: [{ moderation_links: false }] })
  })

  it('keeps when records were imported, so that what was deleted is not forgotten sooner', async () => {
    const record = (id: string) => ({ type: 'import_record', id, comment_id: `cmt_${'0'.repeat(26)}` })
    const now = Date.now()
    const dated = { ...record('A'.repeat(22)), imported_at: new Date(1_700_000_000_000).toISOString() }
    const lines = [{ type: 'guesthook.export', version: 1 }, dated, record('B'.repeat(22)), { type: 'end' }]
    expect((await restore(new World(), lines)).status).toBe(200)
    const { results } = await env.DB.prepare('select imported_at from imported_records order by id').all()
    expect(results[0]).toEqual({ imported_at: 1_700_000_000_000 })
    expect(Number(results[1]?.imported_at)).toBeGreaterThanOrEqual(now)
  })

  it('keeps spam, which the restored deployment does not remove as if it were old', async () => {
    const DAY = 86_400_000
    stopClock()
    const world = await withoutModeration(new World())
    const { id } = await aComment(world)
    letPass(40 * DAY)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'spam' })
    const lines = await exportAll(world)
    await wipe()
    const next = new World()
    expect((await restore(next, lines)).status).toBe(200)
    const isThere = async (days: number) => {
      await next.sweep(later(days * DAY), 'old_spam')
      return (await next.api('GET', `/api/comments/${id}`)).status === 200
    }
    expect([await isThere(1), await isThere(31)]).toEqual([true, false])
  })

  it.each([
    ['moderation links', { moderation_links: true }],
    ['another format', { format: 'slack' }],
    ['other events', { event_types: ['*'] }],
  ])('that gives the built-in receiver %s is refused', async (_, more) => {
    const world = new World()
    await registerReceiver(world.env, BASE, Date.now())
    const lines = await exportAll(world)
    await wipe()
    const forged = lines.map((line) => (line.type === 'endpoint' ? { ...line, ...more } : line))
    expect(await restore(new World(), forged)).toMatchObject({ status: 422, body: { code: 'invalid_line' } })
  })

  it('whose setting for the built-in receiver is not valid is refused', async () => {
    const { status, body } = await restore(new World(), [
      { type: 'guesthook.export', version: 1 },
      { type: 'setting', name: 'built_in_receiver', value: { endpoint_id: 7 } },
    ])
    expect([status, body.detail]).toEqual([422, expect.stringContaining('the setting')])
  })

  it('is identical after it was restored into an empty deployment', async () => {
    const world = new World()
    await furnish(world)
    const before = await exportAll(world)
    expect([...new Set(before.map(({ type }) => type))]).toEqual([
      'guesthook.export',
      'setting',
      'event_type',
      'book',
      'picture',
      'endpoint',
      'source',
      'entry',
      'webmention',
      'import_record',
      'end',
    ])
    await wipe()
    expect(await restore(new World(), before)).toMatchObject({
      status: 200,
      body: { restored: { book: 2, picture: 2, entry: 5, webmention: 1 } },
    })
    const restored = new World()
    expect(withoutHeader(await exportAll(restored))).toEqual(withoutUrls(before))
    const { body } = await restored.api<{ comment_count: number }>('GET', '/api/books/main')
    expect(body.comment_count).toBe(1)
    const page = await (await restored.request('/')).text()
    expect(page).toContain('Tom « the cat')
    const [, picture = ''] = /<img src="(\/pictures\/[^"]+)" alt="A moth"/.exec(page) ?? []
    expect(toBase64(new Uint8Array(await (await restored.request(picture)).arrayBuffer()))).toBe(PICTURES.webp)
    expect(page).toContain('Thank you, Tom!')
    expect((await restored.api('GET', '/api/event-types/order.paid')).status).toBe(200)
    const { id } = await aComment(restored)
    expect(await env.DB.prepare('select number from comments where id = ?').bind(id).first('number')).toBe(5)
  })

  it('remembers mentions: one that is sent again adds no entry, and one that was rejected does not come back', async () => {
    const world = new World()
    await withoutModeration(world)
    const shown = await aPage(post('What a place.'))
    const rejected = await aPage(post('Buy this.'))
    for (const { url } of [shown, rejected]) await mention(world, url)
    const [entry] = (await mentionEntries(world)).filter(({ mentioned_on }) => mentioned_on === rejected.url)
    await world.api('DELETE', `/api/comments/${entry?.id}`)
    const lines = await exportAll(world)
    await wipe()
    const next = new World()
    expect((await restore(next, lines)).body.restored).toMatchObject({ entry: 1, webmention: 2 })
    await passes(2 * HOUR)
    for (const { url } of [shown, rejected]) await mention(next, url)
    expect((await mentionEntries(next)).map(({ mentioned_on }) => mentioned_on)).toEqual([shown.url])
  })

  it('of an earlier version has no mentions, and can be restored', async () => {
    const world = new World()
    await furnish(world)
    const lines = (await exportAll(world)).filter(({ type }) => type !== 'webmention')
    const value = { settled_days: 1, failed_days: 2, jobs_days: 3 }
    const older = lines.map((line) => (line.name === 'retention' ? { ...line, value } : line))
    await wipe()
    const next = new World()
    expect(await restore(next, older)).toMatchObject({ status: 200, body: { restored: { entry: 5 } } })
    expect((await next.api('GET', '/api/settings')).body).toMatchObject({ retention: value })
  })

  it('of an earlier version may have a source with two fields of one name', async () => {
    const world = new World()
    await aSource(world, 'unsigned', { fields: ['a'] })
    const lines = (await exportAll(world)).map((line) =>
      line.type === 'source'
        ? {
            ...line,
            fields: [
              { name: 'a', path: 'a' },
              { name: 'a', path: 'b' },
            ],
          }
        : line
    )
    await wipe()
    expect((await restore(world, lines)).status).toBe(200)
  })

  it('that was made while guests signed has correct counts again, and no number twice', async () => {
    const world = new World()
    await importFile(world, manyRows(450))
    const signed: { id: string }[] = []
    const meanwhile = async () => {
      if (signed.length === 0) await world.api('DELETE', `/api/comments/${(await entries()).at(-1)?.id}`)
      signed.push(await aComment(world, { book: 'main' }))
    }
    const lines = await exportAll(world, { meanwhile })
    expect(signed.length).toBeGreaterThan(0)
    await wipe()
    const next = new World()
    for (let at = 0; at < lines.length; at += 300)
      expect((await restore(next, lines.slice(at, at + 300))).status).toBe(200)
    await aComment(next)
    const rows = await entries()
    expect(new Set(rows.map(({ number }) => number)).size).toBe(rows.length)
    const { comment_count, published_count } = await counts()
    expect(comment_count).toBe(Math.max(...rows.map(({ number }) => number)))
    expect(published_count).toBe(rows.filter(({ status }) => status === 'published').length)
  })

  it('may begin with a byte order mark', async () => {
    const body = '\ufeff{"type":"guesthook.export","version":1}\r\n{"type":"end"}\r\n'
    const init = { method: 'POST', headers: headers(null), body }
    expect((await new World().request('/api/restore?id=restore-1', init)).status).toBe(200)
  })

  it('contains secrets only if they are sealed, and a restored deployment signs and receives as before', async () => {
    const world = new World()
    const { endpoint, source, box } = await furnish(world)
    const plain = JSON.stringify(await exportAll(world))
    const before = await exportAll(world, { key: KEY })
    expect(before.filter(({ secrets }) => typeof secrets === 'string').map(({ type }) => type)).toEqual([
      'signing_key',
      'endpoint',
      'endpoint',
      'source',
    ])
    for (const secret of [
      endpoint.secret,
      box.name,
      'header-secret',
      'source-secret',
      source.path.slice(4),
      KEY,
      world.env.SECRETS_KEY,
    ]) {
      expect(plain).not.toContain(secret)
      expect(JSON.stringify(before)).not.toContain(secret)
    }
    const keys = await (await world.request('/.well-known/webhook-keys')).text()
    await wipe()
    // Another deployment has another key, and has made a pair of its own.
    const next = new World({ SECRETS_KEY: btoa('x'.repeat(32)) })
    await next.request('/.well-known/webhook-keys')
    expect(await restore(next, before, toBase64(new Uint8Array(32).fill(8)))).toMatchObject({
      status: 422,
      body: { code: 'invalid_line', detail: expect.stringContaining('passphrase') },
    })
    expect(await restore(next, before)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('passphrase') },
    })
    expect(await restore(next, before, KEY)).toMatchObject({ status: 200 })
    const restored = new World({ SECRETS_KEY: btoa('x'.repeat(32)) })
    expect(withoutHeader(await exportAll(restored, { key: KEY }))).toEqual(withoutHeader(before))
    expect(await tablesWith(KEY)).toEqual([])
    expect((await restored.api<{ secret: string }>('GET', `/api/endpoints/${endpoint.id}/secret`)).body.secret).toBe(
      endpoint.secret
    )
    expect((await restored.api<{ headers: object }>('GET', `/api/endpoints/${endpoint.id}`)).body.headers).toEqual({
      'X-Token': '••••••••',
    })
    expect(await (await restored.request('/.well-known/webhook-keys')).text()).toBe(keys)
    expect((await restored.api('GET', `/api/endpoints/${endpoint.id}`)).body).toMatchObject({
      url: box.url(),
      status: 'enabled',
    })
    expect((await postTo(restored, source.path, '{}')).status).toBe(202)
  })

  it('remembers what was imported: a deleted entry does not come back, and a reply does not become an entry', async () => {
    const world = new World()
    await importFile(world, fixture('wordpress.xml'))
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments?status=held')
    expect((await world.api('DELETE', `/api/comments/${body.data[0]?.id}`)).status).toBe(204)
    const lines = await exportAll(world)
    await wipe()
    const next = new World()
    expect(await restore(next, lines)).toMatchObject({ status: 200 })
    const count = () => env.DB.prepare('select count(*) as n from comments').first('n')
    const before = await count()
    const again = await importFile(next, fixture('wordpress.xml'))
    expect(again).toMatchObject({ imported: 0, skipped: { already_imported: 3 } })
    expect(await count()).toBe(before)
  })

  it('with the log contains no moderation links, not even those that earlier versions have stored', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
    const old = `json_set(payload, '$.data.moderation', json('{"approve_url":"https://x.example/moderate/mod_approve.1"}'))`
    await env.DB.prepare(`update messages set payload = ${old} where type = 'comment.held'`).run()
    const lines = await exportAll(world, { query: 'include=log' })
    const held = lines.find(({ type, event_type }) => type === 'message' && event_type === 'comment.held')
    expect(JSON.parse(String(held?.payload)).data).toMatchObject({ moderation: null })
    expect(JSON.stringify(lines)).not.toContain('mod_approve')
  })

  it('without secrets gives endpoints and sources new ones', async () => {
    const world = new World()
    const { endpoint, source } = await furnish(world)
    const before = await exportAll(world)
    await wipe()
    const restored = new World()
    await restore(restored, before)
    const { body } = await restored.api<{ secret: string }>('GET', `/api/endpoints/${endpoint.id}/secret`)
    expect(body.secret).toMatch(/^whsec_/)
    expect(body.secret).not.toBe(endpoint.secret)
    expect((await postTo(restored, source.path, '{}')).status).toBe(404)
    expect((await restored.api('GET', `/api/sources/${source.id}`)).body).toMatchObject({
      url: expect.stringContaining('/in/'),
    })
  })

  it('without secrets disables an endpoint that needs a header, and with them does not', async () => {
    const world = new World()
    const url = 'https://matrix.example/_matrix/client/v3/rooms/!room:matrix.example'
    await anEndpoint(world, url, { format: 'matrix', headers: { Authorization: 'Bearer x' } })
    const backups = [
      { key: null, lines: await exportAll(world), status: 'disabled' },
      { key: KEY, lines: await exportAll(world, { key: KEY }), status: 'enabled' },
    ]
    for (const { key, lines, status } of backups) {
      await wipe()
      const next = new World()
      expect((await restore(next, lines, key)).status).toBe(200)
      expect((await next.api('GET', '/api/endpoints')).body).toMatchObject({ data: [{ status }] })
    }
  })

  it('goes on after it was interrupted, and is refused in a deployment that is not empty', async () => {
    const world = new World()
    await furnish(world)
    const before = await exportAll(world)
    expect(await restore(world, before)).toMatchObject({ status: 409, body: { code: 'not_empty' } })
    await wipe()
    const next = new World()
    await restore(next, before.slice(0, 6))
    expect(await restore(next, before, null, 'another-1')).toMatchObject({ status: 409 })
    await restore(next, before.slice(0, 9))
    await restore(next, before.slice(6))
    expect(withoutHeader(await exportAll(next))).toEqual(withoutUrls(before))
    // If the response to the last line is lost, the script sends it again.
    expect(await restore(next, before.slice(-1))).toMatchObject({ status: 200 })
    expect(await restore(next, before.slice(-1), null, 'another-1')).toMatchObject({ status: 409 })
    expect(await restore(next, before)).toMatchObject({ status: 409 })
  })

  it.each([
    ['no JSON', 'x', 'line of an export'],
    ['a newer version', { type: 'guesthook.export', version: 2 }, 'newer version'],
    [
      'a book with foreign styles',
      {
        type: 'book',
        slug: 'a',
        title: 'a',
        settings: { css: 'a{background:url(x)}' },
        comment_count: 0,
        published_count: 0,
        created_at: 1,
      },
      'Line 1',
    ],
    ['an entry without a list of answers', { type: 'entry', id: 'cmt_1', answers: 'x', extra: {} }, 'the entry'],
    ['a value that is no text', { type: 'entry', id: { a: 1 } }, '("id")'],
    ['an unknown provider', { type: 'source', id: 'src_1', provider: 'nobody', options: {} }, 'the source'],
    [
      'nothing else of what is needed',
      { type: 'source', id: 'src_1', provider: 'unsigned', options: {} },
      'the source',
    ],
    [
      'an unknown format',
      { type: 'endpoint', id: 'ep_1', event_types: ['*'], books: null, format: 'x' },
      'the endpoint',
    ],
  ])('with %s is refused, and nothing of the part is written', async (_, line, why) => {
    const world = new World()
    const text = typeof line === 'string' ? line : JSON.stringify(line)
    const init = {
      method: 'POST',
      headers: headers(null),
      body: `{"type":"book","slug":"b","title":"b","settings":{},"comment_count":0,"published_count":0,"created_at":1}\n${text}`,
    }
    const response = await world.request('/api/restore?id=restore-1', init)
    expect(response.status).toBe(422)
    expect(await response.text()).toContain(why.replaceAll('"', '\\"'))
    expect((await world.api('GET', '/api/books/b')).status).toBe(404)
  })
})

describe('an export', () => {
  it('comes in parts that stay within the limits of the Free plan', async () => {
    const world = new World()
    await importFile(world, manyRows(450))
    world.invocations.length = 0
    const lines = await exportAll(world)
    expect(lines.filter(({ type }) => type === 'entry')).toHaveLength(450)
    expect(new Set(lines.filter(({ type }) => type === 'entry').map(({ id }) => id)).size).toBe(450)
    expect(world.invocations.length).toBeGreaterThanOrEqual(3)
    for (const { counts } of world.invocations) {
      expect(counts.queries).toBeLessThanOrEqual(12)
      expect(counts.rowsRead).toBeLessThanOrEqual(300)
    }
  })

  it('has the log if it is asked for, and the log is not restored', async () => {
    const world = new World()
    const { source } = await furnish(world)
    await aComment(world)
    await postTo(world, source.path, '{}')
    await world.drain()
    const lines = await exportAll(world, { query: 'include=log' })
    const types = new Set(lines.map(({ type }) => type))
    expect(['message', 'delivery', 'inbound'].filter((type) => types.has(type))).toEqual([
      'message',
      'delivery',
      'inbound',
    ])
    await wipe()
    expect(await restore(new World(), lines)).toMatchObject({ status: 200 })
    expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(0)
  })

  it('has no ban by network, because its key helps to find addresses', async () => {
    const world = new World()
    const bans = [
      { id: 'ban_1', by: 'visitor', value: 'hash-of-a-network', until: null, key: 'key-of-a-day' },
      { id: 'ban_2', by: 'name', value: 'Troll', until: null },
    ]
    await env.DB.prepare("update books set settings = json_object('bans', json(?))").bind(JSON.stringify(bans)).run()
    const lines = JSON.stringify(await exportAll(world))
    expect(lines).toContain('Troll')
    expect(lines).not.toMatch(/hash-of-a-network|key-of-a-day/)
  })

  it('leaves out what the owner has deleted', async () => {
    const world = new World()
    const { endpoint } = await furnish(world)
    await world.api('DELETE', '/api/books/old?confirm=old')
    await world.api('DELETE', `/api/endpoints/${endpoint.id}`)
    const lines = await exportAll(world)
    expect(JSON.stringify(lines)).not.toContain('Zoë')
    expect(lines.filter(({ type }) => type === 'endpoint')).toHaveLength(1)
    expect(lines.filter(({ type }) => type === 'book')).toHaveLength(1)
  })

  it('can be imported into a book of a deployment that is in use', async () => {
    const world = new World()
    await furnish(world)
    const lines = await exportAll(world)
    const file = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    expect(await importFile(world, file)).toMatchObject({
      format: 'guesthook',
      imported: 0,
      skipped: { already_imported: 5 },
    })
    await wipe()
    const next = new World()
    expect(await importFile(next, file)).toMatchObject({ imported: 5 })
    await next.sweep(later(60_000))
    const again = (await exportAll(next)).filter(({ type }) => type === 'entry')
    const numbers = { number: 0, book: '', reason: null, status: '' }
    const shown = (line: Line) => ({ ...line, ...numbers })
    expect(again.map(shown)).toEqual(lines.filter(({ type }) => type === 'entry').map(shown))
  })

  it('is only for the owner, and a key is checked', async () => {
    const world = new World()
    expect((await world.request('/api/export')).status).toBe(401)
    expect((await world.request('/api/restore?id=restore-1', { method: 'POST' })).status).toBe(401)
    expect((await world.request('/api/export', { headers: headers('short') })).status).toBe(422)
    expect((await world.request('/api/export?cursor=x', { headers: headers(null) })).status).toBe(400)
    expect((await world.request('/api/export?cursor=["entry"]', { headers: headers(null) })).status).toBe(400)
  })
})
