import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, partOf } from '../../../support/session'
import { latestMessageId } from '../../../support/views'

import { aWorld, endpoints, registered, submit } from './integrator'

describe('an integrator’s private link', () => {
  it('shows the progress of a replay, which can be canceled there, but no other', async () => {
    const world = await aWorld('open')
    const { path, see } = await registered(world)
    expect((await submit(world, `${path}/pause`)).status).toBe(303)
    for (let n = 0; n < 3; n++) await aComment(world, { body: `missed ${n}` })
    await submit(world, `${path}/resume`)
    const { location, html } = await submit(world, `${path}/replay`, [['only', 'missing']])
    expect(location).toBe(`${path}?tab=replay&done=replaying`)
    expect(html).toMatch(/Of 3 messages: /)
    expect(await see('?part=jobs')).toMatch(/^<article class="job">/)
    const { body: jobs } = await world.api<{ data: { id: string }[] }>('GET', '/api/jobs')
    const other = await registered(world)
    const cancel = `/jobs/${jobs.data[0]?.id}/cancel`
    expect((await submit(world, other.path + cancel)).status).toBe(404)
    expect((await submit(world, path + cancel)).location).toBe(`${path}?tab=replay&done=canceled`)
  })

  it('starts one replay, even if five are requested at the same moment, and says what it waits for', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    await submit(world, `${path}/pause`)
    for (let n = 0; n < 3; n++) await aComment(world, { body: `missed ${n}` })
    await world.drain()
    await submit(world, `${path}/resume`)
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = ? where id = ?`)
      .bind(Date.now() + 60_000, id)
      .run()
    const ask = () => submit(world, `${path}/replay`, [['only', 'missing']])
    await Promise.all([ask(), ask(), ask(), ask(), ask()])
    expect(await env.DB.prepare('select count(*) as n from jobs').first('n')).toBe(1)
    const jobs = await see('?part=jobs')
    expect(jobs).toContain('down')
    expect(jobs).toMatch(/Of 3 messages: <b>0<\/b> sent, <b>0<\/b> failed, <b>3<\/b> waiting/)
    expect(jobs).not.toContain('running')
    await submit(world, `${path}/replay`, [['only', 'failed']])
    const { body } = await world.api<{ data: { state: string; counted: number }[] }>('GET', '/api/jobs?limit=1')
    expect(body.data).toMatchObject([{ state: 'done', counted: 3 }])
  })

  it('counts what a replay would send, a few times a minute, before it sends that', async () => {
    const world = await aWorld('open')
    const { path, see } = await registered(world)
    await submit(world, `${path}/pause`)
    for (let n = 0; n < 3; n++) await aComment(world, { body: `missed ${n}` })
    await submit(world, `${path}/resume`)
    const preview = '?tab=replay&preview=true&only=missing&span=36500&event_types='
    const page = await see(preview)
    expect(partOf(page, 'class="notice"')).toMatch(/^3 messages/)
    expect(page).toContain('Replay 3 messages')
    expect(page).not.toMatch(/\/admin|value="all"|value="36500">/)
    expect(await see(`${preview}no.such`)).toContain('Nothing to replay')
    expect(await env.DB.prepare('select count(*) as n from jobs').first('n')).toBe(0)
    const { html } = await submit(world, `${path}/replay`, [...new URLSearchParams('only=missing&span=7')])
    expect(html).toMatch(/Of 3 messages: /)
    let later = await world.request(path + preview)
    for (let n = 0; n < 5; n++) later = await world.request(path + preview)
    expect(later.status).toBe(429)
    expect(await later.text()).toContain('<section id="replay"')
  })

  it('has nothing to wait for if there is nothing to replay', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = ? where id = ?`)
      .bind(Date.now() + 60_000, id)
      .run()
    await submit(world, `${path}/replay`, [['only', 'failed']])
    const { body } = await world.api<{ data: { state: string; counted: number }[] }>('GET', '/api/jobs')
    expect(body.data).toMatchObject([{ state: 'done', counted: 0 }])
    const jobs = await see('?part=jobs')
    expect(jobs).not.toContain('running')
    expect(jobs).not.toContain('0 of 0')
  })

  it('keeps the event types that the owner has given to the endpoint', async () => {
    const world = await aWorld('open')
    const { path, id, box, see } = await registered(world)
    const event_types = ['comment.published', 'order.*', 'comment.held']
    await world.api('PATCH', `/api/endpoints/${id}`, { event_types })
    expect(await see('/edit')).toContain('order.* comment.held')
    const fields: [string, string][] = [
      ['url', box.url('verify')],
      ['description', 'x'],
    ]
    const change = (...types: string[]) =>
      submit(world, `${path}/edit`, [...fields, ...types.map((type): [string, string] => ['event_types', type])])
    expect((await change('comment.removed')).status).toBe(303)
    expect((await endpoints(world))[0]?.event_types).toEqual(['comment.removed', 'order.*', 'comment.held'])
    const greedy = await change('comment.removed', 'inbound.received')
    expect(greedy.status).toBe(422)
    expect(greedy.html).toContain('order.* comment.held')
    expect((await endpoints(world))[0]?.event_types).toEqual(['comment.removed', 'order.*', 'comment.held'])
  })

  it('shows the log and each delivery', async () => {
    const world = await aWorld('open')
    const { see } = await registered(world, 'verify')
    await aComment(world, { body: 'Seen by the integrator' })
    await world.drain()
    const page = await see()
    expect(page).toContain('delivered')
    expect(page).not.toContain('/admin')
    const detail = await see(`/messages/${await latestMessageId(world)}`)
    expect(detail).toContain('Seen by the integrator')
    expect(detail).not.toContain('/admin')
  })

  it('shows what the receiver answered to the last failure, unless that may repeat moderation links', async () => {
    const world = await aWorld('open')
    const { see } = await registered(world)
    await env.DB.prepare('update endpoints set url = ?').bind(mailbox().url('status/500')).run()
    await aComment(world)
    await world.drain()
    expect(await see()).toContain('as requested')
    await env.DB.prepare(`update messages set type = 'comment.held'`).run()
    expect(await see()).not.toContain('as requested')
  })

  it('shows the deliveries that wait if they are asked for, and does not search for a type', async () => {
    const world = await aWorld('open')
    const { see, id } = await registered(world)
    await aComment(world)
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 4e12 where id = ?`).bind(id).run()
    await world.drain()
    const rows = async (query: string) => [...(await see(query)).matchAll(/\/messages\/msg_/g)].length
    expect(await rows('')).toBe(0)
    expect(await rows('?status=waiting')).toBeGreaterThan(0)
    expect(await rows('?status=waiting&type=nowhere')).toBeGreaterThan(0)
    // What waits is not theirs to read while the owner keeps it back.
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await rows('?status=waiting')).toBe(0)
  })

  it('can send a test, rotate the secret, pause and resume', async () => {
    const world = await aWorld('open')
    const { box, path, secret } = await registered(world)
    expect((await submit(world, `${path}/test`)).html).toContain('delivered')
    const rotated = await submit(world, `${path}/rotate`, [['grace_seconds', '0']])
    const next = /whsec_[A-Za-z0-9+/=]+/.exec(rotated.html)?.[0] ?? ''
    expect(next).not.toBe(secret)
    await submit(world, `${path}/pause`)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
    await submit(world, `${path}/resume`)
    await aComment(world)
    await world.drain()
    const last = (await box.received()).at(-1)
    new Webhook(next).verify(last?.body ?? '', (last?.headers ?? {}) as Record<string, string>)
  })

  it('says until when the old secret stays valid after a rotation', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const rotate = async (seconds: string, kept = '') => {
      const { html, location } = await submit(world, `${path}/rotate${kept}`, [['grace_seconds', seconds]])
      expect(html).toContain('Save the signing secret now')
      return { html, kept: `?${location?.split('?')[1]}` }
    }
    const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const { html, kept } = await rotate('86400')
    expect(html).toMatch(new RegExp(`old secret[^<]*<time datetime="${day}`))
    // The address still has the time of the first rotation, which is no longer true.
    expect((await rotate('0', kept)).html).not.toContain('the old secret, which')
  })

  it('cannot resume an endpoint that the owner disabled', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await see()).toMatch(/owner [^.<]*disabled/)
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]?.status).toBe('disabled')
  })

  it('cannot resume an endpoint that the owner disabled after it was paused', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    await submit(world, `${path}/pause`)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}?tab=settings`)).toMatch(/integrator [^.]*can resume/)
    await browser.submit(`/admin/endpoints/${id}/disable`, {})
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]).toMatchObject({ disabled_reason: 'manual' })
  })

  it('sends no test without the owner’s approval, and only a few with it', async () => {
    const world = await aWorld('approve')
    const { box, path, id } = await registered(world)
    expect((await submit(world, `${path}/test`)).status).toBe(409)
    expect(await box.received()).toHaveLength(1)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await submit(world, `${path}/test`)).status)
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
  })

  it('is redacted in the log of the program', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const lines: string[] = []
    const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line))
    world.recorder.failNextD1 = new Error('D1_ERROR: gone')
    expect((await world.request(path)).status).toBe(500)
    spy.mockRestore()
    expect(lines.join()).toContain('/webhooks/manage/link_')
    expect(lines.join()).not.toContain(path.split('link_')[1])
  })

  it('can delete the endpoint, and is no longer valid afterwards', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    expect((await submit(world, `${path}/delete`)).html).toMatch(/endpoint [^.<]*deleted/)
    expect((await world.request(path)).status).toBe(404)
    expect(await endpoints(world)).toEqual([])
  })

  it('still works after registration has been closed', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await world.api('PATCH', '/api/settings', { registration: 'off' })
    expect((await world.request(path)).status).toBe(200)
  })

  it('is stored as a hash, not cached, not indexed by search engines, and not guessable', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    const row = await env.DB.prepare('select * from endpoints where id = ?1').bind(id).first()
    expect(JSON.stringify(row)).not.toContain(path.split('/').at(-1))
    const { headers } = await world.request(path)
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('X-Robots-Tag')).toBe('noindex')
    expect(headers.get('Referrer-Policy')).toBe('same-origin')
    for (const other of [`${path}x`, path.slice(0, -1), '/webhooks/manage/', '/webhooks/manage/%00']) {
      expect((await world.request(other)).status).toBe(404)
    }
  })

  it('does not show messages of other endpoints', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await anEndpoint(world, mailbox().url('ok'), { event_types: ['order.*'] })
    await world.api('POST', '/api/messages', { type: 'order.paid', data: { secret: 1 } })
    await world.drain()
    const message = await latestMessageId(world)
    expect((await world.request(`${path}/messages/${message}`)).status).toBe(404)
  })
})

describe('the page of an integrator', () => {
  it('retries a delivery, shows its request and a curl command, and sends again what failed', async () => {
    const world = await aWorld('open')
    const { box, path, see, id } = await registered(world)
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    const page = await see(`/messages/${message}`)
    expect(page).toContain('curl -X POST')
    const before = (await box.received()).length
    expect((await submit(world, `${path}/messages/${message}/retry`)).html).toMatch(
      /role="status"[^.]*(being|was) sent/
    )
    await world.drain()
    expect(await box.received()).toHaveLength(before + 1)
    const old = await submit(world, `${path}/messages/${message}/retry`, [['attempts', '1']])
    expect([old.status, old.html.includes('delivered meanwhile')]).toEqual([409, true])
    expect(await see(`/messages/${message}?part=rows`)).toContain('delivered')
    // A program need not send a form.
    const { 'Content-Type': _, ...headers } = FORM
    const bare = await world.request(`${path}/messages/${message}/retry`, { method: 'POST', headers })
    expect(bare.status).toBe(303)
    await world.drain()
    expect(await box.received()).toHaveLength(before + 2)
    await env.DB.prepare(`update deliveries set status = 'failed' where endpoint_id = ?`).bind(id).run()
    expect((await submit(world, `${path}/replay`, [['only', 'failed']])).html).toContain('oldest first')
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(before + 3)
  })

  it('does not retry a message of another endpoint', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const { body } = await world.api<{ id: string }>('POST', '/api/messages', { type: 'order.paid', data: {} })
    expect((await submit(world, `${path}/messages/${body.id}/retry`)).status).toBe(404)
  })

  it('changes the event types at once, and the URL only after it has answered a challenge', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    const fields = (url: string, type: string): [string, string][] => [
      ['url', url],
      ['description', 'New'],
      ['event_types', type],
    ]
    const [before] = await endpoints(world)
    const url = String(before?.url)
    expect((await submit(world, `${path}/edit`, fields(url, 'comment.updated'))).status).toBe(303)
    expect((await submit(world, `${path}/edit`, fields(url, 'order.paid'))).status).toBe(422)
    const refused = await submit(world, `${path}/edit`, fields(mailbox().url('ok'), 'comment.updated'))
    expect(refused.status).toBe(422)
    expect(partOf(refused.html, 'id="url-error"')).toContain('verified')
    const moved = mailbox().url('verify')
    expect((await submit(world, `${path}/edit`, fields(moved, 'comment.updated'))).status).toBe(303)
    const [after] = await endpoints(world)
    expect(after).toMatchObject({ id, url: moved, event_types: ['comment.updated'], description: 'New' })
    expect(await see()).toContain(moved)
  })

  it('sends the headers that the owner set to no other URL, not even with the challenge', async () => {
    const world = await aWorld('open')
    const { path, id, box } = await registered(world)
    await world.api('PATCH', `/api/endpoints/${id}`, { headers: { 'X-Gateway-Token': 'gateway-secret-1' } })
    const [refusing, moved] = [mailbox(), mailbox()]
    for (const [url, status] of [
      [refusing.url('ok'), 422],
      [moved.url('verify'), 303],
    ] as const) {
      const fields = { url, description: 'New', event_types: 'comment.published' }
      expect((await submit(world, `${path}/edit`, Object.entries(fields))).status).toBe(status)
    }
    await aComment(world)
    await world.drain()
    const requests = [...(await refusing.received()), ...(await moved.received())]
    expect(requests.map(({ body }) => JSON.parse(body).type)).toEqual([
      'endpoint.verify',
      'endpoint.verify',
      'comment.published',
    ])
    expect(JSON.stringify([...requests, ...(await box.received())])).not.toContain('gateway-secret-1')
  })
})
