import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, laterOffTurn, mailbox } from '../../../support/fixtures'
import { BOOK_FORM, FORM, ownerBrowser } from '../../../support/session'
import { aSource, DAY, githubPost, post, STAR } from '../../../support/sources'
import { BASE, World } from '../../../support/world'

const MINUTE = 60_000

/** The size of the database of a test, in bytes. */
async function theSize(): Promise<number> {
  const { meta } = await env.DB.prepare('select 1').all()
  return meta.size_after ?? 0
}

/** A guestbook whose database is this full, according to its limit. */
async function aWorldAt(percent: number): Promise<World> {
  const megabytes = (await theSize()) / 1_000_000 / (percent / 100)
  // On the Paid plan, every chore has its turn in every sweep.
  const world = new World({ DATABASE_LIMIT_MB: String(megabytes), FREE_PLAN: 'false' })
  // An isolate learns the size from the results of its first batch.
  await world.request('/')
  return world
}

/** Sets the limit so that the database is this full. */
async function fill(world: World, percent: number): Promise<void> {
  world.env.DATABASE_LIMIT_MB = String((await theSize()) / 1_000_000 / (percent / 100))
  await world.request('/')
}

interface Storage {
  size_bytes: number
  limit_bytes: number
  percent: number
  is_full: boolean
  measured_at: string | null
  tables: { name: string; rows: number; bytes: number; percent: number }[]
}

async function theStorage(world: World): Promise<Storage> {
  return (await world.api<Storage>('GET', '/api/storage')).body
}

function sumOf({ tables }: Storage): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0)
}

describe('the size of the database', () => {
  it('is what D1 reports, with the rows and bytes of each table after a few sweeps', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    await post(world, source.path, 'x'.repeat(2_000))
    await aComment(world, { body: 'y'.repeat(500) })
    const before = await theStorage(world)
    expect(before).toMatchObject({ measured_at: null, tables: [], limit_bytes: 500_000_000, is_full: false })
    expect(before.size_bytes).toBeGreaterThan(50_000)
    for (let i = 0; i < 13; i++) await world.sweep(laterOffTurn(i * MINUTE), 'storage')
    const after = await theStorage(world)
    expect(after.measured_at).not.toBeNull()
    const tables = Object.fromEntries(after.tables.map(({ name, ...table }) => [name, table]))
    expect(tables.comments).toMatchObject({ rows: 1 })
    expect(tables.comments?.bytes).toBeGreaterThan(500)
    expect(tables.inbound_chunks).toMatchObject({ rows: 1 })
    expect(tables.inbound_chunks?.bytes).toBeGreaterThan(2_000)
    expect(tables.attempts).toMatchObject({ rows: 0, bytes: 0 })
    expect(tables).toMatchObject({ webmentions: { rows: 0 }, import_chunks: { rows: 0 } })
    const text = await (await ownerBrowser(world)).see('/admin/storage')
    expect(text).toContain('inbound_chunks')
    // Shares of the whole database, rounded down: what is not measured has a row, too.
    const shares = [...text.matchAll(/ (\d+)% /g)].slice(-after.tables.length - 1).map(([, share]) => Number(share))
    const sorted = after.tables.toSorted((a, b) => b.bytes - a.bytes)
    expect(shares.slice(0, -1)).toEqual(sorted.map(({ bytes }) => Math.floor((bytes / after.size_bytes) * 100)))
    expect(shares.at(-1)).toBe(Math.floor((1 - sumOf(after) / after.size_bytes) * 100))
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(100)
  })

  it('is measured page by page, so that a sweep reads the same number of rows in a large table', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
       insert into attempts (endpoint_id, message_id, number, trigger, started_at, duration_ms, outcome)
       select ?1, printf('msg_%026d', i / 3), i % 3, 'auto', 1, 1, 'delivered' from n`
    )
      .bind(id)
      .run()
    world.invocations.length = 0
    for (let i = 0; i < 12; i++) await world.sweep(laterOffTurn(i * MINUTE), 'storage')
    const { tables } = await theStorage(world)
    expect(tables.find(({ name }) => name === 'attempts')).toMatchObject({ rows: 3_000 })
    expect(world.worst((seen) => seen.rowsRead)).toBeLessThan(1_500)
    world.invocations.length = 0
    await world.sweep(laterOffTurn(20 * MINUTE), 'storage')
    expect(world.worst((seen) => seen.rowsWritten)).toBe(0)
  })

  it('is measured at once if the owner asks, as far as one request can', async () => {
    const world = new World()
    await aComment(world)
    const browser = await ownerBrowser(world)
    const measure = async () => (await browser.submit('/admin/storage/measure', {})).location
    expect(await measure()).toBe('/admin/storage?done=measured')
    expect((await theStorage(world)).tables.find(({ name }) => name === 'comments')).toMatchObject({ rows: 1 })
    // The sweep has read the first tables again when the next entry comes.
    await world.sweep(laterOffTurn(7 * 60 * MINUTE), 'storage')
    await aComment(world)
    await measure()
    expect((await theStorage(world)).tables.find(({ name }) => name === 'comments')).toMatchObject({ rows: 2 })
    const { id } = await anEndpoint(world, mailbox().url())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 9000)
       insert into attempts (endpoint_id, message_id, number, trigger, started_at, duration_ms, outcome)
       select ?1, printf('msg_%026d', i / 3), i % 3, 'auto', 1, 1, 'delivered' from n`
    )
      .bind(id)
      .run()
    world.invocations.length = 0
    expect(await measure()).toBe('/admin/storage?done=measuring')
    expect(world.worst((seen) => seen.queries)).toBeLessThanOrEqual(50)
    for (let i = 0; i < 12; i++) await world.sweep(laterOffTurn(i * MINUTE), 'storage')
    expect((await theStorage(world)).tables.find(({ name }) => name === 'attempts')).toMatchObject({ rows: 9_000 })
  })
})

