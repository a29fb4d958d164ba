import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../support/session'
import { aComment, anEndpoint, latestMessageId, mailbox, World } from '../../support/world'

async function comments(world: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await aComment(world, { body: `comment ${i}` })
    await world.drain()
  }
}

async function anEndpointPage(behaviour: string, count: number) {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url(behaviour))
  await comments(world, count)
  const browser = await ownerBrowser(world)
  return { world, id, browser, path: `/admin/endpoints/${id}` }
}

describe('the page of an endpoint', () => {
  it('says nothing about the health of one that is well', async () => {
    const { browser, path } = await anEndpointPage('ok', 1)
    const text = await browser.see(path)
    expect(text).toContain('✓ enabled')
    expect(text).not.toMatch(/in a row|breaker|deliver(y|ies) waits?/)
  })

  it('says what the breaker does, how many wait, and when the next probe goes', async () => {
    const { world, id, browser, path } = await anEndpointPage('status/500', 7)
    const text = await browser.see(path)
    expect(text).toContain('‖ breaker open')
    expect(text).toContain(
      '5 attempts in a row failed, the first just now, so the breaker is open.'
    )
    // Four that failed before it opened keep the time of their retry, and are parked when that comes.
    expect(text).toContain('3 deliveries wait. The next probe, one of them, goes in 60 s')
    expect(text).toContain('after a probe')
    expect(await browser.see('/admin/endpoints')).toContain('‖ breaker open')
    const { body } = await world.api('GET', `/api/endpoints/${id}`)
    expect(body.parked).toEqual({ count: 3, counted_all: true })
  })

  it('offers to try a delivery that waits behind the breaker, and does so at once', async () => {
    const { world, id, browser } = await anEndpointPage('status/500', 6)
    const message = await latestMessageId(world)
    const path = `/admin/messages/${message}/deliveries/${id}`
    expect(await browser.see(path)).toMatch(/Retry now.* None was made yet: it waits\./)
    await browser.submit(`${path}/retry`, {})
    await world.drain()
    expect(await browser.see(path)).toContain('#1 ✕ refused')
  })

  it('sends what waited to a new URL at once, without a sweep', async () => {
    const { world, browser, path } = await anEndpointPage('status/500', 6)
    const box = mailbox()
    await browser.submit(path, { url: box.url('ok'), event_types: '*' })
    await world.drainDelayed()
    // Those that failed before the breaker opened keep the time of their retry.
    expect((await box.received()).length).toBeGreaterThanOrEqual(2)
  })

  it('says that a probe that is due goes when the clock comes', async () => {
    const { browser, path } = await anEndpointPage('status/500', 6)
    await env.DB.prepare('update endpoints set resume_at = 1').run()
    expect(await browser.see(path)).toContain('The next probe, one of them, goes within a minute;')
  })

  it('says that a receiver asked to be left alone, and for how long', async () => {
    const { browser, path } = await anEndpointPage('retry-after/3600', 2)
    const text = await browser.see(path)
    expect(text).toContain('… held')
    expect(text).toContain('2 deliveries wait, until that is over in 60 min')
  })

  it('says how much a disabled one missed, and sends it when enabling if that is left checked', async () => {
    const { world, browser, path } = await anEndpointPage('ok', 0)
    await anEndpoint(world, mailbox().url('ok'))
    await browser.submit(`${path}/disable`, {})
    await comments(world, 2)
    const text = await browser.see(path)
    expect(text).toContain('Disabled by you')
    expect(text).toContain('Send what it missed as well: 2 messages')
    const enabled = await browser.submit(`${path}/enable`, { replay_missing: 'true' })
    expect(enabled).toMatchObject({ status: 303, location: `${path}?done=enabled` })
    await world.drainDelayed()
    const after = await browser.see(path)
    expect(after).toContain('done what it never got')
    expect(after.match(/✓ delivered/g)).toHaveLength(2)
  })

  it('counts a replay before it sends it, and shows how far it is', async () => {
    const { world, browser, path } = await anEndpointPage('ok', 3)
    const fields = { only: 'all', span: '1', event_types: '' }
    const counted = await browser.submit(`${path}/replay`, { ...fields, dry_run: 'true' })
    expect(counted.status).toBe(200)
    expect(counted.text).toContain('3 messages, with the same ids as before')
    expect((await world.api('GET', '/api/jobs')).body.data).toEqual([])
    const sent = await browser.submit(`${path}/replay`, fields)
    expect(sent).toMatchObject({ status: 303, location: `${path}?done=replaying#replay` })
    expect(await browser.see(path)).toContain('3 of 3 put in line.')
  })

  it('cancels a job', async () => {
    const { world, browser, path, id } = await anEndpointPage('ok', 3)
    await world.api('PATCH', `/api/endpoints/${id}`, { rate_limit: 1 })
    await browser.submit(`${path}/replay`, { only: 'all', span: '7', event_types: '' })
    const [job] = (await world.api<{ data: { id: string }[] }>('GET', '/api/jobs')).body.data
    expect(await browser.see(path)).toMatch(/… running everything that.* 1 of 3 in line so far/)
    await browser.submit(`${path}/jobs/${job?.id}/cancel`, {})
    expect(await browser.see(path)).toMatch(/– canceled everything that.* 1 of 3 put in line/)
  })

  it('says in the form what it cannot replay', async () => {
    const { browser, path } = await anEndpointPage('ok', 1)
    const fields = { only: 'failed', span: '1', event_types: 'no good' }
    const refused = await browser.submit(`${path}/replay`, { ...fields, event_types: '.*' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('".*" is none')
    expect((await browser.submit(`${path}/replay`, { ...fields, only: 'some' })).status).toBe(422)
  })
})
