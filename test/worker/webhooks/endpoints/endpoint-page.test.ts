import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId, theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

interface JobView {
  id: string
  state: string
  done: number
  progress: { delivered: number; failed: number; waiting: number }
}

describe('the page of an endpoint', () => {
  it('shows its settings, and code to verify the signature beside the secret', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(), {
      event_types: ['comment.*'],
      headers: { 'X-Site': 'blog' },
      rate_limit: 7,
      books: ['main'],
    })
    const { see } = await ownerBrowser(world)
    const settings = await see(`/admin/endpoints/${id}?tab=settings`)
    for (const part of ['comment.*', 'X-Site: blog', 'up to 7 a minute', 'Books main', 'Standard Webhooks', 'by you'])
      expect(settings).toContain(part)
    for (const language of ['JavaScript', 'Python', 'PHP', 'Go', 'Ruby', 'curl'])
      expect(await see(`/admin/endpoints/${id}?tab=secret`)).toContain(language)
  })

  it('is named by its description, with the URL beside it, wherever it is named', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'), { description: 'Search index' })
    await aComment(world)
    await world.drain()
    const message_id = await latestMessageId(world)
    const message = `/admin/messages/${message_id}`
    for (const path of [`/admin/endpoints/${id}`, `${message}/deliveries/${id}`, message, '/admin/endpoints']) {
      const html = await (await browser.get(path)).text()
      if (path.endsWith(id)) expect(html).toMatch(/<h1>.*Search index.*<\/h1>/s)
      expect(html).toContain('Search index')
      expect(html).toContain(box.url('ok'))
    }
    const { body } = await world.api<object>('GET', `/api/messages/${message_id}/deliveries/${id}`)
    expect(JSON.stringify(body)).not.toContain('Search index')
  })

  it('tests with every event type, and shows the example of this guestbook that it sends', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
    await world.api('POST', '/api/event-types', { name: 'order.paid', schema: {}, example: { total: 17 } })
    const browser = await ownerBrowser(world)
    const html = await (await browser.get(`/admin/endpoints/${id}?tab=test`)).text()
    const [shown = '', folded = ''] = html.split('<details><summary>Types')
    expect(shown).toContain(`${world.base}/comments/cmt_`)
    expect(shown).toContain('name="type" value="comment.published"')
    // The first button on the page sends a ping.
    expect(html).not.toContain('name="type" value="ping"')
    for (const text of ['value="order.paid"', '17', 'value="storage.warning"']) expect(folded).toContain(text)
    const { location } = await browser.submit(`/admin/endpoints/${id}/test`, { type: 'order.paid' })
    expect(await browser.see(location ?? '')).toContain('200')
    expect(JSON.parse((await box.received())[0]?.body ?? '')).toMatchObject({ type: 'order.paid', data: { total: 17 } })
  })

  it('shows no delivery as the result of a test', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    await world.drain()
    const tested = async (message_id: string) => {
      const { get } = await ownerBrowser(world)
      return (await (await get(`/admin/endpoints/${id}?tab=test&tested=${message_id}`)).text()).includes(
        'class="attempt"'
      )
    }
    expect(await tested(await latestMessageId(world))).toBe(false)
    const { body } = await world.api<{ message_id: string }>('POST', `/api/endpoints/${id}/test`, {})
    expect(await tested(body.message_id)).toBe(true)
  })

  it('warns of an event type that does not exist, and suggests the one that was meant', async () => {
    const world = new World()
    const event_types = ['coment.published', 'order.paid', 'ping']
    const { id } = await anEndpoint(world, mailbox().url(), { event_types })
    const browser = await ownerBrowser(world)
    const warnings = async () => {
      const html = await (await browser.get(`/admin/endpoints/${id}?tab=settings`)).text()
      return html.match(/<p class="notice wait"><code>.*?<\/p>/gs) ?? []
    }
    const [typo, unknown, ...others] = await warnings()
    expect(others).toEqual([])
    expect(typo).toMatch(/<code>coment\.published<\/code>.*<code>comment\.published<\/code>/)
    expect(unknown).toMatch(/<code>order\.paid<\/code>.*href="\/admin\/event-types"/)
    await world.api('POST', '/api/event-types', { name: 'order.paid', schema: {}, example: {} })
    expect(await warnings()).toEqual([typo])
  })

  it('has a checkbox for each event type, and adds up what is checked and what is typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const body = new URLSearchParams([
      ['url', mailbox().url()],
      ['event_types', 'comment.held'],
      ['event_types', 'ping'],
      ['event_types', 'order.* , shop.paid'],
    ])
    const response = await world.request('/admin/endpoints', {
      method: 'POST',
      headers: {
        ...browser.cookie,
        Origin: 'https://guestbook.example.com',
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: body.toString(),
    })
    expect(response.status).toBe(303)
    const { body: list } = await world.api<{ data: { id: string; event_types: string[] }[] }>('GET', '/api/endpoints')
    expect(list.data[0]?.event_types).toEqual(['comment.held', 'ping', 'order.*', 'shop.paid'])
    const html = await (await browser.get(`/admin/endpoints/${list.data[0]?.id}/edit`)).text()
    expect(html).toMatch(/value="comment\.held" checked/)
    expect(html).not.toMatch(/value="comment\.removed" checked/)
    expect(html).toMatch(/id="event_types"[^>]*value="order\.\* shop\.paid"/)
  })

  it('subscribes to all event types if all are among those that are chosen; the API keeps the list', async () => {
    const world = new World()
    const { submit } = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url(), { event_types: ['ping', '*', 'comment.*'] })
    const types = async () =>
      (await world.api<{ event_types: string[] }>('GET', `/api/endpoints/${id}`)).body.event_types
    expect(await types()).toEqual(['ping', '*', 'comment.*'])
    await world.api('PATCH', `/api/endpoints/${id}`, { event_types: ['ping'] })
    const { status } = await submit(`/admin/endpoints/${id}`, { url: mailbox().url(), event_types: '* ping' })
    expect([status, await types()]).toEqual([303, ['*']])
  })

  it('offers to approve or to reject an endpoint that waits', async () => {
    const world = new World()
    const { id, url } = await anEndpoint(world, mailbox().url(), { enabled: false })
    await env.DB.prepare(`update endpoints set disabled_reason = 'awaiting_approval'`).run()
    const browser = await ownerBrowser(world)
    const page = await browser.see(`/admin/endpoints/${id}`)
    expect(page).toMatch(/approval.*Approve.*Reject/)
    await browser.submit(`/admin/endpoints/${id}/enable`, { url })
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('✓ enabled')
  })
})

