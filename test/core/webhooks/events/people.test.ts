import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, serializePayload } from '../../../../src/webhooks/rules/events/catalogue'
import { checkTarget, FORMATS, targetOf } from '../../../../src/webhooks/rules/events/formats'
import { isAddress, mailtoAddress } from '../../../../src/webhooks/rules/events/formats/lib/mail'
import { renderPayload } from '../../../../src/webhooks/rules/events/render'
import { summarize } from '../../../../src/webhooks/rules/events/summary'
import { respondAsService } from '../../../support/services/people'

const ID = 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'
const ORIGIN = 'https://g.example.com'
const URLS = {
  ntfy: 'https://ntfy.example.com/topic',
  telegram:
    'https://api.telegram.org/bot12:abcdefghijklmnopqrstuvwxyz/sendMessage?chat_id=@chat&disable_notification=true',
  matrix: 'https://matrix.example.org/_matrix/client/v3/rooms/!room:localhost/send/m.room.message',
  'google-chat': 'https://chat.googleapis.com/v1/spaces/AAAA1234/messages?key=abc&token=def%3D',
  slack: 'https://hooks.slack.com/services/T1/B1/abc',
  discord: 'https://discord.com/api/webhooks/1/abc',
  teams: 'https://x.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=x',
  email: 'mailto:owner@example.com',
}
type People = keyof typeof URLS
const SERVICES = ['ntfy', 'telegram', 'matrix', 'google-chat', 'slack', 'discord', 'teams'] as const

const payloadOf = (type: string, data: unknown) => serializePayload(ID, type, Date.UTC(2026, 10, 24, 10), data)

function optionsFor(format: People, text?: string) {
  return { origin: ORIGIN, endpoint: { id: 'ep_1', url: URLS[format] }, from: 'book@example.com', text: text ?? null }
}

/** What a service responds to a payload. */
function send(format: (typeof SERVICES)[number], payload: string, text?: string) {
  const { contentType, body } = renderPayload(format, payload, optionsFor(format, text))
  const { method, url } = targetOf(format, URLS[format], { message_id: ID, endpoint_id: 'ep_1' })
  const { pathname, search } = new URL(url)
  const headers = { 'content-type': contentType, authorization: 'Bearer x' }
  return { body, response: respondAsService({ method, path: pathname + search, headers, body }) }
}

/** Texts that services could read as markup, mentions, headers or line ends, and texts that are too long for them. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(...'<>&@"\'=?:*_~`|[]()\\!/ \r\n\0\u2028\u202e', '\ud800', '語', '😀'),
    maxLength: 200,
  }),
  fc.constantFrom('@room', '\r\nBcc: evil@example.com\r\n\r\n', '=?utf-8?Q?=0D=0ABcc:?=', '<a href="x">', '\n.\n'),
  fc
    .tuple(fc.constantFrom(...'a"\\\n語😀\ud800@<'), fc.integer({ min: 3_000, max: 30_000 }))
    .map(([c, n]) => c.repeat(n))
)
const comment = fc.record({ id: hostile, name: hostile, body: hostile, url: fc.oneof(hostile, fc.webUrl()) })
const data = fc.oneof(
  fc.record({ comment, book: fc.record({ title: hostile }), moderation: fc.record({ approve_url: fc.webUrl() }) }),
  fc.constantFrom(...EVENT_TYPES.map(({ example }) => example)),
  fc.jsonValue()
)
const types = fc.constantFrom(...EVENT_TYPES.map(({ name }) => name), 'order.paid')
const anyPayload = fc.tuple(types, data).map(([type, some]) => payloadOf(type, some))

describe.each(SERVICES)('%s', (format) => {
  it('accepts every message, whatever guests and programs have written', () => {
    fc.assert(
      fc.property(anyPayload, fc.option(hostile), (payload, text) => {
        const { body, response } = send(format, payload, text?.replaceAll('{{', '{') ?? undefined)
        expect(response, body.slice(0, 2_000)).toMatchObject({ status: 200 })
        expect(body.isWellFormed()).toBe(true)
      })
    )
  })

  it('gets nothing that mentions somebody', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const payload = payloadOf('comment.published', { comment: { name, body }, book: { title: '' } })
        const message = JSON.parse(send(format, payload).body)
        if (format === 'telegram') expect(message.text).not.toMatch(/@(?!\u2060)/)
        if (format === 'matrix') expect(`${message.body} ${message.formatted_body}`).not.toMatch(/@(?!\u2060)/)
        if (format === 'matrix') expect(message['m.mentions']).toEqual({})
        // A card mentions nobody. The text outside of it can.
        if (format === 'google-chat')
          expect([message.text, message.fallbackText]).toEqual([undefined, expect.not.stringMatching(/[<>]/)])
        expect(message).not.toHaveProperty('parse_mode')
        expect(message).not.toHaveProperty('markdown')
      })
    )
  })
})

describe('a Matrix message', () => {
  it('has only our own elements as markup', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const payload = payloadOf('comment.published', { comment: { name, body }, book: { title: '' } })
        const { formatted_body } = JSON.parse(send('matrix', payload).body)
        expect(formatted_body.replace(/<\/?strong>|<br>|&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&]/)
      })
    )
  })
})

describe('a Google Chat message', () => {
  it('has only line breaks as markup', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const payload = payloadOf('comment.published', { comment: { name, body }, book: { title: '' } })
        const [{ card }] = JSON.parse(send('google-chat', payload).body).cardsV2
        const { text = '' } = card.sections?.[0].widgets[0].textParagraph ?? {}
        expect(text.replace(/<br>|&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&"]/)
      })
    )
  })

  it.each([
    'https://chat.googleapis.com/v1/spaces/AAAA/messages',
    'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=abc',
    'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=&token=',
    'https://chat.googleapis.com/v1/spaces/?key=abc&token=def',
  ])('needs the space, the key and the token of the webhook: %s', (url) => {
    expect(checkTarget('google-chat', url)).not.toBeNull()
  })
})

/** Reads a message as RFC 5322 says. */
function readMail(raw: string) {
  const at = raw.indexOf('\r\n\r\n')
  const lines = raw.slice(0, at).split('\r\n')
  const words = raw
    .slice(0, at)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const subject = words.find((line) => line.startsWith('Subject: '))?.slice(9) ?? ''
  const decoded = subject
    .split(' ')
    .map((word) => Buffer.from(/^=\?utf-8\?B\?([A-Za-z0-9+/=]+)\?=$/.exec(word)?.[1] ?? '', 'base64').toString())
  return { lines, names: words.map((line) => line.split(':')[0]), subject: decoded.join(''), body: raw.slice(at + 4) }
}

