import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { outcomesOf } from '../../../../src/webhooks/send/messages/list-messages'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { latestMessageId, theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

interface Listed {
  data: { id: string; type: string; outcome: Record<string, number> | null }[]
  next: string | null
}

async function list(world: World, query: string): Promise<Listed> {
  const { status, body } = await world.api<Listed>('GET', `/api/messages?${query}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

async function publish(world: World, type: string, data: object = {}): Promise<string> {
  const { body } = await world.api<{ id: string }>('POST', '/api/messages', { type, data })
  await world.drain()
  return body.id
}

/** Copies the row of a deleted endpoint, as if many more had been registered and deleted since. */
async function deletedSince(id: string, count: number): Promise<void> {
  const { results } = await env.DB.prepare(`select name from pragma_table_info('endpoints') where name <> 'id'`).all()
  const columns = results.map(({ name }) => `"${name}"`)
  await env.DB.prepare(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
     insert into endpoints (id, ${columns}) select 'ep_7ZZZZZZZZZ' || printf('%016d', i), ${columns}
     from endpoints, n where id = ?2`
  )
    .bind(count, id)
    .run()
}

describe('the list of messages', () => {
  it('count a delivery once, even if two rows of the overview have its event', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const id = await publish(world, 'order.paid')
    expect((await outcomesOf(env, [{ id }, { id }]))?.get(id)).toHaveLength(1)
  })

  it('says what became of each message', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url(), { event_types: ['order.*'] })
    await anEndpoint(world, mailbox().url('status/500'), { event_types: ['order.paid'] })
    const gone = await anEndpoint(world, mailbox().url('status/410'), { event_types: ['order.lost'] })
    for (const type of ['order.paid', 'order.lost', 'other.type']) await publish(world, type)
    const { data } = await list(world, '')
    const outcomes = Object.fromEntries(data.map(({ type, outcome }) => [type, outcome]))
    expect(outcomes['order.paid']).toEqual({ delivered: 1, failed: 0, pending: 1, canceled: 0 })
    expect(outcomes['order.lost']).toEqual({ delivered: 1, failed: 1, pending: 0, canceled: 0 })
    expect(outcomes['other.type']).toEqual({ delivered: 0, failed: 0, pending: 0, canceled: 0 })
    const page = await (await ownerBrowser(world)).see('/admin/messages')
    expect(page).toMatch(/order\.paid .*✓ 1 delivered ! 1 failing/)
    expect(page).toMatch(/order\.lost .*✓ 1 delivered ✕ 1 failed/)
    expect(page).toContain('no endpoint')
    await world.api('DELETE', `/api/endpoints/${gone.id}`)
    expect((await list(world, 'type=order.lost')).data[0]?.outcome).toMatchObject({ delivered: 1, failed: 1 })
  })

  it('says what became of messages, and finds failed ones, no matter how many endpoints were deleted', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await anEndpoint(world, mailbox().url('status/410'))
    const before = await anEndpoint(world, mailbox().url())
    const id = await publish(world, 'order.lost')
    await world.api('DELETE', `/api/endpoints/${before.id}`)
    const outcome = async (query: string) => (await list(world, query)).data.find((one) => one.id === id)?.outcome
    const expected = { delivered: 2, failed: 1, pending: 0, canceled: 0 }
    expect([await outcome(''), await outcome('state=failed')]).toEqual([expected, expected])
    await deletedSince(before.id, 60)
    // What went to a deleted endpoint counts as long as there is a place for it.
    const without = { delivered: 1, failed: 1, pending: 0, canceled: 0 }
    expect([await outcome(''), await outcome('state=failed')]).toEqual([without, without])
    const { see } = await ownerBrowser(world)
    expect(await see('/admin/messages?state=failed')).toMatch(/order\.lost .*✓ 1 delivered ✕ 1 failed/)
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(200)
  })

  it('does not say what became of messages if more than 25 endpoints exist', async () => {
    const world = new World()
    for (let i = 0; i < 25; i++) await anEndpoint(world, mailbox().url(), { event_types: ['nothing'] })
    await publish(world, 'order.paid')
    expect((await list(world, '')).data[0]?.outcome).toMatchObject({ delivered: 0 })
    await anEndpoint(world, mailbox().url(), { event_types: ['nothing'] })
    expect((await list(world, '')).data[0]?.outcome).toBeNull()
  })

  it('says in words what each event is about, and leaves out the built-in receiver', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/first-steps/receiver', { from: 'overview' })
    await aComment(world, { name: 'Fern of the Fen' })
    await world.drain()
    expect(await browser.see('/admin/messages')).toMatch(/Fern of the Fen signed .*1 delivered/)
    await anEndpoint(world, mailbox().url())
    await aComment(world, { name: 'Moss' })
    await world.drain()
    expect(await browser.see('/admin/messages')).toMatch(/Moss signed .*1 delivered/)
    const html = await (await browser.get(`/admin/messages/${await latestMessageId(world)}`)).text()
    expect(html).toMatch(/<title>Moss signed .* · 1 delivered/)
  })

  it('can be filtered by type, group, text, id, time, and failed deliveries', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url('status/410'), { event_types: ['order.lost'] })
    const paid = await publish(world, 'order.paid', { Customer: 'Zoë' })
    const lost = await publish(world, 'order.lost')
    const other = await publish(world, 'orders.all')
    const ids = async (query: string) => (await list(world, query)).data.map(({ id }) => id)
    expect(await ids('type=order.paid')).toEqual([paid])
    expect(await ids('type=order.*')).toEqual([lost, paid])
    expect(await ids('q=customer')).toEqual([paid])
    expect(await ids(`q=${other.slice(-8)}`)).toEqual([other])
    expect(await ids('state=failed')).toEqual([lost])
    expect(await ids('state=failed&type=order.*&q=lost')).toEqual([lost])
    for (const filter of ['type=order.paid', 'q=customer']) expect(await ids(`state=failed&${filter}`)).toEqual([])
    expect(await ids('since=2100-01-01T00:00:00Z')).toEqual([])
    expect(await ids('until=2020-01-01T00:00:00Z')).toEqual([])
    expect((await world.api('GET', '/api/messages?state=x')).status).toBe(422)
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin/messages?q=customer')).toContain('order.paid')
    const none = await (await browser.get('/admin/messages?q=nowhere')).text()
    expect(partOf(none, 'class="empty"')).toContain('No messages')
  })

  it('marks what a search has found: in the summary, or in an excerpt of the payload', async () => {
    const world = new World()
    await aComment(world, { name: 'Grace <b>', body: 'Compilers, of course' })
    const browser = await ownerBrowser(world)
    const rows = async (q: string) => (await browser.get(`/admin/messages?part=rows&q=${encodeURIComponent(q)}`)).text()
    expect(await rows('GRACE <')).toMatch(/<bdi><mark>Grace &lt;<\/mark>b&gt; /)
    expect(await rows('GRACE <')).not.toContain('…<bdi>')
    expect(await rows('published')).toContain('comment.<mark>published</mark>')
    expect(await rows('compilers,')).toMatch(/…<bdi>[^<]*&quot;body&quot;:&quot;<mark>Compilers,<\/mark> of course/)
    expect(await rows('')).not.toMatch(/<mark>|…<bdi>/)
    const { body } = await world.api<Listed>('GET', '/api/messages?q=compilers')
    expect(body.data[0]).not.toHaveProperty('excerpt')
  })

  it('goes on after 500 messages without a match, and reads no more than that at a time', async () => {
    const world = new World()
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200)
       insert into messages (id, type, created_at, dispatched_at, payload)
       select 'msg_01JD9Z6Y3T' || printf('%016d', i), iif(i = 3, 'rare.type', 'ping'), 1, 1, '{}' from n`
    ).run()
    let found: string[] = []
    let cursor: string | null = ''
    for (let page = 0; page < 4 && cursor !== null; page++) {
      const { data, next }: Listed = await list(world, `type=rare.type${cursor && `&cursor=${cursor}`}`)
      found = [...found, ...data.map(({ type }) => type)]
      cursor = next
    }
    expect(found).toEqual(['rare.type'])
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(1_100)
  })

  it('has links to older and newer pages, and its rows can be fetched alone', async () => {
    const world = new World()
    for (let i = 0; i < 45; i++) await world.api('POST', '/api/messages', { type: `n.${i}`, data: {} })
    const browser = await ownerBrowser(world)
    const hrefs: (string | undefined)[] = []
    let at = '/admin/messages'
    for (let page = 0; page < 3; page++) {
      const html = await (await browser.get(at)).text()
      const link = (rel: string) => new RegExp(`rel="${rel}" href="([^"]*)"`).exec(html)?.[1]?.replaceAll('&amp;', '&')
      hrefs.push(link('prev'))
      at = link('next') ?? at
    }
    expect(hrefs[0]).toBeUndefined()
    expect(hrefs[1]).toBe('/admin/messages#list')
    expect(hrefs[2]).toMatch(/^\/admin\/messages\?cursor=msg_\w+#list$/)
    const rows = await (await browser.get('/admin/messages?part=rows')).text()
    expect(rows.match(/<tr>/g)).toHaveLength(20)
    expect(rows).not.toContain('<html')
  })
})

