import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { titlesOfMessages } from '../../../../src/webhooks/send/messages/event-titles'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

describe('an entry and the events about it', () => {
  it('lead to each other, until the entry is deleted', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await anEndpoint(world, mailbox().url('status/500'))
    const { id } = await aComment(world, { name: 'Fern' })
    await world.drain()
    const message = await latestMessageId(world)
    const { get } = await ownerBrowser(world)
    const page = async (path: string) => (await get(path)).text()
    const events = partOf(await page(`/admin/comments/${id}`), 'id="webhooks"')
    expect(events).toMatch(/comment\.published.* 1 delivered.* 1 failing/)
    expect(await page(`/admin/comments/${id}`)).toContain(`href="/admin/messages/${message}"`)
    expect(await page(`/admin/messages/${message}`)).toMatch(new RegExp(`href="/admin/comments/${id}">[^<]*entry<`))
    await world.api('DELETE', `/api/comments/${id}`)
    expect(await page(`/admin/messages/${message}`)).not.toContain('/admin/comments/cmt_')
  })

  it('are all found from an entry that has had many', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const { id } = await aComment(world)
    const browser = await ownerBrowser(world)
    const older = async () => (await browser.get(`/admin/comments/${id}`)).text()
    const href = `/admin/messages?q=${id}`
    expect(await older()).not.toContain(href)
    for (let i = 0; i < 5; i++) await world.api('PUT', `/api/comments/${id}/reply`, { body: `Reply ${i}` })
    expect(await older()).toContain(href)
    const found = (await (await browser.get(href)).text()).match(/href="\/admin\/messages\/msg_\w+"/g)
    expect(new Set(found).size).toBe(6)
  })

  it('are not there for an entry without events, nor for an event about something else', async () => {
    const world = new World()
    const { body } = await world.api<{ id: string }>('POST', '/api/messages', { type: 'order.paid', data: {} })
    const { id } = await aComment(world)
    await env.DB.prepare(`update comments set message_ids = '[]'`).run()
    const { get } = await ownerBrowser(world)
    expect(await (await get(`/admin/comments/${id}`)).text()).not.toContain('id="webhooks"')
    expect(await (await get(`/admin/messages/${body.id}`)).text()).not.toContain('/admin/comments/cmt_')
  })
})

describe('what became of a message', () => {
  it('is the same in every place: delivered, failing and waiting are counted apart', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const broken = await anEndpoint(world, mailbox().url('status/500'))
    const off = await anEndpoint(world, mailbox().url())
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${off.id}/disable`)
    await env.DB.prepare(`update deliveries set status = 'pending', next_attempt_at = null where endpoint_id = ?`)
      .bind(off.id)
      .run()
    const browser = await ownerBrowser(world)
    const message = `/admin/messages/${await latestMessageId(world)}`
    for (const path of ['/admin', '/admin/messages']) {
      expect(await browser.see(path), path).toMatch(/✓ 1 delivered ! 1 failing … 1 waiting/)
    }
    expect(await (await browser.get(message)).text()).toMatch(/<title>.* · 1 delivered, 1 failing, 1 waiting/)
    expect(await browser.see(`/admin/endpoints/${broken.id}`)).toMatch(/! failing retrying/)
    const waiting = await browser.see(`/admin/endpoints/${off.id}?status=waiting`)
    expect(waiting.slice(waiting.indexOf('Next attempt'))).toMatch(/^Next attempt ID … waiting endpoint disabled/)
    expect(await browser.see(message)).not.toContain('pending')
  })
})

describe('the latest activity', () => {
  it('shows stars as the page of the book does', async () => {
    const world = new World()
    await withoutModeration(world)
    await world.api('PATCH', '/api/books/main', { markup: true })
    const { see } = await ownerBrowser(world)
    await aComment(world, { body: '*moths* and **bats**' })
    expect(await see('/admin')).toContain('moths and bats')
    await world.api('PATCH', '/api/books/main', { markup: false })
    expect(await see('/admin')).toContain('*moths* and **bats**')
  })

  it('shows an older entry that is approved now as an entry, with its text, and no tests', async () => {
    const world = await withModeration(new World())
    const { id } = await anEndpoint(world, mailbox().url())
    await signAsGuest(world, { name: 'Vera', body: 'Moths!' })
    for (let i = 0; i < 8; i++) await signAsGuest(world, { name: `Guest ${i}`, body: `Text ${i}` })
    const held = await world.api<{ data: { id: string; name: string }[] }>('GET', '/api/comments?status=held')
    const vera = held.body.data.find(({ name }) => name === 'Vera')?.id
    await world.api('PATCH', `/api/comments/${vera}`, { status: 'published' })
    await world.api('POST', `/api/endpoints/${id}/test`)
    await world.drain()
    const { get } = await ownerBrowser(world)
    const html = await (await get('/admin')).text()
    const activity = html.slice(html.indexOf('id="activity"'), html.indexOf('id="charts"'))
    expect(activity).toMatch(new RegExp(`/admin/comments/${vera}">.*Vera.*published.*Moths!`, 's'))
    expect(activity).not.toContain('Test')
  })

  it('names a request as its own page and the comparison with another one do', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', { name: 'The shop' })
    const send = async (title: string) => (await post(world, path, JSON.stringify({ title }))).body.id
    const [before, after] = [await send('Two mugs'), await send('Three mugs')]
    const { see } = await ownerBrowser(world)
    expect(await see('/admin')).toMatch(/Three mugs from The shop/)
    expect(await see(`/admin/inbound/${after}`)).toContain('Requests › Three mugs')
    expect(await see(`/admin/inbound/${after}/compare?with=${before}`)).toContain('Requests › Three mugs › Compare')
  })
})

describe('the name of an endpoint', () => {
  it('has its path or description, so that endpoints with the same host can be told apart', async () => {
    const world = new World()
    const url = mailbox().url('status/410')
    const { id } = await anEndpoint(world, url, { event_types: ['order.*'] })
    const named = await anEndpoint(world, mailbox().url(), { event_types: ['ping'], description: 'The newsletter' })
    await world.api('POST', '/api/messages', { type: 'order.paid', data: {} })
    await world.drain()
    await world.api('POST', `/api/endpoints/${named.id}/test`)
    const browser = await ownerBrowser(world)
    const page = await browser.see('/admin/messages')
    const path = url.replace(/^https?:\/\//, '')
    expect(page).toMatch(/Test to \S?The newsletter/)
    expect(page).toContain(`Delivery to ${path} failed`.slice(0, 40))
    const failed = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?type=order.paid')
    const delivery = `/admin/messages/${failed.body.data[0]?.id}/deliveries/${id}`
    expect((await browser.see(delivery)).slice(0, 400)).toContain(path.slice(0, 40))
  })
})

describe('the title of an event about an endpoint', () => {
  it('shows its address to the owner, but only its host to an integrator: some addresses are credentials', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url('secret'))
    const data = { endpoint: { id, host: 'chat.example', description: '' } }
    await env.DB.prepare(
      `insert into messages (id, type, created_at, payload) values ('msg_1', 'endpoint.failing', 1, ?)`
    )
      .bind(JSON.stringify({ id: 'msg_1', type: 'endpoint.failing', timestamp: '', data }))
      .run()
    const titleFor = async (isOwner: boolean) => (await titlesOfMessages(env, [{ id: 'msg_1' }], isOwner)).get('msg_1')
    expect(await titleFor(true)).toContain('/secret')
    expect(await titleFor(false)).toContain('chat.example')
    expect(await titleFor(false)).not.toContain('secret')
  })
})