describe('a warning', () => {
  it('is published once at 70, 90 and 95%, and again only after the database has been emptier', async () => {
    const world = await aWorldAt(50)
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['storage.warning'] })
    const percentages = async () => (await box.received()).map(({ body }) => JSON.parse(body).data.percent)
    let minute = 0
    const sweepAt = async (percent: number) => {
      await fill(world, percent)
      await world.sweep(laterOffTurn(minute++ * MINUTE), 'storage')
      await world.drain()
    }
    await sweepAt(60)
    expect(await percentages()).toEqual([])
    for (const percent of [71, 72, 91, 89, 91, 96, 97]) await sweepAt(percent)
    expect(await percentages()).toEqual([70, 90, 95])
    for (const percent of [50, 75]) await sweepAt(percent)
    expect(await percentages()).toEqual([70, 90, 95, 70])
  })

  it('is not repeated because the owner measured the tables while it was published', async () => {
    const world = await aWorldAt(75)
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['storage.warning'] })
    const { DATABASE_LIMIT_MB } = world.env
    const other = new World({ DATABASE_LIMIT_MB, FREE_PLAN: 'false' }, world.queued)
    const browser = await ownerBrowser(other)
    const hasRead = () => other.recorder.executed.some(({ sql }) => /from sweep_state/.test(sql))
    other.recorder.executed.length = 0
    const [reached, swept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    other.recorder.gate = async () => {
      if (!hasRead()) return
      reached.resolve()
      await swept.promise
    }
    const measured = browser.submit('/admin/storage/measure', {})
    await reached.promise
    await world.sweep(laterOffTurn(0), 'storage')
    expect((await theStorage(world)).measured_at).toBe(null)
    swept.resolve()
    expect((await measured).location).toBe('/admin/storage?done=measured')
    await world.sweep(laterOffTurn(MINUTE), 'storage')
    await world.drain()
    expect(await box.received()).toHaveLength(1)
    expect((await theStorage(world)).measured_at).not.toBe(null)
  })

  it('is shown on the dashboard, with what to do', async () => {
    const world = await aWorldAt(80)
    const overview = await (await (await ownerBrowser(world)).get('/admin')).text()
    expect(overview).toMatch(/(79|80)% full.{0,200}<a href="\/admin\/storage">/s)
    const calm = await aWorldAt(50)
    expect(await (await ownerBrowser(calm)).see('/admin')).not.toContain('The database is')
  })
})