describe('the deliveries of a message', () => {
  it('begin with those to endpoints that exist, and continue with those to deleted endpoints', async () => {
    const world = new World()
    const gone = await anEndpoint(world, mailbox().url())
    const kept = await anEndpoint(world, mailbox().url())
    const id = await publish(world, 'order.paid')
    await world.api('DELETE', `/api/endpoints/${gone.id}`)
    await env.DB.prepare(`update endpoints set id = 'ep_7ZZZZZZZZZ' || substr(id, 14) where id = ?`).bind(kept.id).run()
    await env.DB.prepare(`update deliveries set endpoint_id = 'ep_7ZZZZZZZZZ' || substr(endpoint_id, 14)
      where endpoint_id = ?`)
      .bind(kept.id)
      .run()
    const keptId = `ep_7ZZZZZZZZZ${kept.id.slice(13)}`
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 600)
       insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets)
       select 'ep_00000000000' || printf('%015d', i), 'deleted', '', '[]', 1, 1, '' from n`
    ).run()
    const pages: string[][] = []
    let next: string | null = ''
    while (next !== null) {
      const path: string = `/api/messages/${id}${next && `?deliveries_after=${next}`}`
      const { body } = await world.api<{ deliveries: { endpoint_id: string }[]; deliveries_next: string | null }>(
        'GET',
        path
      )
      pages.push(body.deliveries.map(({ endpoint_id }) => endpoint_id))
      next = body.deliveries_next
    }
    expect(pages).toEqual([[keptId], [], [gone.id]])
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(1_050)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/messages/${id}`)).toContain('✓ delivered')
    for (const cursor of ['deleted', 'deleted:x', 'ep_x']) {
      const { body } = await world.api('GET', `/api/messages/${id}?deliveries_after=${cursor}`)
      expect(body).toMatchObject({ status: 400, code: 'bad_cursor' })
    }
  })
})

