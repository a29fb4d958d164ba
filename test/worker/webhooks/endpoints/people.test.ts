import { env } from 'cloudflare:workers'
import { Buffer } from 'node:buffer'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, signAsGuest, withModeration } from '../../../support/session'
import { latestMessageId, theDelivery } from '../../../support/views'
import { BASE, World } from '../../../support/world'

const MATRIX = { Authorization: 'Bearer syt_token' }
const SERVICES = ['ntfy', 'telegram', 'matrix', 'slack', 'discord', 'teams', 'google-chat'] as const

/** A guestbook with its public address, in which every entry waits for the owner. */
function aWorld(more: Partial<Env> = {}): Promise<World> {
  return withModeration(new World({ PUBLIC_URL: BASE, ...more }))
}

/** A guest signs. @returns the id of the entry, which waits */
async function aHeldEntry(world: World, fields: Record<string, string> = {}): Promise<string> {
  await signAsGuest(world, fields)
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments?status=held')
  return body.data[0]?.id ?? ''
}

function refusalOf(world: World, input: Record<string, unknown>) {
  return world.api<{ errors: { path: string; message: string }[] }>('POST', '/api/endpoints', input)
}

const bodyOf = (request: { body: string } | undefined) => JSON.parse(request?.body ?? 'null')

describe('a held entry', () => {
  it.each(SERVICES)('reaches %s, which accepts it, with links to approve, hide and reply', async (format) => {
    const world = await aWorld()
    const box = mailbox()
    const headers = format === 'matrix' ? MATRIX : {}
    const { id, secret } = await anEndpoint(world, box.services[format], { format, headers })
    const comment_id = await aHeldEntry(world, { name: 'Ada @room', body: '<b>Hi</b> @everyone' })
    await world.drain()
    const message_id = await latestMessageId(world)
    expect(await theDelivery(world, id, message_id)).toMatchObject({ status: 'delivered', last_status_code: 200 })
    const [request] = await box.received()
    new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>)
    const text = request?.body ?? ''
    expect(text).toMatch(new RegExp(`${BASE}/moderate/mod_approve\\.${comment_id}`))
    expect(text).toMatch(new RegExp(`${BASE}/moderate/mod_hide\\.${comment_id}`))
    expect(text).toContain(`${BASE}/admin/comments/${comment_id}#reply`)
    expect(text).not.toContain('mod_spam')
  })

  it('is approved from ntfy: the button opens a page with one button, and only that publishes the entry', async () => {
    const world = await aWorld()
    const box = mailbox()
    await anEndpoint(world, box.services.ntfy, { format: 'ntfy', event_types: ['comment.held'] })
    const id = await aHeldEntry(world)
    await world.drain()
    const { actions, click, topic, priority } = bodyOf((await box.received())[0])
    expect(actions.map(({ label }: { label: string }) => label)).toEqual(['Approve', 'Hide', 'Reply'])
    expect({ topic, priority }).toEqual({ topic: box.name, priority: 3 })
    const path = actions[0].url.slice(BASE.length)
    const statusOf = async () => (await world.api<{ status: string }>('GET', `/api/comments/${id}`)).body.status
    expect((await world.request(path)).status).toBe(200)
    expect(await statusOf()).toBe('held')
    expect((await world.request(path, { method: 'POST', headers: FORM, body: '' })).status).toBe(303)
    expect(await statusOf()).toBe('published')
    const page = await (await (await ownerBrowser(world)).get(new URL(click).pathname)).text()
    expect(page).toMatch(/<details[^>]*id="reply"[^>]*open/)
  })
})

describe('a request to Matrix', () => {
  it('has the same transaction on every attempt, so that the room gets the message once', async () => {
    const world = await aWorld()
    const box = mailbox()
    await box.script('status/500')
    const { id } = await anEndpoint(world, box.services.matrix, { format: 'matrix', headers: MATRIX })
    await aHeldEntry(world)
    await world.drain()
    await box.script('status/200')
    await world.drainDelayed()
    const received = await box.received()
    const path = `/_matrix/client/v3/rooms/!${box.name}:localhost/send/m.room.message`
    const transaction = `${path}/${await latestMessageId(world)}.${id}`
    expect(received.map((one) => decodeURI(one.path))).toEqual([transaction, transaction])
    expect(received[0]?.body).toBe(received[1]?.body)
    expect(bodyOf(received[0])['m.mentions']).toEqual({})
  })
})

