import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass, stopClock } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

async function aDelivery(behavior: string) {
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url(behavior))
  await aComment(world)
  const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
  return { world, box, id, path, browser: await ownerBrowser(world) }
}

describe('the notice after an action', () => {
  it('follows a message that is sent again, however often the page is reloaded', async () => {
    stopClock()
    const { world, box, id, path, browser } = await aDelivery('scripted')
    await box.script('status/500')
    await world.drain()
    const { location } = await browser.submit(`${path}/retry`, {})
    const notice = () => browser.notice(location ?? '')
    expect(await notice()).toContain('being sent')
    // A second one finds the first one under way.
    const again = await browser.submit(`${path}/retry`, {})
    expect(await browser.notice(again.location ?? '')).toContain('being sent')
    await world.drain()
    expect(await notice()).toMatch(/failed.*scheduled/)
    await browser.submit(`/admin/endpoints/${id}/disable`, {})
    expect(await notice()).not.toContain('being sent')
    await box.script('ok')
    await browser.submit(`/admin/endpoints/${id}/enable`, {})
    await world.drain()
    await browser.submit(`${path}/retry`, {})
    await world.drain()
    expect(await notice()).toContain('delivered')
  })

  it('says that a retry has delivered it meanwhile, and sends no duplicate', async () => {
    stopClock()
    const { world, box, id, path, browser } = await aDelivery('scripted')
    await box.script('status/500')
    await world.drain()
    const html = async (at: string) => (await browser.get(at)).text()
    const page = await html(path)
    expect(page).toContain(`data-live="${path}?part=rows"`)
    const state = () => browser.see(`${path}?part=rows`)
    expect(await state()).toContain('pending 1')
    await box.script('ok')
    await world.sweep(later(10_000))
    await world.drain()
    expect(await state()).toContain('delivered 2')
    const attempts = (html: string) => /name="attempts" value="(\d+)"/.exec(html)?.[1] ?? 'none'
    expect(attempts(await html(`/admin/messages/${path.split('/')[3]}`))).toBe('none')
    const refused = await browser.submit(`${path}/retry`, { attempts: '1' })
    expect([refused.status, refused.html.includes('delivered meanwhile')]).toEqual([409, true])
    expect(refused.html).toContain(`data-live="${path}?part=rows"`)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
    // Who has seen that it was delivered may send it again.
    await browser.submit(`${path}/retry`, { attempts: attempts(await html(path)) })
    await world.drain()
    expect(await box.received()).toHaveLength(3)
    expect(await world.api('POST', `/api/messages/${path.split('/')[3]}/deliveries/${id}/retry`)).toMatchObject({
      status: 202,
    })
    await world.drain()
    letPass(600_000)
    expect(await html(path)).not.toContain('data-live')
  })

  it('says that a message failed for good', async () => {
    const { world, path, browser } = await aDelivery('status/410')
    await world.drain()
    expect(await browser.notice(`${path}?done=retry`)).toMatch(/failed(?!.*scheduled)/)
  })

  it('says that a message failed again, and waits, while the endpoint is down', async () => {
    const { world, path, browser } = await aDelivery('status/500')
    await world.drain()
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5`).run()
    const { location } = await browser.submit(`${path}/retry`, {})
    await world.drain()
    expect(await browser.notice(location ?? '')).toMatch(/failed.*waits/)
  })

  it('says that an endpoint is enabled or disabled only while it is', async () => {
    const { world, id, browser } = await aDelivery('ok')
    await world.drain()
    const page = `/admin/endpoints/${id}`
    expect(await browser.notice(`${page}?done=enabled`)).toMatch(/^Enabled.*Nothing/)
    expect(await browser.see(`${page}?done=disabled`)).not.toContain('Disabled.')
    await browser.submit(`${page}/disable`, {})
    expect(await browser.see(`${page}?done=enabled`)).not.toContain('Enabled.')
    expect(await browser.see(`${page}?done=disabled`)).toContain('Disabled.')
  })
})
