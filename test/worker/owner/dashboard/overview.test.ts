import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { noAttempts, noFigures } from '../../../../src/owner/rules/stats/figures'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf, signAsGuest, withModeration } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { World } from '../../../support/world'

const ALL_WELL = /All is well/
const IN_A_ROW = /\d failures in a row/

/** @returns the part of the overview that says what needs the owner, as text */
async function needs(world: World): Promise<string> {
  const text = await (await ownerBrowser(world)).see('/admin')
  return text.slice(text.indexOf('Needs your attention'), text.indexOf('Latest activity'))
}

/** @returns the rows of the latest activity, as HTML */
async function activityRows(world: World): Promise<string[]> {
  const html = await (await (await ownerBrowser(world)).get('/admin')).text()
  return html.slice(html.indexOf('id="activity"'), html.indexOf('id="charts"')).split('<tr>').slice(2)
}

describe('the overview', () => {
  it('says that all is well in a new guestbook, and teaches where to begin', async () => {
    const world = new World()
    expect(await needs(world)).toMatch(ALL_WELL)
    const text = await (await ownerBrowser(world)).see('/admin')
    expect(text).toMatch(/No entries/)
    expect(text).toContain('First steps')
    expect(text).toContain('Nothing yet')
  })

  it('says what needs the owner: entries that wait, endpoints that fail, webhooks that failed, and a backlog', async () => {
    const world = await withModeration(new World())
    await signAsGuest(world, { name: 'Ada' })
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    for (let i = 0; i < 6; i++) await world.api('POST', '/api/messages', { type: 'order.paid', data: {} })
    await world.drain()
    const source = await aSource(world, 'github', { secret: 'hush' })
    await post(world, source.path, '{}')
    await world.drain()
    await env.DB.prepare(`update deliveries set next_attempt_at = 1 where next_attempt_at is not null`).run()
    const text = await needs(world)
    expect(text).toMatch(/1 entry [^.]*approval/)
    expect(text).toMatch(IN_A_ROW)
    expect(text).toMatch(/deliver(y|ies) waits?\b/)
    expect(text).toMatch(/only request failed/)
    expect(text).toMatch(/4 webhooks are more than [^.]*late/)
    expect(text).not.toMatch(ALL_WELL)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await needs(world)).not.toMatch(IN_A_ROW)
  })

  it('says how often an endpoint works that is down at the moment', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    for (let i = 0; i < 6; i++) await world.api('POST', '/api/messages', { type: 'order.paid', data: {} })
    await world.drain()
    expect(await needs(world)).not.toContain('%')
    const start = Math.floor(Date.now() / 3_600_000) * 3_600_000
    const attempts = { ...noAttempts(), outcomes: { ...noAttempts().outcomes, delivered: 1, refused: 2 } }
    await env.DB.prepare(`insert into rollups (span, start, counted_to, figures) values ('hour', ?, ?, ?)`)
      .bind(start, start, JSON.stringify({ ...noFigures(), endpoints: { [id]: attempts } }))
      .run()
    expect(await needs(world)).toContain('33% succeeded in 24 hours')
  })

  it('says why an endpoint fails, and has the button that helps', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    await aComment(world)
    await world.drain()
    await env.DB.prepare(
      `update attempts set response_excerpt = 'relation "contacts" does not exist' || char(10)`
    ).run()
    expect(await needs(world)).toMatch(/500: relation "contacts" does not exist.*Try now/)
    await env.DB.prepare(`update endpoints set status = 'disabled', disabled_reason = 'gone', disabled_at = 1`).run()
    expect(await needs(world)).toMatch(/410 Gone.*Enable/)
    const { get, see, submit } = await ownerBrowser(world)
    const [, page = ''] = /href="([^"]*)#health"/.exec(await (await get('/admin')).text()) ?? []
    expect(await see(page)).toMatch(/Also replay \d+ messages?|has not missed/)
    expect((await submit(`/admin/endpoints/${id}/enable`, {})).status).toBe(303)
    expect(await needs(world)).not.toContain('Enable')
  })

  it('shows four endpoints that fail, and says how many more there are if it is not one', async () => {
    const world = new World()
    for (let i = 0; i < 7; i++) await anEndpoint(world, mailbox().url(), { description: `Program ${i}` })
    await env.DB.prepare(`update endpoints set failing_since = 1, consecutive_failures = 3`).run()
    const text = await needs(world)
    expect(text.match(/Program \d/g)).toHaveLength(4)
    expect(text).toMatch(/3 more endpoints need\b/)
    const well = `update endpoints set failing_since = null where id in (select id from endpoints limit ?)`
    await env.DB.prepare(well).bind(2).run()
    // A row for one more would take as much room as the endpoint.
    const five = await needs(world)
    expect([five.match(/Program \d/g)?.length, five.includes('more endpoint')]).toEqual([5, false])
  })

  it('shows the endpoints that are down before those that are only tried again, and those before disabled ones', async () => {
    const world = new World()
    for (const description of ['Down A', 'Tried', 'Down B', 'Down C']) {
      await anEndpoint(world, mailbox().url(), { description })
    }
    await env.DB.prepare(`update endpoints set failing_since = 1, consecutive_failures = 3`).run()
    await env.DB.prepare(`update endpoints set breaker = 'open' where description like 'Down%'`).run()
    for (let i = 0; i < 3; i++) await anEndpoint(world, mailbox().url(), { description: `Gone ${i}` })
    await env.DB.prepare(
      `update endpoints set status = 'disabled', disabled_reason = 'gone' where description like 'Gone%'`
    ).run()
    const shown = async () => (await needs(world)).match(/Down|Tried|Gone(?= \d)/g)
    expect(await shown()).toEqual(['Down', 'Down', 'Down', 'Tried'])
    // Of those that are down, the ones that have failed the longest.
    await env.DB.prepare(`update endpoints set failing_since = 2, breaker = 'open' where description <> 'Down A'`).run()
    await env.DB.prepare(`update endpoints set status = 'enabled' where description like 'Gone%'`).run()
    expect(await needs(world)).toContain('Down A')
    await env.DB.prepare(`update endpoints set breaker = 'closed' where description = 'Tried'`).run()
    await env.DB.prepare(`update endpoints set status = 'disabled' where description like 'Gone%'`).run()
    await env.DB.prepare(`update endpoints set failing_since = null where description like 'Down%'`).run()
    expect(await shown()).toEqual(['Tried', 'Gone', 'Gone', 'Gone'])
    expect(await needs(world)).not.toContain('more endpoint')
  })

  it('shows an endpoint that is down, below one row for all that strangers have registered since', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url(), { description: 'Old and down' })
    await env.DB.prepare(
      `update endpoints set failing_since = 1, consecutive_failures = 9, breaker = 'open', resume_at = 1`
    ).run()
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 20)
       insert into endpoints (id, status, disabled_reason, url, event_types, created_at, updated_at, secrets)
       select printf('ep_7ZZ%023d', i), 'disabled', 'awaiting_approval', 'https://example.com/', '["*"]', 1, 1, '' from n`
    ).run()
    const text = await needs(world)
    expect(text).toMatch(/awaiting approval.*example\.com.*More endpoints wait.*Review.*Old and down.*Try now/s)
    expect(text.match(/Old and down/g)).toHaveLength(1)
    expect(text.match(/Review/g)).toHaveLength(1)
  })

  it('says which source fails, why, how often and since when, until a request of it succeeds', async () => {
    const world = new World()
    const hub = await aSource(world, 'github', { name: 'Hub', secret: 'hush' })
    const other = await aSource(world, 'github', { name: 'Other', secret: 'hush' })
    const wrong = { 'X-Hub-Signature-256': 'sha256=00' }
    await world.api('POST', `/api/sources/${other.id}/sample`)
    await world.drain()
    await env.DB.prepare('update inbound_messages set sample_key = null').run()
    await post(world, other.path, '{}', wrong)
    await world.drain()
    // One failure after a success may be an accident.
    expect(await needs(world)).not.toContain('failing')
    await post(world, hub.path, '{"n":1}', wrong)
    await world.drain()
    expect(await needs(world)).toMatch(/failing Hub.*only request failed/)
    await post(world, hub.path, '{"n":2}', wrong)
    await world.drain()
    const text = await needs(world)
    expect(text).toMatch(/failing Hub.*signature mismatch.*2 requests failed, the first.*Open the source/s)
    expect(text).not.toMatch(/Other.*Open the source/s)
    expect(text).toMatch(/1 request of other sources failed/)
    const html = await (await (await ownerBrowser(world)).get('/admin')).text()
    for (const href of [`/admin/sources/${hub.id}`, `/admin/inbound?source=${hub.id}&amp;status=failed`])
      expect(html).toContain(`href="${href}`)
    await env.DB.prepare('delete from inbound_messages where source_id = ?').bind(other.id).run()
    expect(await needs(world)).not.toContain('of other sources')
    await world.api('PATCH', `/api/sources/${hub.id}`, { status: 'paused' })
    expect(await needs(world)).not.toContain('Open the source')
    await world.api('PATCH', `/api/sources/${hub.id}`, { status: 'active' })
    await env.DB.prepare(
      `update inbound_messages set status = 'processed' where id = (select max(id) from inbound_messages)`
    ).run()
    expect(await needs(world)).not.toContain('Open the source')
  })

  it('names a source whose only request failed after a sample that succeeded, with the reason of the request', async () => {
    const world = new World()
    const hub = await aSource(world, 'github', { name: 'Hub', secret: 'hush' })
    await world.api('POST', `/api/sources/${hub.id}/sample`)
    await post(world, hub.path, '{}', { 'X-Hub-Signature-256': 'sha256=00' })
    await world.api('POST', `/api/sources/${hub.id}/sample`)
    await world.drain()
    await env.DB.prepare(
      `update inbound_messages set status = 'failed', reason = 'sampled' where id = (select max(id) from inbound_messages)`
    ).run()
    const text = await needs(world)
    expect(text).toMatch(/failing Hub signature mismatch The only request failed just now/)
    expect(text).not.toMatch(/sampled|first of them/)
  })

  it('names a source that fails while others are busy, and after a sample, which shows nothing about its sender', async () => {
    const world = new World()
    const hub = await aSource(world, 'github', { name: 'Hub', secret: 'hush' })
    for (let n = 0; n < 3; n++) await post(world, hub.path, `{"n":${n}}`, { 'X-Hub-Signature-256': 'sha256=00' })
    await world.api('POST', `/api/sources/${hub.id}/sample`)
    const busy = await aSource(world, 'unsigned', { name: 'Busy' })
    for (let n = 0; n < 12; n++) await post(world, busy.path, `{"n":${n}}`)
    await world.drain()
    expect(await needs(world)).toMatch(/failing Hub.*last 3 requests failed/s)
    const { see } = await ownerBrowser(world)
    expect(await see('/admin/sources')).toContain('! failing')
    expect(await see(`/admin/sources/${hub.id}`)).toMatch(/! failing.*3 of 4 requests failed/s)
    const mac = createHmac('sha256', 'hush').update('{}').digest('hex')
    await post(world, hub.path, '{}', { 'X-Hub-Signature-256': `sha256=${mac}` })
    await world.drain()
    expect(await needs(world)).not.toContain('failing')
  })

  it('shows the words of an entry without its marks', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { markup: true })
    await aComment(world, { body: 'I counted *seven* under\nthe `<lamp>`' })
    expect(await (await ownerBrowser(world)).see('/admin')).toContain('I counted seven under the &lt;lamp&gt;')
  })

  it('reads all books in one query in a new isolate, however many of its entries are shown', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old' })
    for (const book of ['main', 'old', 'main', 'old']) await aComment(world, { book })
    const other = new World()
    const browser = await ownerBrowser(other)
    other.recorder.executed.length = 0
    expect(await browser.see('/admin')).toMatch(/(Ada signed.*){4}/)
    const read = other.recorder.executed.filter(({ sql }) => /from books where slug (=|in) /.test(sql))
    // The first steps ask for the demo.
    expect(read.map(({ params }) => params[0])).toEqual(
      expect.toSatisfy((all) => all.length === 2 && all.includes('demo'))
    )
  })

  it('counts a receiver that only asks for pauses, until it accepts something', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url('status/429'))
    await aComment(world)
    await world.drain()
    expect(await needs(world)).toMatch(/paused by the receiver.*429/)
    await env.DB.prepare(`update attempts set outcome = 'delivered'`).run()
    expect(await needs(world)).toMatch(ALL_WELL)
  })

  it('has one row for an entry and what it caused, without the built-in receiver', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/first-steps/receiver', { from: 'overview' })
    await anEndpoint(world, mailbox().url())
    await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world, { name: 'Fern of the Fen' })
    await world.drain()
    const html = await (await browser.get('/admin')).text()
    const activity = html.slice(html.indexOf('id="activity"'), html.indexOf('id="charts"'))
    expect(activity.match(/<tr>/g)).toHaveLength(2)
    expect(activity).toMatch(/Fern of the Fen.*href="\/admin\/messages\/msg_\w+">event<.* 1 delivered.* 1 failing/s)
  })

  it('shows the state of an entry only where its latest act stands', async () => {
    const world = await withModeration(new World())
    await anEndpoint(world, mailbox().url())
    const { id } = await aComment(world, { name: 'Yuki' })
    // The events about the newest entries have no rows of their own.
    for (let i = 0; i < 8; i++) await aComment(world)
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (const status of ['hidden', 'published', 'held']) await world.api('PATCH', `/api/comments/${id}`, { status })
    const rows = (await activityRows(world)).filter((row) => row.includes('Yuki'))
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.map((row) => row.includes('waits for approval'))).toEqual(rows.map((_, i) => i === 0))
  })

  it('has one row for news that read the same, without how the news itself was delivered', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const data = { endpoint: { description: 'Search index' } }
    for (let i = 0; i < 3; i++) await world.api('POST', '/api/messages', { type: 'order.paid', data })
    await world.drain()
    await env.DB.prepare(`update messages set type = 'delivery.failed'`).run()
    const html = await (await (await ownerBrowser(world)).get('/admin')).text()
    const activity = html.slice(html.indexOf('id="activity"'), html.indexOf('id="charts"'))
    expect(activity.match(/Search index/g)).toHaveLength(1)
    expect(activity).toContain('(3 times)')
    expect(activity).not.toContain('delivered')
  })

  it('shows what happened before an endpoint came and went many times, and before many requests that are alike', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await aComment(world, { name: 'Before' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (let i = 0; i < 9; i++) await world.api('POST', '/api/messages', { type: 'order.paid', data: { n: i } })
    const seen = async () => (await activityRows(world)).some((row) => row.includes('Before'))
    expect(await seen()).toBe(false)
    await env.DB.prepare(`update messages set type = 'endpoint.recovered' where type = 'order.paid'`).run()
    expect(await seen()).toBe(true)
    const source = await aSource(world, 'unsigned', { name: 'Pinger' })
    for (let i = 0; i < 9; i++) await post(world, source.path, '{"title":"ping"}')
    expect(await seen()).toBe(true)
  })

  it('has one row for requests of a source that failed for the same reason, and for those that read the same', async () => {
    const world = new World()
    for (let i = 0; i < 5; i++) await aComment(world, { name: `Guest ${i}` })
    for (const name of ['Forged', 'Other']) {
      const source = await aSource(world, 'github', { name, secret: 'hush' })
      for (const event of ['star', 'push']) {
        await post(world, source.path, `{"event":"${event}"}`, {
          'X-GitHub-Event': event,
          'X-Hub-Signature-256': 'sha256=00',
        })
      }
    }
    await world.drain()
    const [latest = '', before = '', ...others] = await activityRows(world)
    expect(latest).toMatch(/push.*and 1 more.*from.*Other.*failed.*signature mismatch/s)
    expect(before).toMatch(/push.*and 1 more.*from.*Forged/s)
    expect(others.join()).not.toMatch(/Forged|Other/)
    expect(others.filter((row) => row.includes('Guest'))).toHaveLength(5)
    await env.DB.prepare(`update inbound_messages set status = 'processed', reason = null`).run()
    expect((await activityRows(world)).filter((row) => /Forged|Other/.test(row))).toHaveLength(4)
  })

  it('has bars that lead to the list behind them', async () => {
    const world = new World()
    await aComment(world)
    const start = Math.floor(Date.now() / 3_600_000) * 3_600_000
    await env.DB.prepare(`insert into rollups (span, start, counted_to, figures) values ('hour', ?, ?, ?)`)
      .bind(start, start, JSON.stringify({ ...noFigures(), entries: { published: 1, held: 2, hidden: 0, spam: 0 } }))
      .run()
    const { get } = await ownerBrowser(world)
    const html = await (await get('/admin')).text()
    const [, href = ''] = /class="bars".*?<a href="([^"]*)"/s.exec(html) ?? []
    expect(href).toMatch(/^\/admin\/comments\?/)
    expect((await get(href.replaceAll('&amp;', '&'))).status).toBe(200)
    // The list shows what has become of the entries since then.
    expect(html).toMatch(/class="tip">[^<]*: 1 published, 2 waited when signed/)
    expect(partOf(html, 'class="chart"')).toMatch(/a few minutes after it/)
  })

  it('shows figures of the range that was chosen, and 24 hours for any other', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    for (const [query, shown] of [
      ['?range=7d', '7 days'],
      ['?range=x', '24 hours'],
    ] as const) {
      const html = await (await browser.get(`/admin${query}`)).text()
      expect(html).toMatch(new RegExp(`aria-current="true">${shown}`))
    }
  })

  it('says until when it has counted while it catches up, and estimates no limits until then', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin')).not.toContain('do not include page views')
    await countedTo(Date.now() - 3 * 86_400_000)
    const behind = await browser.see('/admin')
    expect(behind).toMatch(/until [^.]+ UTC,? [^.]*catching up/)
    expect(behind).not.toMatch(/cron|sweep/)
    expect(behind).not.toContain('do not include page views')
    await countedTo(Date.now() - 8 * 60_000)
    const done = await browser.see('/admin')
    expect(done).not.toContain('catching up')
    expect(done).toContain('do not include page views')
  })

  it('says how many deliveries wait, as the page of the endpoint does', async () => {
    const world = new World()
    await crowd()
    const { see } = await ownerBrowser(world)
    const id = `ep_01K${String(3_000).padStart(23, '0')}`
    expect(await needs(world)).toMatch(new RegExp(`\\b${PARKED} deliveries wait`))
    expect(await see(`/admin/endpoints/${id}`)).toContain(`${PARKED} deliveries wait`)
  })

  it('says how much one network has stored of its own limit, or all guests of the limit of the book', async () => {
    const world = new World()
    const today = Math.floor(Date.now() / 86_400_000)
    const use = (bytes: number, shares: Record<string, number>) =>
      env.DB.prepare('update books set quota_day = ?, quota_bytes = ?, shares = ?')
        .bind(today, bytes, JSON.stringify(shares))
        .run()
    // Registrations and tests are no part of what the book counts.
    await use(5_000, { a: 90_000 })
    expect(await needs(world)).toMatch(/One network has stored 90 kB of its 150 kB [^:]*registrations and tests/i)
    expect(await needs(world)).not.toMatch(/5 kB of|5 MB/)
    await use(5_000, { a: 200_000 })
    expect(await needs(world)).toContain('150 kB of its 150 kB')
    await use(2_600_000, { a: 90_000, b: 2 })
    expect(await needs(world)).toMatch(/Guests have stored 2.6 MB of 5 MB [^:]*2 networks/)
    expect(await needs(world)).not.toMatch(/90 kB/)
    await use(5_000, { a: 5_000 })
    expect(await needs(world)).toMatch(ALL_WELL)
  })

  it('leads to a book in which an entry waits', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'friends', title: 'Friends' })
    await withModeration(world, 'friends')
    await signAsGuest(world, { name: 'Grace' }, { path: '/b/friends/sign' })
    const { get } = await ownerBrowser(world)
    const html = await (await get('/admin')).text()
    const [, href = ''] = /href="([^"]*)"[^>]*>\s*Review/.exec(html) ?? []
    expect(await (await get(href.replaceAll('&amp;', '&'))).text()).toContain('Grace')
  })

  it('reads at most 400 rows, and those that it counts for four endpoints, however much there is', async () => {
    const world = new World()
    await crowd()
    const { cookie } = await ownerBrowser(world)
    for (const range of ['24h', '7d', '30d']) {
      world.invocations.length = 0
      expect((await world.request(`/admin?range=${range}`, { headers: cookie })).status).toBe(200)
      const read = world.invocations[0]?.counts.rowsRead ?? 0
      console.log(`budget  overview ${range}: ${read} rows read (<= 400, and ${4 * PARKED} that wait)`)
      expect(read).toBeLessThanOrEqual(400 + 4 * PARKED)
    }
  })
})