describe('at 95% of the limit', () => {
  it("refuses guests with their text kept, webhooks and registrations with 503, but not the owner's deletions", async () => {
    const roomy = new World()
    const { id } = await aComment(roomy)
    const source = await aSource(roomy, 'unsigned')
    await roomy.api('PATCH', '/api/settings', { registration: 'open' })
    const world = await aWorldAt(97)

    const form = new URLSearchParams({ name: 'Ada', body: 'What I typed' }).toString()
    const page = await world.request('/sign', { method: 'POST', headers: FORM, body: form })
    expect(page.status).toBe(503)
    expect(page.headers.get('Retry-After')).toBe('3600')
    expect(await page.text()).toContain('What I typed</textarea>')

    const api = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' }, {})
    expect(api).toMatchObject({ status: 503, body: { code: 'storage_full' } })
    const webhook = await world.request(source.path, { method: 'POST', body: '{}' })
    expect(webhook.status).toBe(503)
    expect(webhook.headers.get('Retry-After')).toBe('3600')
    const registration = new URLSearchParams({ url: mailbox().url(), event_types: 'comment.*' }).toString()
    const registered = await world.request('/webhooks', { method: 'POST', headers: FORM, body: registration })
    expect(registered.status).toBe(503)

    expect((await world.api('DELETE', `/api/comments/${id}`)).status).toBe(204)
    expect((await world.api('DELETE', `/api/sources/${source.id}`)).status).toBe(204)
    expect((await world.request('/')).status).toBe(200)
  })
})

describe("the guests' quota of a day", () => {
  it('refuses what exceeds it, keeps the text, and starts again the next day', async () => {
    const world = new World()
    expect(await world.api('PATCH', '/api/books/main', { daily_quota_mb: 1 })).toMatchObject({ status: 200 })
    await env.DB.prepare('update books set quota_day = ?, quota_bytes = 999000')
      .bind(Math.floor(Date.now() / DAY))
      .run()
    const json = { name: 'Ada', body: 'Hello' }
    const key = { 'Idempotency-Key': 'once', 'CF-Connecting-IP': '203.0.113.50' }
    const refused = await world.api('POST', '/api/comments', json, key)
    expect(refused).toMatchObject({ status: 429, body: { code: 'daily_quota' } })
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(86_400)
    const form = new URLSearchParams({ name: 'Ada', body: 'What I typed' }).toString()
    const page = await world.request('/sign', { method: 'POST', headers: FORM, body: form })
    expect(page.status).toBe(429)
    expect(await page.text()).toContain('What I typed</textarea>')
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(0)
    expect((await world.api('POST', '/api/comments', json)).status).toBe(201)

    await env.DB.prepare('update books set quota_day = quota_day - 1').run()
    expect((await world.api('POST', '/api/comments', json, key)).status).toBe(201)
    expect(await env.DB.prepare('select quota_bytes from books').first('quota_bytes')).toBeLessThan(5_000)
  })

  it('can be set on the page of the book, which rejects what is not a number', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = { ...BOOK_FORM, title: 'My book', welcome: 'Hi', daily_quota_mb: '7' }
    expect((await browser.submit('/admin/books/main', fields)).status).toBe(303)
    expect((await world.api('GET', '/api/books/main')).body).toMatchObject({ daily_quota_mb: 7 })
    for (const daily_quota_mb of ['x', '', ' ']) {
      expect((await browser.submit('/admin/books/main', { ...fields, daily_quota_mb })).status).toBe(422)
    }
    expect((await world.api('GET', '/api/books/main')).body).toMatchObject({ daily_quota_mb: 7 })
  })
})

