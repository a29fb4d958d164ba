import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

type Refused = { errors: { path: string; message: string }[] }

const TEXTS = { 'comment.published': '{{data.comment.name | upper}}: {{data.comment.body}}' }

const verified = (secret: string, request: { body: string; headers: Record<string, string> } | undefined) =>
  new Webhook(secret).verify(Buffer.from(request?.body ?? '', 'latin1').toString(), request?.headers ?? {})

describe('an own text', () => {
  it('is added to standard messages of its type, signed, with the rest of the message as it was', async () => {
    const world = new World()
    const [box, plain] = [mailbox(), mailbox()]
    const { secret } = await anEndpoint(world, box.url(), { texts: TEXTS })
    await anEndpoint(world, plain.url())
    const { id } = await aComment(world, { body: 'Grüße 👋' })
    await world.api('PATCH', `/api/comments/${id}`, { body: 'changed' })
    await world.drain()
    const [published, updated] = await box.received()
    expect(verified(secret, published)).toMatchObject({ type: 'comment.published', text: 'ADA: Grüße 👋' })
    expect(verified(secret, updated)).not.toHaveProperty('text')
    const [original] = await plain.received()
    expect(published?.body.startsWith(original?.body.slice(0, -1) ?? '-')).toBe(true)
    expect(updated?.body).toBe((await plain.received())[1]?.body)
  })

  it('replaces ours in a chat, in tests and in the curl command', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { format: 'slack', texts: TEXTS })
    await world.api('POST', `/api/endpoints/${id}/test`, { type: 'comment.published' })
    await aComment(world)
    await world.drain()
    const texts = (await box.received()).map(({ body }) => JSON.parse(body).blocks[0].text.text)
    expect(texts).toEqual([expect.stringMatching(/^ADA: ./), 'ADA: Hello'])
    const { body } = await world.api<{ data: { message_id: string }[] }>('GET', `/api/endpoints/${id}/deliveries`)
    const path = `/api/messages/${body.data[0]?.message_id}/deliveries/${id}`
    expect((await world.api<{ curl: string }>('GET', path)).body.curl).toContain('ADA: Hello')
  })

  it('is the same on every attempt, until the owner changes it; each signature covers what was sent', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret } = await anEndpoint(world, box.url('status/500'), { texts: TEXTS })
    await aComment(world)
    await world.drain()
    const again = async (ms: number) => {
      world.loseQueue()
      await world.sweep(later(ms))
      await world.drain()
    }
    await again(7_000)
    await world.api('PATCH', `/api/endpoints/${id}`, { texts: { 'comment.published': 'New words' } })
    await again(400_000)
    const received = await box.received()
    const texts = received.map((one) => (verified(secret, one) as { text: string }).text)
    expect(texts).toEqual(['ADA: Hello', 'ADA: Hello', 'New words'])
    expect(received[0]?.body).toBe(received[1]?.body)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('is sent to pulling receivers, too', async () => {
    const world = new World()
    const { id, secret } = await anEndpoint(world, mailbox().url(), { texts: TEXTS, enabled: false })
    const { body: token } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
    await aComment(world)
    letPass(1_100)
    const headers = { Authorization: `Bearer ${token.token}` }
    type Pulled = { data: { body: string; headers: Record<string, string> }[] }
    const { body } = await world.api<Pulled>('GET', `/api/endpoints/${id}/messages`, undefined, headers)
    const [message] = body.data
    expect(new Webhook(secret).verify(message?.body ?? '', message?.headers ?? {})).toMatchObject({
      text: 'ADA: Hello',
    })
  })

  it('is deleted with its endpoint', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(), { texts: TEXTS, when: 'type' })
    expect(await theEndpoint(world, id)).toMatchObject({ texts: TEXTS, when: 'type' })
    await world.api('DELETE', `/api/endpoints/${id}`)
    const row = await env.DB.prepare('select "when", texts from endpoints where id = ?').bind(id).first()
    expect(row).toEqual({ when: null, texts: null })
  })
})