async function countedTo(time: number): Promise<void> {
  await env.DB.prepare(`insert or replace into rollups (span, start, counted_to, figures) values ('total', 0, ?, ?)`)
    .bind(time, JSON.stringify({ entries: {}, inbound: {}, endpoints: {} }))
    .run()
}

/** How many deliveries wait for each of the endpoints that are shown. */
const PARKED = 300

/** Much of everything: entries that wait, endpoints that fail with parked deliveries, webhooks that failed, figures. */
async function crowd(): Promise<void> {
  const n = 'with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000)'
  const many = (sql: string) => env.DB.prepare(sql.replace(';n', `${n} `)).run()
  const late = Date.now() - 3_600_000
  const attempts = JSON.stringify({ outcomes: zeros, latency: Array(15).fill(1), duration_ms: 9 })
  await many(`insert into comments (id, book, number, status, created_at, name, body)
    select * from (;n select 'cmt_' || printf('01K%023d', i), 'main', i, 'held', ${late}, 'a', 'b' from n)`)
  await many(`insert into messages (id, type, created_at, payload)
    select * from (;n select 'msg_' || printf('01K%023d', i), 'ping', ${late}, '{}' from n)`)
  await many(`insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets, failing_since, consecutive_failures, breaker, resume_at)
    select * from (;n select 'ep_' || printf('01K%023d', i), 'enabled', 'https://example.com/' || i, '["*"]', 1, 1, '', ${late}, 9, 'open', -i from n)`)
  await many(`insert into deliveries (endpoint_id, message_id, status, next_attempt_at)
    select * from (;n select 'ep_' || printf('01K%023d', 3000 - i % 10), 'msg_' || printf('01K%023d', i), 'pending', iif(i % 10 < 5, null, ${late}) from n)`)
  await many(`insert into sources (id, status, provider, name, act, retention_days, created_at, updated_at, secrets)
    values ('src_1', 'active', 'github', 'G', 'keep', 30, 1, 1, '')`)
  await many(`insert into inbound_messages (id, source_id, status, method, size, received_at, next_attempt_at, fingerprint, origin, query, headers)
    select * from (;n select 'in_' || printf('0ZZ%023d', i), 'src_1', 'failed', 'POST', 1, ${late}, ${late}, i, '', '', '{}' from n)`)
  for (const [span, length] of [
    ['hour', 3_600_000],
    ['quarter', 21_600_000],
    ['day', 86_400_000],
  ] as const) {
    const endpoints = `(select json_group_object('ep_' || printf('01K%023d', i), json('${attempts}')) from n where i <= 50)`
    await many(`insert into rollups (span, start, counted_to, figures)
      select * from (;n select '${span}', (${Math.floor(Date.now() / length)} - i + 1) * ${length}, 1,
        json_object('entries', json('{"published":1,"held":1,"hidden":1,"spam":1}'),
          'inbound', json('{"processed":1,"failed":1,"new":1}'), 'endpoints', json(${endpoints}))
      from n where i <= 60)`)
  }
}
const zeros = { delivered: 1, refused: 1, timed_out: 0, unreachable: 0, blocked: 0 }