describe("a source's quota of a day", () => {
  it('refuses what exceeds it with 429, and starts again the next day', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { daily_quota_mb: 1 })
    const half = 'x'.repeat(600_000)
    expect((await post(world, source.path, half)).status).toBe(202)
    const refused = await world.request(source.path, { method: 'POST', body: `${half}y` })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(86_400)
    expect(await refused.json()).toMatchObject({ code: 'daily_quota' })
    expect((await post(world, source.path, 'small')).status).toBe(202)
  })

  it('is known to other isolates, because each isolate adds its count to the source from time to time', async () => {
    const source = await aSource(new World(), 'unsigned', { daily_quota_mb: 1 })
    for (let i = 0; i < 3; i++) await post(new World(), source.path, `${i}`.repeat(300_000))
    const refused = await new World().request(source.path, { method: 'POST', body: 'z'.repeat(300_000) })
    expect(refused.status).toBe(429)
  })

  it('does not count repeats, which are not stored', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { daily_quota_mb: 1 })
    const body = 'x'.repeat(300_000)
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await post(world, source.path, body)).status)
    expect(statuses).toEqual([202, 200, 200, 200, 200, 200])
    expect((await post(world, source.path, `${body}y`)).status).toBe(202)
  })

  it('leaves half of itself to genuine webhooks, however many forged ones a strict source refuses', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', strict: true, daily_quota_mb: 1 })
    const refused: number[] = []
    for (let i = 0; i < 260; i++) {
      const headers = { 'X-Hub-Signature-256': 'sha256=00', 'X-GitHub-Delivery': `forged-${i}` }
      refused.push((await world.request(source.path, { method: 'POST', headers, body: `{"n":${i}}` })).status)
    }
    expect(refused[0]).toBe(401)
    expect(refused.at(-1)).toBe(429)
    expect((await githubPost(world, source.path, 'hush', STAR)).status).toBe(202)
  })

  it('leaves half of itself to genuine webhooks, however many handshakes a stranger sends', async () => {
    const world = new World()
    const source = await aSource(world, 'slack', { secret: 'hush', strict: true, daily_quota_mb: 1 })
    const send = async (challenge: string) => {
      const body = JSON.stringify({ type: 'url_verification', challenge })
      const headers = { 'Content-Type': 'application/json' }
      return (await new World().request(source.path, { method: 'POST', headers, body })).status
    }
    expect(await send('first')).toBe(200)
    await env.DB.prepare('update sources set quota_day = ?, quota_bytes = 600000')
      .bind(Math.floor(Date.now() / DAY))
      .run()
    // It is answered, but not stored.
    expect(await send('second')).toBe(200)
    expect(await env.DB.prepare('select count(*) as n from inbound_messages').first('n')).toBe(1)
  })

  it('costs no row for a small webhook', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    await post(world, source.path, '{"n":0}')
    await world.drain()
    const before = await env.DB.prepare('select quota_bytes from sources').first('quota_bytes')
    expect(before).toBe(0)
  })
})

describe('the retention form', () => {
  it('puts nothing back that was changed since it was opened', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const page = await (await browser.get('/admin/storage')).text()
    const [, seen = ''] = /name="seen" value="(\d+)"/.exec(page) ?? []
    const fields = { settled_days: '30', failed_days: '90', jobs_days: '30', audit_days: '90', seen }
    await world.api('PATCH', '/api/settings', { retention: { failed_days: 0 } })
    expect(await browser.submit('/admin/storage/retention', fields)).toMatchObject({ status: 409 })
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({ retention: { failed_days: 0 } })
    await world.api('PATCH', '/api/settings', { retention: { failed_days: 90 } })
    expect(await browser.submit('/admin/storage/retention', fields)).toMatchObject({ status: 303 })
  })

  it('saves days, and shows an error beside what was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = { settled_days: '10', failed_days: '0', jobs_days: '5', audit_days: '7' }
    expect(await browser.submit('/admin/storage/retention', fields)).toMatchObject({ status: 303 })
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({
      retention: { settled_days: 10, failed_days: 0, jobs_days: 5, audit_days: 7 },
    })
    for (const jobs_days of ['-1', '', ' ', '1e2', '0x10', '3651']) {
      const wrong = await browser.post('/admin/storage/retention', { ...fields, jobs_days })
      expect(wrong.status).toBe(422)
      const page = await wrong.text()
      const faulty = [...page.matchAll(/<input[^>]*aria-invalid[^>]*>/g)].map(
        ([input]) => /name="(\w+)"/.exec(input)?.[1]
      )
      expect(faulty).toEqual(['jobs_days'])
    }
  })
})

describe('a foreign site', () => {
  it('cannot change the retention', async () => {
    const world = new World()
    const headers = { ...FORM, Origin: 'https://other.example' }
    const body = 'settled_days=1&failed_days=1&jobs_days=1'
    expect((await world.request('/admin/storage/retention', { method: 'POST', headers, body })).status).toBe(403)
    expect(BASE).not.toBe('https://other.example')
  })
})