describe('a replay', () => {
  it('counts what was delivered, what failed and what waits, and says why it waits', async () => {
    const world = new World()
    const box = mailbox()
    await box.script('status/500')
    const { id } = await anEndpoint(world, box.url('scripted'), { rate_limit: 2 })
    for (let i = 0; i < 3; i++) await aComment(world, { body: `n ${i}` })
    await world.drain()
    await env.DB.prepare(
      `update deliveries set status = 'failed', next_attempt_at = null, reason = 'schedule_spent'`
    ).run()
    await box.script('status/200')
    const { body: job } = await world.api<JobView>('POST', `/api/endpoints/${id}/replay`, {
      since: '2020-01-01T00:00:00Z',
      only: 'failed',
    })
    await world.drainDelayed()
    const read = async () => (await world.api<JobView>('GET', `/api/jobs/${job.id}`)).body
    expect((await read()).progress).toMatchObject({ delivered: 2, failed: 0 })
    const page = await (await ownerBrowser(world)).see(`/admin/endpoints/${id}?tab=replay`)
    expect(page).toContain('2 sent, 0 failed, 1 waiting')
    expect(page).toMatch(/sent oldest first/)
    await world.sweep(later(70_000))
    await world.drainDelayed()
    await world.sweep(later(140_000))
    await world.drainDelayed()
    expect(await read()).toMatchObject({ state: 'done', progress: { delivered: 3, failed: 0, waiting: 0 } })
  })

  it('counts its own attempts, not those of another replay or of a retry', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(), { rate_limit: 2 })
    for (let i = 0; i < 3; i++) await aComment(world, { body: `n ${i}` })
    await world.drain()
    const replay = async (scope: object) => {
      const since = '2020-01-01T00:00:00Z'
      const { body } = await world.api<JobView>('POST', `/api/endpoints/${id}/replay`, { since, ...scope })
      await world.drainDelayed()
      return body.id
    }
    const first = await replay({ only: 'all' })
    const second = await replay({ only: 'all', event_types: ['comment.published'] })
    for (let minute = 1; minute < 5; minute++) {
      await world.sweep(later(minute * 70_000))
      await world.drainDelayed()
    }
    await world.api('POST', `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`)
    await world.drain()
    const progress = async (job: string) => (await world.api<JobView>('GET', `/api/jobs/${job}`)).body.progress
    expect(await progress(first)).toEqual({ delivered: 3, failed: 0, waiting: 0 })
    expect(await progress(second)).toEqual({ delivered: 2, failed: 0, waiting: 0 })
  })

  it('counts the progress of at most three on a page, which is refreshed every 15 seconds', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await world.api('POST', '/api/messages', { type: 'a.b', data: {} })
    await world.drain()
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = ?, consecutive_failures = 5`)
      .bind(later(3_600_000))
      .run()
    const request = { since: '2020-01-01T00:00:00Z', only: 'all' }
    // The jobs do not run, because the process dies.
    world.env.DB.batch = withoutPages(world.env.DB)
    for (let i = 0; i < 5; i++) {
      await world.api('POST', `/api/endpoints/${id}/replay`, { ...request, event_types: ['a.b', `c.d${i}`] })
    }
    const browser = await ownerBrowser(world)
    world.recorder.executed.length = 0
    const page = await browser.see(`/admin/endpoints/${id}?tab=replay`)
    const counts = world.recorder.executed.filter(({ sql }) => sql.includes("trigger = 'manual' and message_id >"))
    expect(counts).toHaveLength(3)
    expect(page.match(/Of 1 message: 0 sent/g)).toHaveLength(3)
    expect(page.match(/0 of 1 message queued\. /g)).toHaveLength(2)
    expect(await (await browser.get(`/admin/endpoints/${id}?tab=replay`)).text()).toContain('data-live-seconds="15"')
  })

  it('can be canceled until its last message has been sent, and then sends nothing more', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    for (let i = 0; i < 3; i++) await aComment(world)
    await world.drain()
    const before = (await box.received()).length
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = ?, consecutive_failures = 5`)
      .bind(later(60_000))
      .run()
    const { body: job } = await world.api<JobView>('POST', `/api/endpoints/${id}/replay`, {
      since: '2020-01-01T00:00:00Z',
      only: 'all',
    })
    expect((await theDelivery(world, id)).status).toBe('pending')
    expect((await world.api<JobView>('GET', `/api/jobs/${job.id}`)).body.state).toBe('done')
    const canceled = await world.api<JobView>('POST', `/api/jobs/${job.id}/cancel`)
    expect(canceled.body.state).toBe('canceled')
    await world.sweep(later(120_000))
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(before)
    const page = await (await ownerBrowser(world)).see(`/admin/endpoints/${id}?tab=replay`)
    expect(page).toMatch(/canceled All messages/)
    expect((await theDelivery(world, id)).status).toBe('delivered')
    const { body } = await world.api<JobView>('POST', `/api/jobs/${job.id}/cancel`)
    expect(body.state).toBe('canceled')
  })
})

