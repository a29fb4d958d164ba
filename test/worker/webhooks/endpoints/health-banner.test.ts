import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'
import { aWorld, registered, submit } from '../registration/integrator'

/** An endpoint whose breaker has opened, and for which deliveries wait. */
async function aBrokenEndpoint(entries = 8) {
  const world = new World()
  const box = mailbox()
  await box.script('status/500')
  const { id } = await anEndpoint(world, box.url('scripted'))
  for (let i = 0; i < entries; i++) {
    await aComment(world, { name: `Guest ${i}` })
    await world.drain()
  }
  // What failed before the breaker opened is parked when its retry is due.
  await env.DB.prepare(`update deliveries set next_attempt_at = null where status = 'pending'`).run()
  await env.DB.prepare('update endpoints set resume_at = ?').bind(later(600_000)).run()
  return { world, box, id, path: `/admin/endpoints/${id}`, browser: await ownerBrowser(world) }
}

const healthOf = (html: string) => partOf(html, 'id="health"')

describe('the top of the page of an endpoint', () => {
  it('says what the receiver answered last, what that means, what waits and when it goes', async () => {
    const { browser, path } = await aBrokenEndpoint()
    const html = await (await browser.get(path)).text()
    const health = healthOf(html)
    expect(health).toMatch(/✕ down 5 attempts .*Try now/)
    expect(health).toMatch(/8 deliveries wait\. .*in 10 min/)
    expect(health).toMatch(/✕ failed 500 in \d+ ms, .*logs/)
    expect(html).toMatch(/<pre dir="auto">[^<]+<\/pre>/)
    expect(html).toMatch(/href="\/admin\/messages\/msg_\w+\/deliveries\/ep_\w+">See this delivery/)
  })

  it('does not take a test for the last answer', async () => {
    const { world, box, id, browser, path } = await aBrokenEndpoint()
    await box.script('ok')
    await world.api('POST', `/api/endpoints/${id}/test`)
    expect(healthOf(await (await browser.get(path)).text())).toContain('500')
  })

  it('says only that all is well if it is, and offers a test if nothing was sent', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const browser = await ownerBrowser(world)
    const health = async () => healthOf(await (await browser.get(`/admin/endpoints/${id}`)).text())
    expect(await health()).toMatch(/enabled No event .*Send a test/)
    await world.api('POST', `/api/endpoints/${id}/test`)
    const tested = await health()
    expect(tested).toMatch(/enabled The last test was delivered .*delivered 200/)
    expect(tested).not.toContain('No event')
    await aComment(world)
    await world.drain()
    expect(await health()).toMatch(/enabled .*delivered 200/)
  })

  it('says that the last test failed, although it does not count', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('scripted'))
    const browser = await ownerBrowser(world)
    const health = async () => healthOf(await (await browser.get(`/admin/endpoints/${id}`)).text())
    await box.script('ok')
    await aComment(world)
    await world.drain()
    await box.script('status/500')
    await world.api('POST', `/api/endpoints/${id}/test`)
    expect(await health()).toMatch(
      /enabled The last delivery succeeded .*test failed.*test: ✕ failed 500 .*See this test/
    )
    await box.script('ok')
    await world.api('POST', `/api/endpoints/${id}/test`)
    expect(await health()).toMatch(/enabled .*delivered 200/)
  })

  it('stays up to date while the endpoint is enabled', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const browser = await ownerBrowser(world)
    const isLive = async () => (await (await browser.get(`/admin/endpoints/${id}`)).text()).includes('?part=health')
    expect(await isLive()).toBe(true)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await isLive()).toBe(false)
  })

  it('is enabled, as its list and the title of the page say, although the only thing sent is a test that failed', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await world.api('POST', `/api/endpoints/${id}/test`)
    const browser = await ownerBrowser(world)
    for (const tab of ['', '?tab=test', '?tab=settings']) {
      const html = await (await browser.get(`/admin/endpoints/${id}${tab}`)).text()
      expect(healthOf(html)).toMatch(/✓ enabled .*test: ✕ failed 500 /)
      expect(html).toMatch(/<title>[^<]* · enabled /)
    }
  })

  it('shows the last answer of many deliveries, retries included, whichever message they belong to', async () => {
    const { world, box, id, browser, path } = await aBrokenEndpoint()
    await box.script('status/503')
    await env.DB.prepare('update endpoints set resume_at = 1').run()
    // The probe is the oldest delivery.
    await world.sweep(later(300_000))
    await world.drain()
    expect(healthOf(await (await browser.get(path)).text())).toContain('503')
    expect(
      (await world.api<{ health: { probes: number } }>('GET', `/api/endpoints/${id}`)).body.health.probes
    ).toBeGreaterThan(0)
  })
})

