import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { TOKEN, World } from '../../../support/world'
import { aKey, withKey } from '../../access/a-key'

describe('a duplicate of an endpoint', () => {
  const SETTINGS = {
    description: 'Blog',
    event_types: ['comment.*'],
    headers: { 'X-Token': 'open sesame' },
    rate_limit: 7,
    when: 'data.book.slug == "main"',
  }

  it('has the same settings and headers, another secret, and gets nothing until it is enabled', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret } = await anEndpoint(world, box.url('ok'), SETTINGS)
    const { status, body: copy } = await world.api('POST', `/api/endpoints/${id}/duplicate`)
    expect(status).toBe(201)
    const { body: original } = await world.api('GET', `/api/endpoints/${id}`)
    for (const name of ['url', 'description', 'event_types', 'books', 'format', 'headers', 'rate_limit', 'when'])
      expect(copy[name]).toEqual(original[name])
    expect(copy).toMatchObject({ status: 'disabled', disabled_reason: 'manual' })
    expect(copy.secret).not.toBe(secret)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
    await world.api('POST', `/api/endpoints/${copy.id}/enable`)
    await aComment(world)
    await world.drain()
    const received = await box.received()
    expect(received.map(({ headers }) => headers['x-token'])).toEqual(Array(3).fill('open sesame'))
  })

  it('keeps a book that is gone, as the endpoint itself does', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'), { books: ['main'] })
    await env.DB.prepare(`update endpoints set books = '["gone"]'`).run()
    const { status, body } = await world.api('POST', `/api/endpoints/${id}/duplicate`)
    expect([status, body.books]).toEqual([201, ['gone']])
  })

  it('is made once, however often the call is repeated with the same key', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const make = () =>
      world.api('POST', `/api/endpoints/${id}/duplicate`, undefined, {
        Authorization: `Bearer ${TOKEN}`,
        'Idempotency-Key': 'k',
      })
    const [first, second] = [await make(), await make()]
    expect(second.body).toEqual(first.body)
    expect((await world.api<{ data: object[] }>('GET', '/api/endpoints')).body.data).toHaveLength(2)
  })

  it('gives an API key no more than its scopes: no links, and no token in the URL', async () => {
    const world = new World()
    const url = 'https://hooks.slack.com/services/T0/B0/secretsecret12345'
    const { body: original } = await world.api('POST', '/api/endpoints', { url, format: 'slack' })
    expect(original.moderation_links).toBe(true)
    const key = withKey(await aKey(world, ['write']))
    const { status, body } = await world.api('POST', `/api/endpoints/${original.id}/duplicate`, undefined, key)
    expect(status).toBe(201)
    expect(body.moderation_links).toBe(false)
    expect(JSON.stringify(body)).not.toContain('secretsecret12345')
  })

  it('of a format that has no texts of the owner leaves out those of an earlier format', async () => {
    const world = new World()
    const texts = { 'comment.published': 'Hello' }
    const { id } = await anEndpoint(world, mailbox().url('ok'), { texts })
    await world.api('PATCH', `/api/endpoints/${id}`, { format: 'cloudevents' })
    expect((await world.api('POST', `/api/endpoints/${id}/duplicate`)).body).toMatchObject({ texts: {} })
  })

  it('is refused for the built-in receiver, and with fields, which would appear to have an effect', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    expect((await world.api('POST', `/api/endpoints/${id}/duplicate`, { url: 'https://example.com' })).status).toBe(422)
    await env.DB.prepare("update endpoints set url = 'guesthook:receiver/src_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'").run()
    expect((await world.api('POST', `/api/endpoints/${id}/duplicate`)).status).toBe(422)
  })

  it('is made by a button, which leads to the page of the copy', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'), SETTINGS)
    const browser = await ownerBrowser(world)
    expect(await (await browser.get(`/admin/endpoints/${id}?tab=settings`)).text()).toContain(
      `/admin/endpoints/${id}/duplicate`
    )
    const { location } = await browser.submit(`/admin/endpoints/${id}/duplicate`, {})
    expect(location).not.toContain(id)
    expect(await browser.notice(location ?? '')).toContain('copy')
    expect(await browser.see(location ?? '')).toMatch(/Blog.*disabled/)
  })
})