describe('an event', () => {
  it('can be published in the dashboard, and what was typed stays if it is refused', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['order.*'] })
    await world.api('POST', '/api/event-types', {
      name: 'order.paid',
      schema: { type: 'object', required: ['total'], properties: { total: { type: 'integer' } } },
      example: { total: 1 },
    })
    const browser = await ownerBrowser(world)
    const wrong = await browser.post('/admin/messages', { type: 'order.paid', data: '{"total":"x"}' })
    expect(wrong.status).toBe(422)
    const html = await wrong.text()
    expect(html).toMatch(/<textarea[^>]*name="data"[^>]*aria-invalid="true"/)
    expect(html).toContain('{&quot;total&quot;:&quot;x&quot;}')
    expect((await browser.post('/admin/messages', { type: 'order.paid', data: '{' })).status).toBe(422)
    const done = await browser.post('/admin/messages', { type: 'order.paid', data: '{"total":5}' })
    expect(done.headers.get('Location')).toMatch(/^\/admin\/messages\/msg_/)
    await world.drain()
    expect(JSON.parse((await box.received())[0]?.body ?? '{}')).toMatchObject({
      type: 'order.paid',
      data: { total: 5 },
    })
  })
})

/** No page of a job reaches the database. */
function withoutPages(db: D1Database): D1Database['batch'] {
  const { batch } = db
  return (statements) => {
    const isPage = (statements as unknown as { sql: string }[]).some(({ sql }) => /^\s*update jobs/.test(sql))
    return isPage ? Promise.reject(new Error('killed')) : (batch(statements) as never)
  }
}
