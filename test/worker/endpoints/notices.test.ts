import { describe, expect, it } from 'vitest'
import { stopClock } from '../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { latestMessageId } from '../../support/views'
import { World } from '../../support/world'

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
    // The first retry follows within seconds anyway.
    const early = await browser.submit(`${path}/retry`, {})
    expect(await browser.notice(early.location ?? '')).toMatch(/nothing.*due soon/)
    await world.sweep(later(10_000))
    await world.drain()
    const { location } = await browser.submit(`${path}/retry`, {})
    const notice = () => browser.notice(location ?? '')
    expect(await notice()).toContain('being sent')
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

  it('says that a message failed for good', async () => {
    const { world, path, browser } = await aDelivery('status/410')
    await world.drain()
    expect(await browser.notice(`${path}?done=retry`)).toMatch(/failed(?!.*scheduled)/)
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