describe('a condition or a text that cannot be used', () => {
  it.each([
    [{ when: 'type = "x"' }, 'when', 'not a valid'],
    [{ when: `type == "${'x'.repeat(500)}"` }, 'when', '500'],
    [{ texts: { 'comment.published': '{{data.x | shout}}' } }, 'texts.comment.published', 'Unknown filter "shout"'],
    [{ texts: { 'comment.published': '{{#if x}}' } }, 'texts.comment.published', 'not closed'],
    [{ texts: { 'comment.*': 'x' } }, 'texts.comment.*', 'event type'],
    [{ texts: { ping: 'x'.repeat(2_001) } }, 'texts.ping', '2'],
    [{ texts: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`a.b${i}`, 'x'])) }, 'texts', 'at most 20'],
    [{ texts: { ping: 'x' }, format: 'cloudevents' }, 'texts', 'cloudevents'],
  ])('%j is refused when it is written', async (input, path, message) => {
    const world = new World()
    const refused = await world.api<Refused>('POST', '/api/endpoints', { url: mailbox().url(), ...input })
    expect(refused.status).toBe(422)
    const [error] = refused.body.errors
    expect(error?.path.replace(/^\//, '').replaceAll('/', '.')).toBe(path)
    expect(error?.message).toContain(message)
  })
})

describe('a preview', () => {
  it('shows what would be sent for any event, and sends and stores nothing', async () => {
    const world = new World()
    const draft = { type: 'comment.published', texts: TEXTS, when: 'data.comment.name == "Ada"' }
    const shown = await world.api('POST', '/api/endpoints/preview', draft)
    expect(shown).toMatchObject({ status: 200, body: { sent: true, text: expect.stringMatching(/^ADA: /) } })
    const other = { ...draft, data: { comment: { name: 'Bob' } }, format: 'slack' }
    expect((await world.api('POST', '/api/endpoints/preview', other)).body).toMatchObject({
      sent: false,
      text: 'BOB: ',
    })
    const unknown = await world.api('POST', '/api/endpoints/preview', { type: 'order.paid' })
    expect(unknown.status).toBe(422)
    expect((await world.api<{ data: [] }>('GET', '/api/messages')).body.data).toEqual([])
  })

  it('has the links of this guestbook in its example', async () => {
    const world = new World()
    world.base = 'https://fen.example'
    const { body } = await world.api<{ body: string }>('POST', '/api/endpoints/preview', { type: 'comment.published' })
    expect(JSON.parse(body.body).data.book.url).toBe('https://fen.example/')
  })

  it('stands beside the form, for the example of each event type, with everything that was typed kept', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
    const browser = await ownerBrowser(world)
    const fields = {
      url: box.url(),
      event_types: 'comment.*',
      format: 'slack',
      rate_limit: '300',
      when: 'type != "comment.removed"',
      text_type: 'comment.held',
      text: '{{data.comment.name}} waits',
    }
    for (const path of [`/admin/endpoints/${id}/preview`, '/admin/endpoints/preview']) {
      const page = await (await browser.post(path, fields)).text()
      expect(page).toMatch(/comment\.held<\/code>\s*is sent/)
      expect(page).toContain('Ada waits')
      expect(page).toMatch(/comment\.removed<\/code>\s*is not sent/)
      expect(page).not.toContain('<h3><code>ping</code>')
      expect(page).toContain('{{data.comment.name}} waits')
      const wrong = await browser.post(path, { ...fields, text: '{{oops' })
      expect(wrong.status).toBe(422)
      const refused = await wrong.text()
      expect(refused).toContain('{{ is not closed')
      expect(refused).toContain('{{oops')
    }
    expect(await theEndpoint(world, id)).toMatchObject({ when: null, texts: {}, format: 'standard' })
    expect((await browser.post(`/admin/endpoints/${id}`, fields)).status).toBe(303)
    const saved = { when: fields.when, texts: { 'comment.held': fields.text } }
    expect(await theEndpoint(world, id)).toMatchObject(saved)
    await browser.post(`/admin/endpoints/${id}`, { ...fields, text: ' ', when: '' })
    expect(await theEndpoint(world, id)).toMatchObject({ when: null, texts: {} })
  })
})
