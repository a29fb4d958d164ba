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
    expect(await browser.see(early.location ?? '')).toContain('The retry changed nothing')
    await world.sweep(later(10_000))
    await world.drain()
    const { location } = await browser.submit(`${path}/retry`, {})
    const see = () => browser.see(location ?? '')
    expect(await see()).toContain('The message is being sent again, with the same id.')
    await world.drain()
    expect(await see()).toContain('The message was sent again, and failed. The next attempt is scheduled.')
    await browser.submit(`/admin/endpoints/${id}/disable`, {})
    expect(await see()).not.toContain('is being sent again')
    await box.script('ok')
    await browser.submit(`/admin/endpoints/${id}/enable`, {})
    await world.drain()
    await browser.submit(`${path}/retry`, {})
    await world.drain()
    expect(await see()).toContain('The message was sent again, and delivered.')
  })

  it('says that a message failed for good', async () => {
    const { world, path, browser } = await aDelivery('status/410')
    await world.drain()
    expect(await browser.see(`${path}?done=retry`)).toContain('The message was sent again, and failed.')
  })

  it('says that an endpoint is enabled or disabled only while it is', async () => {
    const { world, id, browser } = await aDelivery('ok')
    await world.drain()
    const page = `/admin/endpoints/${id}`
    expect(await browser.see(`${page}?done=enabled`)).toContain('Enabled. No deliveries are parked.')
    expect(await browser.see(`${page}?done=disabled`)).not.toContain('Disabled.')
    await browser.submit(`${page}/disable`, {})
    expect(await browser.see(`${page}?done=enabled`)).not.toContain('Enabled.')
    expect(await browser.see(`${page}?done=disabled`)).toContain('Disabled.')
  })
})