describe('an address', () => {
  const token = '1234:abcdefghijklmnopqrstuvwxyz'
  it.each([
    ['ntfy', 'https://ntfy.sh/', /topic/],
    ['ntfy', 'https://ntfy.sh/a/b', /topic/],
    ['ntfy', 'https://ntfy.sh/a%2fb', /topic/],
    ['telegram', 'https://api.telegram.org/bot1234/sendMessage?chat_id=1', /\btoken\b/],
    ['telegram', `https://api.telegram.org/bot${token}/sendMessage`, /\bid\b/],
    ['telegram', `https://api.telegram.org/bot${token}/getUpdates?chat_id=1`, /\btoken\b/],
    ['telegram', `https://api.telegram.org/bot${token}/sendMessage?chat_id=1&parse_mode=HTML`, /"parse_mode=HTML"/],
    ['matrix', 'https://matrix.example.org/_matrix/client/v3/rooms/%23room:example.org', /room id/],
    ['email', 'https://example.com/', /mailto:/],
    ['email', 'mailto:', /one address/],
    ['email', 'mailto:a@example.com,b@example.com', /one address/],
    ['email', 'mailto:a@example.com?bcc=b@example.com', /one address/],
    ['email', 'mailto:a@example.com%0D%0ABcc:b@example.com', /one address/],
    ['standard', 'mailto:owner@example.com', /full URL|format email/],
    ['ntfy', 'https://10.0.0.1/topic', /IP address|host name/],
    ['matrix', 'http://matrix.example.org/_matrix/client/v3/rooms/!a:b', /https/],
  ])('for %s is refused if it is %s', async (format, url, message) => {
    const refused = await refusalOf(new World({ EMAIL_FROM: 'book@example.com' }), { format, url, headers: MATRIX })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toEqual([{ path: 'url', message: expect.stringMatching(message) }])
  })

  it('of a Matrix room needs an access token, also when a format changes', async () => {
    const world = new World()
    const url = mailbox().services.matrix
    expect((await refusalOf(world, { format: 'matrix', url })).body.errors[0]?.path).toBe('headers')
    const { id } = await anEndpoint(world, url)
    expect(await world.api('PATCH', `/api/endpoints/${id}`, { format: 'matrix' })).toMatchObject({ status: 422 })
    expect(await world.api('PATCH', `/api/endpoints/${id}`, { format: 'ntfy' })).toMatchObject({ status: 422 })
    const change = { format: 'matrix', headers: MATRIX }
    expect(await world.api('PATCH', `/api/endpoints/${id}`, change)).toMatchObject({ status: 200 })
  })
})

/** A guestbook that sends e-mails with the binding of miniflare, which parses them, and keeps what was sent. */
function mailWorld(fault?: Error) {
  const sent: { from: string; to: string; raw: string }[] = []
  const send = async (message: EmailMessage & { 'EmailMessage::raw'?: string }) => {
    sent.push({ from: message.from, to: message.to, raw: message['EmailMessage::raw'] ?? '' })
    if (fault) throw fault
    return (env as Env).EMAIL?.send(message)
  }
  return { sent, overrides: { EMAIL: { send } as never, EMAIL_FROM: 'book@example.com' } }
}

/** Reads a header and the text, independently of the program. */
function readMail(raw: string) {
  const [head = '', body = ''] = raw.split('\r\n\r\n')
  const headers = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => line.split(': '))
  const decoded = (words: string) =>
    words
      .split(' ')
      .map((word) => Buffer.from(/^=\?utf-8\?B\?(.*)\?=$/.exec(word)?.[1] ?? '', 'base64').toString())
      .join('')
  const names = headers.map(([name]) => name)
  const headerOf = (wanted: string) => headers.find(([name]) => name === wanted)?.[1] ?? ''
  return { names, headerOf, subject: decoded(headerOf('Subject')), text: Buffer.from(body, 'base64').toString() }
}

