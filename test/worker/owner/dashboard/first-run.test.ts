import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import EXPLANATIONS from '../../../../public/explanations.json'
import { PAGE_SIZE } from '../../../../src/kit/http/pagination'
import { noFigures } from '../../../../src/owner/rules/stats/figures'
import { explainFailure } from '../../../../src/webhooks/send/http/explain-failure'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, session, signAsGuest } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { World } from '../../../support/world'

const OWNER = { isOwner: true, format: 'standard' } as const

/** Registers the built-in receiver with the owner's button. @returns its endpoint and its source */
async function register(world: World, from = 'overview') {
  const browser = await ownerBrowser(world)
  const { status, location } = await browser.submit('/admin/first-steps/receiver', { from })
  const stored = await env.DB.prepare(`select value from settings where name = 'built_in_receiver'`).first<string>(
    'value'
  )
  const receiver: { endpoint_id: string; source_id: string } = JSON.parse(stored ?? '{}')
  return { browser, status, location, ...receiver }
}

type Inbound = { id: string; status: string; verified: boolean; event_type: string; source_id: string }

async function inbound(world: World) {
  const { body } = await world.api<{ data: Inbound[] }>('GET', '/api/inbound')
  return body.data
}

/** The deliveries of an endpoint, with the attempts of the newest. */
async function deliveries(world: World, endpoint_id: string) {
  const { body } = await world.api<{ data: { status: string; message_id: string }[] }>(
    'GET',
    `/api/endpoints/${endpoint_id}/deliveries`
  )
  return body.data
}

async function attemptOf(endpoint_id: string) {
  return env.DB.prepare('select * from attempts where endpoint_id = ? order by started_at desc')
    .bind(endpoint_id)
    .first<{ status_code: number; error_class: string; response_excerpt: string; outcome: string }>()
}

describe('the first steps', () => {
  it('register nothing for a request that is no form', async () => {
    const world = new World()
    const headers = { ...(await session(world)), Origin: world.base }
    const { status } = await world.request('/admin/first-steps/receiver', { method: 'POST', headers })
    const { body } = await world.api<{ data: unknown[] }>('GET', '/api/endpoints')
    expect([status, body.data]).toEqual([415, []])
  })

  it('stay done when newer endpoints have got nothing, because the figures remember what arrived', async () => {
    const world = new World()
    const { see } = await ownerBrowser(world)
    await signAsGuest(world, { name: 'Ada' })
    await anEndpoint(world, mailbox().url())
    expect(await see('/admin')).not.toContain('First steps: done')
    const endpoints = { ep_1: { outcomes: { delivered: 1 } } }
    await env.DB.prepare(`insert or replace into rollups (span, start, counted_to, figures) values ('total', 0, 1, ?)`)
      .bind(JSON.stringify({ ...noFigures(), endpoints }))
      .run()
    expect(await see('/admin')).toContain('First steps: done')
  })

  it('lead from an entry through the built-in receiver to the message that arrived, and can be hidden', async () => {
    const world = new World()
    const { see, notice, submit } = await ownerBrowser(world)
    expect(await see('/admin')).toMatch(/First steps .*Sign the book.*Register the built-in receiver/)
    expect((await see('/admin')).match(/✓ done/g)).toBeNull()
    await signAsGuest(world, { name: 'Ada' })
    expect((await see('/admin')).match(/✓ done/g)).toHaveLength(1)
    const { location, endpoint_id } = await register(world)
    expect(location).toBe('/admin?done=receiver#first-steps')
    expect(await notice('/admin?done=receiver')).toContain('receiver')
    const registered = await see('/admin')
    expect(registered.match(/✓ done/g)).toHaveLength(2)
    expect(registered).toContain('Send an example')
    await signAsGuest(world, { name: 'Grace' })
    await world.drain()
    const [message] = await inbound(world)
    const html = await (await world.request('/admin', { headers: (await ownerBrowser(world)).cookie })).text()
    expect(html).toContain('First steps: done')
    expect(message).toMatchObject({ status: 'processed', verified: true, event_type: 'comment.held' })
    expect(await attemptOf(endpoint_id)).toMatchObject({ outcome: 'delivered', status_code: 202 })
    expect((await submit('/admin/first-steps/hide', {})).location).toBe('/admin?done=steps_hidden')
    expect(await see('/admin')).not.toContain('First steps')
    await submit('/admin/first-steps/show', {})
    expect(await see('/admin')).toContain('First steps')
  })

  it('are noted in the audit log, once for each thing that was created', async () => {
    const world = new World()
    const { browser, endpoint_id, source_id } = await register(world)
    await register(world)
    const { results } = await env.DB.prepare(`select act, subject from audit_log where act = 'endpoint.created'`).all()
    expect(results).toEqual([{ act: 'endpoint.created', subject: `${endpoint_id} ${source_id}` }])
    await browser.submit('/admin/first-steps/hide', {})
    const hidden = await env.DB.prepare(`select count(*) as n from audit_log where act = 'settings.updated'`).first('n')
    expect(hidden).toBe(1)
  })

  it('cost an owner who has hidden them one row', async () => {
    const world = new World()
    const { cookie, submit } = await ownerBrowser(world)
    await submit('/admin/first-steps/hide', {})
    world.recorder.executed.length = 0
    await world.request('/admin', { headers: cookie })
    expect(world.recorder.executed.filter(({ sql }) => sql.includes('has_entry'))).toEqual([])
  })
})

