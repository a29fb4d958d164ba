import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { stopClock } from '../../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

async function comments(world: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await aComment(world, { body: `comment ${i}` })
    await world.drain()
  }
}

async function anEndpointPage(behavior: string, count: number) {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url(behavior))
  await comments(world, count)
  const browser = await ownerBrowser(world)
  return { world, id, browser, path: `/admin/endpoints/${id}` }
}

describe('the page of an endpoint', () => {
  it('says nothing about the health of a healthy endpoint', async () => {
    const { browser, path } = await anEndpointPage('ok', 1)
    const text = await browser.see(path)
    expect(text).toContain('✓ enabled')
    expect(text).not.toMatch(/in a row|\bwaits?\b|Try now/)
  })

  it('says that it is down, how many deliveries wait, and when the next one will be tried', async () => {
    stopClock()
    const { world, id, browser, path } = await anEndpointPage('status/500', 7)
    const text = await browser.see(path)
    expect(text).toContain('✕ down')
    expect(text).toMatch(/5 attempts [^.]*just now/)
    // The four deliveries that failed before the breaker opened are parked when their retries are due.
    expect(text).toMatch(/Try now 3 deliveries wait\. [^.]* in 1 min\b/)
    expect(text).toContain('when it works again')
    expect(await browser.see('/admin/endpoints')).toMatch(/✕ down.* 3 /)
    const { body } = await world.api('GET', `/api/endpoints/${id}`)
    expect(body.parked).toEqual({ count: 3, counted_all: true })
  })

  it('offers to retry a parked delivery, and sends it immediately', async () => {
    const { world, id, browser } = await anEndpointPage('status/500', 6)
    const message = await latestMessageId(world)
    const path = `/admin/messages/${message}/deliveries/${id}`
    expect(await browser.see(path)).toMatch(/Retry now.*No attempts[^.]*\.[^.]*waits/)
    await browser.submit(`${path}/retry`, {})
    await world.drain()
    expect(await browser.see(path)).toContain('#1 ✕ failed')
  })

  it('sends parked deliveries to a new URL immediately, without a sweep', async () => {
    const { world, browser, path } = await anEndpointPage('status/500', 6)
    const box = mailbox()
    await browser.submit(path, { url: box.url('ok'), event_types: '*' })
    await world.drainDelayed()
    // Deliveries that failed before the breaker opened keep the times of their retries.
    expect((await box.received()).length).toBeGreaterThanOrEqual(2)
  })

  it('says that a probe that is due will be sent within a minute', async () => {
    const { browser, path } = await anEndpointPage('status/500', 6)
    await env.DB.prepare('update endpoints set resume_at = 1').run()
    expect(await browser.see(path)).toMatch(/\d \w+ waits?\. [^.]* within a minute/)
  })

  it('says that a receiver has asked for a pause, and for how long', async () => {
    const { browser, path } = await anEndpointPage('retry-after/3600', 2)
    const text = await browser.see(path)
    expect(text).toContain('‖ paused by the receiver')
    expect(text).toMatch(/2 deliveries wait\. [^.]* in 60 min/)
  })

  it('says how many messages a disabled endpoint has missed, and replays them when it is enabled', async () => {
    const { world, browser, path } = await anEndpointPage('ok', 0)
    await anEndpoint(world, mailbox().url('ok'))
    await browser.submit(`${path}/disable`, {})
    await comments(world, 2)
    const text = await browser.see(path)
    expect(text).toContain('You disabled')
    expect(text).toMatch(/replay 2 messages/)
    const enabled = await browser.submit(`${path}/enable`, { replay_missing: 'true' })
    expect(enabled).toMatchObject({ status: 303, location: `${path}?done=enabled` })
    await world.drainDelayed()
    expect(await browser.see(`${path}?tab=replay`)).toContain('done Missed messages')
    // One of them is the last answer, too.
    expect((await browser.see(path)).match(/✓ delivered/g)).toHaveLength(3)
  })

  it('previews a replay before it starts, and shows its progress', async () => {
    const { world, browser, path } = await anEndpointPage('ok', 3)
    const fields = { only: 'all', span: '1', event_types: '' }
    const counted = await browser.submit(`${path}/replay`, { ...fields, dry_run: 'true' })
    expect(counted.status).toBe(303)
    const preview = await browser.see(counted.location ?? '')
    expect(preview).toMatch(/3 messages [^.]*same IDs/)
    expect(preview).toContain('Replay 3 messages')
    expect((await world.api('GET', '/api/jobs')).body.data).toEqual([])
    const sent = await browser.submit(`${path}/replay`, fields)
    expect(sent).toMatchObject({ status: 303, location: `${path}?tab=replay&done=replaying` })
    expect(await browser.notice(`${path}?done=replaying`)).toMatch(/^Replay started/)
    expect(await browser.see(`${path}?tab=replay`)).toMatch(/Of 3 messages: [0-3] sent, 0 failed, [0-3] waiting/)
  })

  it('cancels a replay', async () => {
    const { world, browser, path, id } = await anEndpointPage('ok', 3)
    await world.api('PATCH', `/api/endpoints/${id}`, { rate_limit: 1 })
    await browser.submit(`${path}/replay`, { only: 'all', span: '7', event_types: '' })
    const [job] = (await world.api<{ data: { id: string }[] }>('GET', '/api/jobs')).body.data
    const replays = () => browser.see(`${path}?tab=replay`)
    expect(await replays()).toMatch(/All messages.* Of 3 messages: .*Reload/)
    await browser.submit(`${path}/jobs/${job?.id}/cancel`, {})
    expect(await replays()).toMatch(/– canceled All messages.* Of 3 messages:/)
  })

  it('names the invalid field of a replay in the form', async () => {
    const { browser, path } = await anEndpointPage('ok', 1)
    const fields = { only: 'failed', span: '1', event_types: 'no good' }
    const refused = await browser.submit(`${path}/replay`, { ...fields, event_types: '.*' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('".*" is not')
    expect((await browser.submit(`${path}/replay`, { ...fields, only: 'some' })).status).toBe(422)
  })
})

describe('the integrator page', () => {
  it.each(['gone', 'failing'])('offers to resume an endpoint that was disabled as %s', async (reason) => {
    const world = new World()
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    const body = new URLSearchParams({ url: mailbox().url('verify'), event_types: 'comment.published' }).toString()
    const headers = { ...FORM, 'CF-Connecting-IP': '198.51.100.7' }
    const registered = await world.request('/webhooks', { method: 'POST', headers, body })
    const [path = ''] = (registered.headers.get('Location') ?? '').split('?')
    await env.DB.prepare(`update endpoints set status = 'disabled', disabled_reason = ?1`).bind(reason).run()
    const page = await (await world.request(path)).text()
    expect(page).toMatch(/<button[^>]*>Resume<\/button>/)
    expect(page).not.toContain('Enable')
  })
})