describe('an e-mail', () => {
  const NAMES = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'Auto-Submitted', 'MIME-Version', 'Content-Type']

  it('has exactly our headers, in short lines of ASCII, whatever guests and programs have written', () => {
    fc.assert(
      fc.property(anyPayload, fc.option(hostile), (payload, text) => {
        const own = text?.replaceAll('{{', '{')
        const { body: raw } = renderPayload('email', payload, optionsFor('email', own))
        const { lines, names, subject, body } = readMail(raw)
        expect(names).toEqual([...NAMES, 'Content-Transfer-Encoding'])
        for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,76}$/)
        expect(subject).not.toMatch(/[\r\n\0]/)
        expect([...subject].length).toBeLessThanOrEqual(201)
        expect(body.replace(/\r\n/g, '')).toMatch(/^[A-Za-z0-9+/]+=*$/)
        for (const line of body.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
      })
    )
  })

  it('keeps a text exactly, except its line ends', () => {
    const text = 'Grüße 👋\n.\n\nBcc: evil@example.com\r\nx\ry'
    const payload = payloadOf('comment.published', { comment: { name: 'Ωmega', body: text }, book: { title: 'Book' } })
    const { subject, body } = readMail(renderPayload('email', payload, optionsFor('email')).body)
    expect(subject).toBe('Ωmega signed Book')
    expect(Buffer.from(body, 'base64').toString()).toBe(
      `Ωmega signed Book\r\n\r\n${text.replace(/\r\n?|\n/g, '\r\n')}\r\n`
    )
  })

  it.each([
    ['owner@example.com', true],
    ["o'neil+book@mail.example.co.uk", true],
    ['a@b', false],
    ['a@-b.com', false],
    ['a..b@example.com', false],
    ['"a b"@example.com', false],
    ['a@example.com\r\nBcc: b@example.com', false],
    ['a@example.com, b@example.com', false],
    ['<a@example.com>', false],
    ['ä@example.com', false],
    [`${'a'.repeat(250)}@example.com`, false],
  ])('goes to %j: %s', (address, expected) => {
    expect(isAddress(address)).toBe(expected)
    expect(mailtoAddress(`mailto:${address}`) === address).toBe(expected)
  })
})

describe('the address of a request', () => {
  it('never has another origin than the endpoint', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), fc.webUrl({ withQueryParameters: true }), (format, url) => {
        if (format === 'email' || checkTarget(format, url) !== null) return
        const target = targetOf(format, url, { message_id: ID, endpoint_id: 'ep_1' })
        expect(new URL(target.url).origin).toBe(new URL(url).origin)
      })
    )
    for (const format of SERVICES) {
      expect(checkTarget(format, URLS[format])).toBeNull()
      const target = targetOf(format, URLS[format], { message_id: ID, endpoint_id: 'ep_1' })
      expect(new URL(target.url).origin).toBe(new URL(URLS[format]).origin)
    }
  })

  it('of a room may end before the event type', () => {
    const room = 'https://m.example.org/_matrix/client/v3/rooms/!a:b'
    const urls = [room, `${room}/`, `${room}/send/m.room.message`].map(
      (url) => targetOf('matrix', url, { message_id: 'msg_1', endpoint_id: 'ep_1' }).url
    )
    expect(new Set(urls)).toEqual(new Set([`${room}/send/m.room.message/msg_1.ep_1`]))
  })
})

describe('links', () => {
  it('lead only to pages, at most three, and never to a place that a stranger chose', () => {
    fc.assert(
      fc.property(types, data, (type, some) => {
        const { links } = summarize(JSON.parse(payloadOf(type, some)), ORIGIN)
        expect(links.length).toBeLessThanOrEqual(3)
        for (const { url } of links) expect(url).toMatch(/^https?:\/\/\S+$/)
        if (!type.startsWith('comment.'))
          for (const { url } of links) expect(url.startsWith(`${ORIGIN}/admin/`)).toBe(true)
        if (type === 'order.paid' || type === 'ping') expect(links).toEqual([])
      })
    )
  })
})