describe('the built-in receiver', () => {
  it('is registered once, although two requests come at once', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const press = () => browser.submit('/admin/first-steps/receiver', { from: 'endpoints' })
    const [one, other] = await Promise.all([press(), press()])
    expect(one.status).toBe(303)
    expect(one.location).toBe(other.location)
    expect((await world.api<{ data: unknown[] }>('GET', '/api/endpoints')).body.data).toHaveLength(1)
    expect((await world.api<{ data: unknown[] }>('GET', '/api/sources')).body.data).toHaveLength(1)
  })

  it('can be registered again after its endpoint was deleted', async () => {
    const world = new World()
    const first = await register(world)
    await world.api('DELETE', `/api/endpoints/${first.endpoint_id}`)
    const second = await register(world)
    expect(second.endpoint_id).not.toBe(first.endpoint_id)
    await aComment(world)
    await world.drain()
    expect((await inbound(world)).map(({ source_id }) => source_id)).toEqual([second.source_id])
  })

  it('does not take a place of the list of sources, which links to it', async () => {
    const world = new World()
    for (let i = 0; i < PAGE_SIZE; i++) await aSource(world, 'unsigned')
    const { browser, source_id } = await register(world)
    const html = await (await browser.get('/admin/sources')).text()
    expect(html.match(/<td[^>]*><a href="\/admin\/sources\/src_/g)).toHaveLength(PAGE_SIZE)
    expect(html).not.toContain('cursor=')
    expect(html).toContain(`href="/admin/sources/${source_id}"`)
  })

  it('gets the same signed request as any receiver, with its headers, and calls nobody', async () => {
    const world = new World()
    const { browser, source_id } = await register(world)
    const box = mailbox()
    await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    const [received] = await box.received()
    expect(world.sent).toHaveLength(1)
    const [message] = await inbound(world)
    expect(message).toMatchObject({ source_id, verified: true, event_type: 'comment.published' })
    const page = await browser.see(`/admin/inbound/${message?.id}`)
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'user-agent'])
      expect(page).toContain(name)
    const body = await (await browser.get(`/admin/inbound/${message?.id}/body`)).text()
    expect(body).toBe(received?.body)
  })

  it('verifies with the secret of its endpoint, and shows a test', async () => {
    const world = new World()
    const { endpoint_id, browser } = await register(world)
    const { location } = await browser.submit(`/admin/endpoints/${endpoint_id}/test`, { type: 'comment.published' })
    expect(await browser.see(location ?? '')).toContain('202')
    await world.drain()
    expect(await inbound(world)).toMatchObject([{ verified: true, status: 'processed' }])
  })

  it('recognizes a replay as a repeat', async () => {
    const world = new World()
    const { endpoint_id } = await register(world)
    await aComment(world)
    await world.drain()
    const [delivery] = await deliveries(world, endpoint_id)
    const path = `/api/messages/${delivery?.message_id}/deliveries/${endpoint_id}/retry`
    await world.api('POST', path)
    await world.drain()
    expect(await inbound(world)).toMatchObject([{ repeats: 1 }])
    expect(await attemptOf(endpoint_id)).toMatchObject({ outcome: 'delivered', status_code: 200 })
  })

  it.each([
    ['the API', (world: World, url: string) => world.api('POST', '/api/endpoints', { url })],
    [
      'a change through the API',
      async (world: World, url: string) => {
        const { id } = await anEndpoint(world, 'https://example.com/hook')
        return world.api('PATCH', `/api/endpoints/${id}`, { url })
      },
    ],
  ])('has a URL that %s refuses', async (_, send) => {
    const world = new World()
    const { source_id } = await register(world)
    const { status, body } = await send(world, `guesthook:receiver/${source_id}`)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'url', message: expect.stringContaining('full URL') }])
  })

  it.each(['/admin/endpoints', '/webhooks'])('has a URL that the form at %s refuses', async (path) => {
    const world = new World()
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    const { browser, source_id } = await register(world)
    const fields = { url: `guesthook:receiver/${source_id}`, event_types: 'comment.published', rate_limit: '300' }
    const { status, text } = await browser.submit(path, fields)
    expect(status).toBe(422)
    expect(text).toContain('full URL')
  })

  it.each([
    [{ event_types: ['*'] }, 'events about entries'],
    [{ event_types: ['comment.*', 'inbound.received'] }, 'events about entries'],
    [{ url: 'https://example.com/' }, 'cannot be changed'],
    [{ format: 'slack' }, 'Standard Webhooks'],
  ])('refuses the change %j, which could cause a loop or lead elsewhere', async (change, why) => {
    const world = new World()
    const { endpoint_id } = await register(world)
    const { status, body } = await world.api('PATCH', `/api/endpoints/${endpoint_id}`, change)
    expect(status).toBe(422)
    expect(JSON.stringify(body)).toContain(why)
  })

  it('can be edited otherwise, with the form as it was filled in', async () => {
    const world = new World()
    const { browser, endpoint_id } = await register(world)
    const url = (await world.api<{ url: string }>('GET', `/api/endpoints/${endpoint_id}`)).body.url
    const fields = {
      url,
      event_types: 'comment.published',
      format: 'by_url',
      description: 'Mine',
      rate_limit: '60',
      no_moderation_links: 'on',
    }
    const { location } = await browser.submit(`/admin/endpoints/${endpoint_id}`, fields)
    expect(location).toBe(`/admin/endpoints/${endpoint_id}?tab=settings&done=saved`)
    expect((await world.api('GET', `/api/endpoints/${endpoint_id}`)).body).toMatchObject({
      description: 'Mine',
      event_types: ['comment.published'],
    })
  })

  it('has a source that may only keep messages, whoever changed it', async () => {
    const world = new World()
    const { endpoint_id, source_id } = await register(world)
    const refused = await world.api('PATCH', `/api/sources/${source_id}`, { act: 'publish' })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ path: 'act', message: expect.stringContaining('built-in') }])
    await env.DB.prepare(`update sources set act = 'publish' where id = ?`).bind(source_id).run()
    await aComment(new World({}, world.queued))
    await new World({}, world.queued).drain()
    expect(await inbound(world)).toEqual([])
    expect(await attemptOf(endpoint_id)).toMatchObject({
      outcome: 'refused',
      status_code: 409,
      error_class: 'receiver_refused',
      response_excerpt: expect.stringContaining('loop'),
    })
  })

  it('fails with an explanation if its source was deleted', async () => {
    const world = new World()
    const { browser, endpoint_id, source_id } = await register(world)
    await world.api('DELETE', `/api/sources/${source_id}`)
    await aComment(world)
    await world.drain()
    const [delivery] = await deliveries(world, endpoint_id)
    const failure = { status_code: 404, error_class: 'receiver_refused', response_excerpt: null } as const
    expect(await attemptOf(endpoint_id)).toMatchObject({
      ...failure,
      response_excerpt: expect.stringMatching(/source.*deleted/),
    })
    const page = await browser.see(`/admin/messages/${delivery?.message_id}/deliveries/${endpoint_id}`)
    expect(page).toContain(explainFailure(EXPLANATIONS, failure, OWNER))
    expect(page).not.toContain(explainFailure(EXPLANATIONS, { ...failure, error_class: 'http_4xx' }, OWNER))
  })

  it('is called by its name wherever its URL would be shown, and its curl command says why there is none', async () => {
    const world = new World()
    const { browser, endpoint_id } = await register(world)
    await aComment(world)
    await world.drain()
    const [delivery] = await deliveries(world, endpoint_id)
    const paths = [
      `/admin/endpoints/${endpoint_id}`,
      `/admin/messages/${delivery?.message_id}`,
      `/admin/messages/${delivery?.message_id}/deliveries/${endpoint_id}`,
    ]
    for (const path of paths) {
      const text = await browser.see(path)
      expect(text, path).toContain('Built-in receiver')
      expect(text.replace(/# The built-in.*/, ''), path).not.toMatch(/guesthook:receiver(?!.*Request of)/)
    }
    expect(await browser.see(`/admin/endpoints/${endpoint_id}`)).toContain('inside this guestbook')
    const { body } = await world.api<{ curl: string }>(
      'GET',
      `/api/messages/${delivery?.message_id}/deliveries/${endpoint_id}`
    )
    expect(body.curl).toMatch(/^# .*built-in receiver/)
  })

  it('is left out of the lists of endpoints, requests and sources, which lead to it', async () => {
    const world = new World()
    const { browser, endpoint_id, source_id } = await register(world)
    await aComment(world)
    await world.drain()
    const [request] = await inbound(world)
    for (const [path, row, link] of [
      ['/admin/endpoints', `/admin/endpoints/${endpoint_id}"`, `/admin/endpoints/${endpoint_id}`],
      ['/admin/inbound', `/admin/inbound/${request?.id}`, `/admin/inbound?source=${source_id}`],
      ['/admin/sources', `/admin/sources/${source_id}`, `/admin/sources/${source_id}`],
    ] as const) {
      const html = await (await browser.get(path)).text()
      expect(html, path).toContain('class="empty"')
      expect(html, path).toMatch(new RegExp(`href="${link.replace('?', '\\?')}">Show the built-in receiver`))
      expect(html.replace(/<a[^>]*>Show the built-in.*/, ''), path).not.toContain(row)
      expect(await (await browser.get(link)).text()).toContain(row)
    }
    expect(await browser.see(`/admin/sources?cursor=${source_id}`)).not.toContain('Show the built-in receiver')
    expect(await browser.see(`/admin/endpoints?state=enabled`)).not.toContain('Success in')
    await post(world, (await aSource(world, 'none')).path, '{}')
    expect(await (await browser.get('/admin/inbound')).text()).not.toContain('class="empty"')
    await world.api('DELETE', `/api/endpoints/${endpoint_id}`)
    expect(await browser.see('/admin/endpoints')).toMatch(/No endpoints yet.*Register the built-in receiver/)
  })

  it('is reported by its name when its deliveries fail', async () => {
    const world = new World()
    const { source_id } = await register(world)
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['endpoint.*', 'delivery.*'] })
    await world.api('DELETE', `/api/sources/${source_id}`)
    const endpoint = await env.DB.prepare(`select id from endpoints where url like 'guesthook:%'`).first('id')
    await env.DB.prepare('update endpoints set failing_since = 1, consecutive_failures = 4, last_failure_at = ?')
      .bind(Date.now())
      .run()
    await aComment(world)
    await world.drain()
    expect(endpoint).not.toBeNull()
    const bodies = (await box.received()).map(({ body }) => body).join('\n')
    expect(bodies).toContain('"host":"Built-in receiver"')
  })
})