describe('an e-mail', () => {
  it('is accepted by the send_email binding, with the entry and the links', async () => {
    const { sent, overrides } = mailWorld()
    const world = await aWorld(overrides)
    const { id } = await anEndpoint(world, 'mailto:owner@example.com', { format: 'email' })
    await aHeldEntry(world, { name: 'Ada Ωmega', body: 'Grüße 👋\n\n.\nBcc: evil@example.com' })
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', last_status_code: null })
    expect(sent).toMatchObject([{ from: 'book@example.com', to: 'owner@example.com' }])
    const mail = readMail(sent[0]?.raw ?? '')
    expect(mail.subject).toContain('Ada Ωmega signed')
    expect(mail.text).toContain('Grüße 👋\r\n\r\n.\r\nBcc: evil@example.com')
    expect(mail.text).toMatch(/Approve: https:.*\r\nHide: https:.*\r\nReply: https:/)
    expect(mail.names).not.toContain('Bcc')
    expect(mail.headerOf('To')).toBe('<owner@example.com>')
  })

  it('that Cloudflare refuses is retried, and the page of the delivery says why it was refused', async () => {
    const { sent, overrides } = mailWorld(new Error('destination address is not a verified address'))
    const world = await aWorld(overrides)
    const { id } = await anEndpoint(world, 'mailto:owner@example.com', { format: 'email' })
    await aHeldEntry(world)
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending', reason: 'retrying' })
    await world.sweep(later(7_000))
    await world.drain()
    expect(sent).toHaveLength(2)
    expect(sent[0]?.raw).toBe(sent[1]?.raw)
    const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
    const page = await (await ownerBrowser(world)).see(path)
    expect(page).toContain('destination address is not a verified address')
    expect(page).toContain('Email Routing')
  })

  it('needs a binding and a sender at registration', async () => {
    for (const overrides of [{ EMAIL: undefined, EMAIL_FROM: 'a@example.com' }, { EMAIL_FROM: 'not an address' }, {}]) {
      const world = new World(overrides as Partial<Env>)
      const refused = await refusalOf(world, { format: 'email', url: 'mailto:owner@example.com' })
      expect(refused.status).toBe(422)
      expect(refused.body.errors[0]?.message).toContain('send_email')
    }
  })

  it('fails for good with an explanation if the binding is gone', async () => {
    const { overrides } = mailWorld()
    const world = await aWorld(overrides)
    const { id } = await anEndpoint(world, 'mailto:owner@example.com', { format: 'email' })
    const without = new World({ PUBLIC_URL: BASE, EMAIL: undefined } as never, world.queued)
    await aHeldEntry(without)
    await without.drain()
    expect(await theDelivery(without, id)).toMatchObject({ status: 'failed', reason: 'blocked' })
    const path = `/admin/messages/${await latestMessageId(without)}/deliveries/${id}`
    expect(await (await ownerBrowser(without)).see(path)).toContain('send_email')
  })
})

describe('an operational event', () => {
  it('says in sentences what is wrong, and links to the page on which to act', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const box = mailbox()
    const failing = await anEndpoint(world, mailbox().url('status/410'), { event_types: ['comment.published'] })
    await anEndpoint(world, box.services.ntfy, { format: 'ntfy', event_types: ['endpoint.*', 'delivery.failed'] })
    await aComment(world)
    const message_id = await latestMessageId(world)
    await world.drain()
    const messages = (await box.received()).map(bodyOf)
    const byTitle = (part: string) => messages.find(({ title }) => title.includes(part))
    expect(byTitle('was disabled')).toMatchObject({
      priority: 4,
      message: expect.stringMatching(/410 Gone.* with 410/),
      actions: [{ action: 'view', label: 'Open the endpoint', url: `${BASE}/admin/endpoints/${failing.id}` }],
    })
    const delivery = `/admin/messages/${message_id}/deliveries/${failing.id}`
    const failed = byTitle('Delivery to')
    expect(failed).toMatchObject({ priority: 4, click: BASE + delivery })
    expect(failed.message).toContain('410 Gone')
    const browser = await ownerBrowser(world)
    for (const { url } of failed.actions) expect(await browser.see(url.slice(BASE.length))).toContain('410')
  })
})