describe('a delivery', () => {
  it('shows its request exactly as it was sent, byte for byte, and the headers of the response', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret } = await anEndpoint(world, box.url(), { headers: { 'X-Site': 'a' } })
    await aComment(world)
    await world.drain()
    const [received] = await box.received()
    const message = await latestMessageId(world)
    const { body } = await world.api<{
      request: { headers: [string, string][]; body: string; is_exact: boolean }
      attempts: { response_headers: [string, string][] }[]
    }>('GET', `/api/messages/${message}/deliveries/${id}`)
    const headers = Object.fromEntries(body.request.headers.map(([name, value]) => [name.toLowerCase(), value]))
    expect(body.request.is_exact).toBe(true)
    expect(body.request.body).toBe(received?.body)
    for (const [name, value] of Object.entries(headers)) expect([name, received?.headers[name]]).toEqual([name, value])
    new Webhook(secret).verify(body.request.body, headers)
    expect(body.attempts[0]?.response_headers.map(([name]) => name)).toContain('date')
    const page = await (await ownerBrowser(world)).see(`/admin/messages/${message}/deliveries/${id}`)
    expect(page).toContain(headers['webhook-signature'])
    letPass(3_600_000)
    await world.api('POST', '/api/signing-keys/rotate', { grace_seconds: 0 })
    const after = await world.api('GET', `/api/messages/${message}/deliveries/${id}`)
    expect(after.body).toMatchObject({ request: { is_exact: false } })
  })

  it('says that its request may have been different if the endpoint was changed since', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await aComment(world)
    await world.drain()
    await env.DB.prepare('update endpoints set updated_at = ?').bind(later(1_000)).run()
    const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
    expect(await (await ownerBrowser(world)).see(path)).toMatch(/endpoint was changed/)
  })

  it('is sending while an attempt is under way, and its next attempt is never the end of a lease', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    const [order] = world.queued
    const message = await latestMessageId(world)
    await world.drain()
    const scheduled = await theDelivery(world, id, message)
    expect(scheduled).toMatchObject({ is_sending: false, reason: 'retrying' })
    expect(scheduled.next_attempt_at).not.toBeNull()
    world.loseQueue()
    expect(order).toBeDefined()
    await world.sweep(later(60_000))
    expect(await theDelivery(world, id, message)).toMatchObject({
      status: 'pending',
      is_sending: true,
      next_attempt_at: null,
    })
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('→ queued')
    expect(await browser.see(`/admin/messages/${message}`)).toContain('→ queued')
  })

  it('leads to the deliveries before and after it, and its title says what it is', async () => {
    const world = new World()
    const { id, url } = await anEndpoint(world, mailbox().url())
    const ids = []
    for (let i = 0; i < 3; i++) ids.push(await publish(world, 'order.paid'))
    const browser = await ownerBrowser(world)
    const html = await (await browser.get(`/admin/messages/${ids[1]}/deliveries/${id}`)).text()
    expect(html).toContain(`rel="prev" href="/admin/messages/${ids[2]}/deliveries/${id}"`)
    expect(html).toContain(`rel="next" href="/admin/messages/${ids[0]}/deliveries/${id}"`)
    expect(/<title>(.*?)<\/title>/.exec(html)?.[1]).toBe(
      `order.paid to ${url.replace('http://', '')} · delivered · Guesthook`
    )
    expect(html).toMatch(/aria-label="Breadcrumbs">.*>order\.paid<.*aria-current="page">[^/]*order\.paid to /)
    const message = await (await browser.get(`/admin/messages/${ids[1]}`)).text()
    expect(message).toContain(`rel="prev" href="/admin/messages/${ids[2]}"`)
    expect(message).toContain('<title>order.paid · 1 delivered · Guesthook</title>')
  })
})