describe('"Try now"', () => {
  it('sends the oldest delivery that waits, and the page goes green and counts what follows', async () => {
    const { world, box, id, browser, path } = await aBrokenEndpoint()
    await world.api('PATCH', `/api/endpoints/${id}`, { rate_limit: 3 })
    await box.script('ok')
    letPass(70_000)
    const before = (await box.received()).length
    const { status, location } = await browser.submit(`${path}/try`, {})
    expect([status, location]).toEqual([303, expect.stringMatching(/\?done=tried&of=8&at=\d+$/)])
    expect(await browser.notice(location ?? '')).toContain('trying one delivery')
    const page = await (await browser.get(location ?? '')).text()
    const part = /data-live="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(part).toContain(`${path}?part=health&of=8&at=`)
    // The first one succeeds, so the first page follows at once.
    await world.drain()
    expect((await box.received()).length).toBe(before + 4)
    expect(await browser.see(part)).toMatch(/catching up .*4 of 8 sent\. .*4 deliveries wait/)
    expect(await browser.notice(location ?? '')).toMatch(/^Delivered.*being sent/)
    // The next page has been released, but not sent yet: the numbers still add up.
    await env.DB.prepare(
      `update deliveries set next_attempt_at = ? where message_id in (
        select message_id from deliveries where status = 'pending' order by message_id limit 3)`
    )
      .bind(later(600_000))
      .run()
    expect(await browser.see(part)).toMatch(/4 of 8 sent, 3 being sent\. .*1 delivery waits/)
    await env.DB.prepare(`update deliveries set next_attempt_at = null where status = 'pending'`).run()
    for (let minute = 1; minute < 4; minute++) {
      letPass(70_000)
      await world.sweep(Date.now())
      await world.drainDelayed()
    }
    expect((await box.received()).length).toBe(before + 8)
    expect(await browser.see(part)).toMatch(/! unstable .*delivered 200/)
    letPass(5 * 70_000)
    await world.sweep(Date.now())
    expect(await browser.see(part)).toMatch(/✓ enabled .*delivered 200/)
    expect(await browser.notice(location ?? '')).toBe('Delivered.')
  })

  it('says that it failed again and why, and that this is not counted while the endpoint is down', async () => {
    const { world, browser, path } = await aBrokenEndpoint()
    const { location } = await browser.submit(`${path}/try`, {})
    await world.drain()
    const page = await browser.see(location ?? '')
    expect(page).toMatch(/Tried: failed again \(500/)
    expect(page).toMatch(/5 attempts in a row .*manual attempts are not counted/)
    // What the sweep tries later is no try by hand.
    await env.DB.prepare('update endpoints set resume_at = 1').run()
    await world.sweep(later(300_000))
    await world.drain()
    expect(await browser.see(location ?? '')).toMatch(/^(?!.*Tried).*6 attempts in a row/)
  })

  it('sends one delivery, however often it is pressed', async () => {
    const { world, box, browser, path } = await aBrokenEndpoint()
    const before = (await box.received()).length
    const html = await (await browser.get(path)).text()
    const token = /action="[^"]*\/try"[^>]*><input[^>]*name="(\w+)"[^>]*value="([^"]*)"/.exec(html)
    const press = () => browser.submit(`${path}/try`, { [token?.[1] ?? '']: token?.[2] ?? '' })
    const pressed = await Promise.all([press(), press(), press()])
    expect(new Set(pressed.map(({ location }) => location)).size).toBe(1)
    await world.drain()
    expect((await box.received()).length).toBe(before + 1)
  })

  it('retries what has just failed if nothing waits, and is refused if nothing failed', async () => {
    const world = new World()
    const box = mailbox()
    await box.script('status/500')
    const { id } = await anEndpoint(world, box.url('scripted'))
    const attempt = () => world.api('POST', `/api/endpoints/${id}/try`)
    expect(await attempt()).toMatchObject({ status: 409, body: { code: 'nothing_waiting' } })
    await aComment(world)
    await world.drain()
    await env.DB.prepare('update deliveries set next_attempt_at = ?').bind(later(3_600_000)).run()
    await box.script('ok')
    expect(await attempt()).toMatchObject({ status: 202, body: { message_id: await latestMessageId(world) } })
    await world.drain()
    expect(await box.received()).toHaveLength(2)
    expect(await attempt()).toMatchObject({ status: 409 })
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect((await world.api('POST', '/api/endpoints/ep_unknown/try')).status).toBe(404)
  })

  it('if it is refused, shows the page with lists that lead to the page, not to the form', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    await aComment(world)
    await world.drain()
    const own = `/admin/endpoints/${id}`
    const asOwner = await (await ownerBrowser(world)).submit(`${own}/try`, {})
    for (const [page, { status, html }] of [
      [own, asOwner],
      [path, await submit(world, `${path}/try`)],
    ] as const) {
      expect(status).toBe(409)
      expect(html).toContain(`data-live="${page}?part=rows"`)
      expect(html).not.toContain('/try?')
    }
  })

  it('is offered to the integrator, too', async () => {
    const world = await aWorld('open')
    const { path, see, id, box } = await registered(world, 'verify')
    await aComment(world)
    await world.drain()
    expect(await see()).not.toContain('Try now')
    await env.DB.prepare(`update deliveries set status = 'pending', next_attempt_at = null where endpoint_id = ?`)
      .bind(id)
      .run()
    expect(await see()).toContain(`action="${path}/try"`)
    const before = (await box.received()).length
    expect((await submit(world, `${path}/try`)).status).toBe(303)
    await world.drain()
    expect((await box.received()).length).toBe(before + 1)
  })
})

describe('the deliveries on the page', () => {
  it('also are those that are queued for their first attempt, of this endpoint alone', async () => {
    const world = new World()
    const [own, other] = [await anEndpoint(world, mailbox().url('ok')), await anEndpoint(world, mailbox().url('ok'))]
    const browser = await ownerBrowser(world)
    await aComment(world, { name: 'Ada' })
    await world.drain()
    await aComment(world, { name: 'Eve' })
    await world.drain()
    const titles = async ({ id }: { id: string }) =>
      (await browser.see(`/admin/endpoints/${id}`)).match(/Eve signed|Ada signed/g)
    expect(await titles(own)).toEqual(['Eve signed', 'Ada signed'])
    // As if the one endpoint had been slow, and the other one did not get the event.
    const eve = await latestMessageId(world)
    await env.DB.prepare('delete from attempts where message_id = ?').bind(eve).run()
    await env.DB.prepare('delete from deliveries where endpoint_id = ? and message_id = ?').bind(other.id, eve).run()
    expect(await titles(own)).toEqual(['Ada signed'])
    await env.DB.prepare(
      `update deliveries set status = 'pending', attempt_count = 0, next_attempt_at = ? where message_id = ?`
    )
      .bind(later(60_000), eve)
      .run()
    expect(await titles(own)).toEqual(['Eve signed', 'Ada signed'])
    expect(await titles(other)).toEqual(['Ada signed'])
    expect(await titles({ id: `${own.id}?until=2020-01-01T00:00` })).toBeNull()
    // Behind an open breaker, none is attempted: it waits, and is only listed with all.
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = ?`).bind(later(60_000)).run()
    expect(await titles(own)).toEqual(['Ada signed'])
    expect(await browser.see(`/admin/endpoints/${own.id}?status=all`)).toMatch(
      /waiting the endpoint is down Eve signed/
    )
  })

  it('say when they arrived, if that was long after the event', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const browser = await ownerBrowser(world)
    await aComment(world)
    await world.drain()
    const rowOf = async () => partOf(await (await browser.get(`/admin/endpoints/${id}`)).text(), 'id="deliveries"')
    expect(await rowOf()).toMatch(/ 200 –/)
    await env.DB.prepare('update attempts set started_at = ?').bind(later(7_200_000)).run()
    expect(await rowOf()).toMatch(/ 200 in (120 min|2 h)/)
    const { body } = await world.api<{ data: object[] }>('GET', `/api/endpoints/${id}/deliveries`)
    expect(body.data[0]).not.toHaveProperty('tried_at')
  })

  it('are those that were attempted; those that only wait are one line, with a link to them', async () => {
    const { browser, path, id } = await aBrokenEndpoint()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status) values (?, 'msg_01JD9Z6Y3T0000000000000001', 'pending')`
    )
      .bind(id)
      .run()
    await env.DB.prepare(
      `insert into messages (id, type, created_at, dispatched_at, payload) values ('msg_01JD9Z6Y3T0000000000000001', 'only.waits', 1, 1, '{}')`
    ).run()
    const page = await browser.see(path)
    expect(page).toContain('Guest 0 signed')
    expect(page).toContain('9 deliveries wait')
    expect(page).not.toContain('only.waits')
    const html = await (await browser.get(path)).text()
    const [, waiting = ''] = /href="([^"]*status=waiting)#deliveries"/.exec(html) ?? []
    const [, all = ''] = /href="([^"]*)#deliveries" aria-current="true"[^>]*><bdi>attempted/.exec(html) ?? []
    for (const address of [waiting, all]) expect(await browser.see(address)).toContain('only.waits')
  })
})