describe('the deliveries of an endpoint', () => {
  it('can be filtered by status, type, group and time, in the API and on the page', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('fail-times/1'), { event_types: ['order.*', 'ping'] })
    const paid = await publish(world, 'order.paid')
    const lost = await publish(world, 'order.lost')
    const ids = async (query: string) => {
      const path = `/api/endpoints/${id}/deliveries?${query}`
      const { status, body } = await world.api<{ data: { message_id: string }[] }>('GET', path)
      return status === 200 ? body.data.map(({ message_id }) => message_id) : status
    }
    expect(await ids('type=order.paid')).toEqual([paid])
    expect(await ids('type=order.*')).toEqual([lost, paid])
    expect(await ids('type=order.*&status=delivered')).toEqual([lost])
    expect(await ids('type=ping')).toEqual([])
    expect(await ids('since=2100-01-01T00:00:00Z')).toEqual([])
    expect(await ids('status=pending&until=2020-01-01T00:00:00Z')).toEqual([])
    expect(await ids('since=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z')).toEqual([lost, paid])
    expect(await ids('until=yesterday')).toBe(422)
    const { see } = await ownerBrowser(world)
    expect(await see(`/admin/endpoints/${id}?type=order.lost`)).not.toContain('order.paid')
    expect(await see(`/admin/endpoints/${id}?since=2100-01-01T00:00`)).toContain('No deliveries match')
  })

  it('goes on after 250 deliveries without a match', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(), { event_types: ['nothing'] })
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 600)
       insert into messages (id, type, created_at, dispatched_at, payload)
       select 'msg_01JD9Z6Y3T' || printf('%016d', i), iif(i = 3, 'rare.type', 'ping'), 1, 1, '{}' from n`
    ).run()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, attempt_count, settled_at)
       select ?1, id, 'delivered', 1, 1 from messages`
    )
      .bind(id)
      .run()
    const pages: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/api/endpoints/${id}/deliveries?type=rare.*${cursor && `&cursor=${cursor}`}`
      const { body } = await world.api<{ data: unknown[]; next: string | null }>('GET', path)
      pages.push(body.data.length)
      cursor = body.next
    }
    expect(pages).toEqual([0, 0, 1])
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(1_050)
  })
})

describe('the list of endpoints', () => {
  it('can be filtered by what needs attention, by status, and by text', async () => {
    const world = new World()
    const good = await anEndpoint(world, mailbox().url(), { description: 'Shop of Zoë' })
    const bad = await anEndpoint(world, mailbox().url('status/500'))
    const off = await anEndpoint(world, mailbox().url(), { enabled: false })
    await aComment(world)
    await world.drain()
    const ids = async (query: string) =>
      (await world.api<Listed>('GET', `/api/endpoints?${query}`)).body.data.map(({ id }) => id)
    expect(await ids('state=attention')).toEqual([bad.id])
    expect(await ids('state=disabled')).toEqual([off.id])
    expect(await ids('state=enabled')).toEqual([bad.id, good.id])
    expect(await ids('q=shop')).toEqual([good.id])
    expect(await ids(`q=${bad.url}`)).toEqual([bad.id])
    expect(await ids(`q=${off.id}&state=enabled`)).toEqual([])
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin/endpoints?q=nowhere')).not.toContain(bad.url.slice('http://'.length))
    expect(await browser.see('/admin/endpoints?state=attention')).toContain(bad.url.slice('http://'.length))
  })
})
