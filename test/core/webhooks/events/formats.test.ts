import { type CloudEvent, HTTP } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, serializePayload } from '../../../../src/webhooks/rules/events/catalogue'
import { EVENT_TYPE } from '../../../../src/webhooks/rules/events/filter'
import { FORMATS, proposeFormat } from '../../../../src/webhooks/rules/events/formats'
import { renderPayload } from '../../../../src/webhooks/rules/events/render'
import { summarize } from '../../../../src/webhooks/rules/events/summary'
import { wellFormedText } from '../../../support/arbitraries'

const NOW = Date.UTC(2026, 10, 24, 10)
const ID = 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'

function payloadOf(type: string, data: unknown): string {
  return serializePayload(ID, type, NOW, data)
}

function aComment(name: string, body: string, title = 'My Guestbook'): string {
  const comment = { id: 'cmt_1', name, body, url: 'https://g.example.com/comments/cmt_1' }
  const book = { slug: 'main', title, url: 'https://g.example.com/' }
  return payloadOf('comment.published', { comment, book })
}

function render(format: (typeof FORMATS)[number], payload: string) {
  return JSON.parse(renderPayload(format, payload).body)
}

/** Texts with everything that a chat could interpret as markup. */
const hostile = fc.oneof(
  wellFormedText,
  fc.string({ unit: fc.constantFrom(...'<>&@#*_~`|[]()\\!:-\n x'), maxLength: 300 }),
  fc.constantFrom('<!channel>', '<@U123>', '@everyone', '<@&1>', '&lt;!here&gt;', '[x](https://e.vil)'),
  fc.string({ unit: 'grapheme', maxLength: 6_000, minLength: 4_000 })
)
/** An event of any type, with any data. */
const anyPayload = fc
  .tuple(
    fc.oneof(fc.constantFrom(...EVENT_TYPES.map(({ name }) => name)), fc.constant('order.paid')),
    fc.oneof(fc.jsonValue(), fc.constantFrom(...EVENT_TYPES.map(({ example }) => example)))
  )
  .map(([type, data]) => payloadOf(type, data))

describe('every format', () => {
  it('is valid and deterministic JSON for any event', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), anyPayload, (format, payload) => {
        const rendered = renderPayload(format, payload)
        if (rendered.contentType.includes('json')) expect(() => JSON.parse(rendered.body)).not.toThrow()
        else expect(format).toBe('email')
        expect(renderPayload(format, payload)).toEqual(rendered)
      })
    )
  })

  it('equals the payload, byte for byte, if it is standard', () => {
    fc.assert(
      fc.property(anyPayload, (payload) => {
        expect(renderPayload('standard', payload)).toEqual({
          contentType: 'application/json',
          body: payload,
        })
      })
    )
  })
})

describe('a summary', () => {
  it.each(EVENT_TYPES)('of the $name example has a title and a text', ({ name, example }) => {
    const { title, text } = summarize(JSON.parse(payloadOf(name, example)))
    expect(`${title} ${text}`).not.toMatch(/undefined|null|\[object/)
    expect(title).not.toBe('')
    expect(text).not.toBe('')
  })

  it('of a comment names the guest and the book, and links to the entry', () => {
    expect(summarize(JSON.parse(aComment('Ada', 'Hello!')))).toEqual({
      title: expect.stringMatching(/Ada.*My Guestbook/),
      text: 'Hello!',
      url: 'https://g.example.com/comments/cmt_1',
      links: [{ label: 'View entry', url: 'https://g.example.com/comments/cmt_1' }],
      is_urgent: false,
    })
  })
})

describe('a title', () => {
  const RLO = '\u202e'
  it.each([
    ['comment.published', { comment: { name: `${RLO}Ada` }, book: { title: `${RLO}Book` } }, ' signed '],
    ['inbound.received', { source: { name: `${RLO}Shop` }, event_type: `\u2069${RLO}paid` }, ': '],
  ])('of %s isolates what strangers wrote, so that they cannot reverse our words', (type, data, ours) => {
    const { title } = summarize(JSON.parse(payloadOf(type, data)))
    expect(title).toMatch(new RegExp(`^\u2068${RLO}\\w+\u2069${ours}\u2068${RLO}\\w+\u2069$`))
  })
})

describe('Slack', () => {
  it('gets no markup from a guest, because everything that starts a link or a mention is escaped', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const { text, blocks, parse, link_names } = render('slack', aComment(name, body))
        const texts = [text, ...blocks.slice(0, -1).map((b: { text: { text: string } }) => b.text.text)]
        for (const part of texts) {
          expect(part).not.toMatch(/[<>]/)
          expect(part).not.toMatch(/&(?!(amp|lt|gt);)/)
        }
        for (const block of blocks.slice(0, -1)) expect(block.text.type).toBe('plain_text')
        expect({ parse, link_names }).toEqual({ parse: 'none', link_names: false })
      })
    )
  })

  it('gets texts within its length limits that are never empty', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const { text, blocks } = render('slack', aComment(name, body))
        // Discord, which accepts this format, has a lower limit than Slack.
        expect(text.length).toBeLessThanOrEqual(2_000)
        expect(blocks[0].text.text.length).toBeLessThanOrEqual(150)
        for (const block of blocks.slice(0, -1)) {
          expect(block.text.text.length).toBeLessThanOrEqual(3_000)
          expect(block.text.text.trim()).not.toBe('')
        }
      })
    )
  })

  it('gets a link to the entry', () => {
    const { blocks } = render('slack', aComment('Ada', 'Hi'))
    expect(blocks.at(-1).elements).toEqual([
      { type: 'mrkdwn', text: '<https://g.example.com/comments/cmt_1|View entry>' },
    ])
  })
})

describe('Discord', () => {
  it('gets no markup from a guest, because every special character is escaped', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const { embeds, allowed_mentions } = render('discord', aComment(name, body))
        const [{ title, description = '' }] = embeds
        for (const part of [title, description]) {
          expect(part.replace(/\\[\\*_~`|>#\-[\]()<@:]/g, '')).not.toMatch(/[\\*_~`|>#\-[\]()<@:]/)
        }
        expect(allowed_mentions).toEqual({ parse: [] })
      })
    )
  })

  it('gets texts within its length limits, without split characters', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const [{ title, description = '' }] = render('discord', aComment(name, body)).embeds
        expect(title.length).toBeLessThanOrEqual(256)
        expect(description.length).toBeLessThanOrEqual(4_096)
        expect(title.isWellFormed() && description.isWellFormed()).toBe(true)
      })
    )
  })
})

describe('Teams', () => {
  it('gets only text runs, which have no markup, in less than 28 KB', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const message = render('teams', aComment(name, body))
        expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(28 * 1_024)
        const [{ content, contentType }] = message.attachments
        expect(contentType).toBe('application/vnd.microsoft.card.adaptive')
        for (const block of content.body) {
          expect(block.type).toBe('RichTextBlock')
          expect(block.inlines.map(({ type }: { type: string }) => type)).toEqual(['TextRun'])
        }
      })
    )
  })

  it('gets less than 28 KB even for the longest text in the widest characters', () => {
    for (const letter of ['語', '😀', '"', '\\', '\n', '\u0001']) {
      const payload = payloadOf('order.paid', { note: letter.repeat(50_000) })
      const { body } = renderPayload('teams', payload)
      expect(new TextEncoder().encode(body).length).toBeLessThan(28 * 1_024)
    }
  })
})

describe('a CloudEvent', () => {
  it('contains the data exactly as written, including every number', () => {
    const data = '{"id":820982911946154509,"big":1e400,"p":1.10,"s":",\\"data\\":"}'
    const payload = `{"id":"msg_1","type":"order.placed","timestamp":"2026-11-24T10:00:00.000Z","data":${data}}`
    expect(renderPayload('cloudevents', payload).body).toContain(`,"data":${data}}`)
  })

  /** What an owner or a stranger could put where the guestbook's own events have an address and an id. */
  const confusing = fc.oneof(
    wellFormedText,
    fc.webUrl(),
    fc.constantFrom('not a URI', 'http://', '//', 'a b', 'http://[', '%', '\\', 'https://x.example/a|b', '\u202e', '')
  )
  const lookalike = fc.record(
    {
      book: fc.oneof(fc.record({ url: fc.oneof(confusing, fc.jsonValue()) }), fc.jsonValue()),
      comment: fc.oneof(fc.record({ id: fc.oneof(confusing, fc.jsonValue()) }), fc.jsonValue()),
      source: confusing,
      subject: confusing,
      specversion: confusing,
    },
    { requiredKeys: [] }
  )
  const anyType = fc.oneof(
    fc.constantFrom(...EVENT_TYPES.map(({ name }) => name)),
    fc.stringMatching(EVENT_TYPE),
    fc.constantFrom('comment.mine', 'comment', 'order.paid')
  )
  const anyEvent = fc
    .tuple(anyType, fc.oneof(fc.jsonValue(), lookalike, fc.constantFrom(...EVENT_TYPES.map(({ example }) => example))))
    .map(([type, data]) => payloadOf(type, data))

  /** @throws ValidationError if the SDK finds anything that the specification does not allow */
  function readBySdk(headers: Record<string, string>, body: unknown): CloudEvent {
    const event = HTTP.toEvent({ headers, body })
    if (Array.isArray(event)) throw new Error('The SDK returned several events.')
    const read = event as CloudEvent
    expect(read.validate()).toBe(true)
    return read
  }

  it('is accepted by the SDK as the original event, whatever its type and its data', () => {
    fc.assert(
      fc.property(fc.oneof(anyPayload, anyEvent), (payload) => {
        const { contentType, body } = renderPayload('cloudevents', payload)
        const event = readBySdk({ 'content-type': contentType }, body)
        const { type, data } = JSON.parse(payload)
        expect(event.id).toBe(ID)
        expect(event.type).toBe(type)
        expect(event.time).toBe('2026-11-24T10:00:00.000Z')
        expect(JSON.parse(body).data).toEqual(data)
      }),
      { numRuns: 2_000 }
    )
  })

  it('is accepted by the SDK when a gateway forwards it in a batch or in binary mode', () => {
    fc.assert(
      fc.property(anyEvent, (payload) => {
        const { contentType, body } = renderPayload('cloudevents', payload)
        const batch = HTTP.toEvent({
          headers: { 'content-type': 'application/cloudevents-batch+json' },
          body: `[${body}]`,
        })
        expect(batch).toMatchObject([{ id: ID }])
        const { headers } = HTTP.binary(readBySdk({ 'content-type': contentType }, body))
        // The SDK does not encode data that is only a text.
        expect(readBySdk(headers as Record<string, string>, '{}').type).toBe(JSON.parse(payload).type)
      })
    )
  })

  it('of a comment has the book as its source and the comment as its subject', () => {
    expect(render('cloudevents', aComment('Ada', 'Hi'))).toMatchObject({
      source: 'https://g.example.com/',
      subject: 'cmt_1',
      datacontenttype: 'application/json',
    })
  })

  it.each(['order.paid', 'inbound.received', 'comment.mine', 'ping'])(
    'of type %s never takes its source or its subject from the data',
    (type) => {
      const data = { book: { url: 'https://g.example.com/' }, comment: { id: 'cmt_1' } }
      const event = render('cloudevents', payloadOf(type, data))
      expect(event.source).toBe('urn:guesthook')
      expect(event).not.toHaveProperty('subject')
    }
  )

  it.each(['https://g.example.com/', 'http://localhost:8787/b/family', 'http://[::1]:8787/'])(
    'of a comment has the source %s if that is the address of the book',
    (url) => {
      const data = { book: { url }, comment: { id: 'cmt_1' } }
      const { contentType, body } = renderPayload('cloudevents', payloadOf('comment.published', data))
      expect(readBySdk({ 'content-type': contentType }, body).source).toBe(url)
    }
  )
})

describe('the suggested format', () => {
  it.each([
    ['https://hooks.slack.com/services/T0/B0/x', 'slack'],
    ['https://hooks.slack-gov.com/services/T0/B0/x', 'slack'],
    ['https://discord.com/api/webhooks/1/x', 'discord'],
    ['https://discordapp.com/api/v10/webhooks/1/x', 'discord'],
    ['https://ptb.discord.com/api/webhooks/1/x?wait=true', 'discord'],
    ['https://discord.com/api/webhooks/1/x/slack', 'slack'],
    ['https://contoso.webhook.office.com/webhookb2/x', 'teams'],
    ['https://prod-12.westeurope.logic.azure.com:443/workflows/x', 'teams'],
    ['https://default1.2a.environment.api.powerplatform.com:443/powerautomate/x', 'teams'],
    ['https://example.com/hooks.slack.com/', 'standard'],
    ['https://hooks.slack.com.example.com/services/x', 'standard'],
    ['https://discord.com/channels/1', 'standard'],
    ['https://api.cloudflare.com/client/v4/pages/webhooks/deploy_hooks/12ab-34cd', 'build-hook'],
    ['https://api.cloudflare.com/client/v4/zones', 'standard'],
    ['https://api.netlify.com/build_hooks/5c23abc?trigger_branch=main', 'build-hook'],
    ['https://api.vercel.com/v1/integrations/deploy/prj_1/2', 'build-hook'],
    ['https://api.vercel.com/v1/projects', 'standard'],
    ['https://api.github.com/repos/ada/home-page/dispatches', 'build-hook'],
    ['https://api.github.com/repos/ada/home-page/issues', 'standard'],
    ['https://evil.example/https://api.netlify.com/build_hooks/1', 'standard'],
    ['https://chat.googleapis.com/v1/spaces/AAAA/messages?key=a&token=b', 'google-chat'],
    ['https://ntfy.sh/my-topic', 'ntfy'],
    ['https://api.telegram.org/bot1:a/sendMessage?chat_id=1', 'telegram'],
    ['https://matrix.example.org/_matrix/client/v3/rooms/!a:example.org', 'matrix'],
    ['mailto:owner@example.com', 'email'],
    ['https://example.com/mailto:owner@example.com', 'standard'],
    ['not a url', 'standard'],
  ])('for %s is %s', (url, format) => {
    expect(proposeFormat(url)).toBe(format)
  })
})

describe('a build hook', () => {
  it('gets the event type, the book and the message, and no text of guests', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, body) => {
        const rendered = render('build-hook', aComment(name, body))
        const client_payload = { type: 'comment.published', book: 'main', message_id: ID }
        // GitHub requires `event_type`, and allows ten properties in `client_payload`.
        expect(rendered).toEqual({ event_type: 'guesthook', client_payload })
      })
    )
  })

  it('gets no book of an event whose data somebody else wrote', () => {
    const data = { book: { slug: 'written by a guest' } }
    expect(render('build-hook', payloadOf('order.paid', data)).client_payload).toEqual({
      type: 'order.paid',
      message_id: ID,
    })
  })

  it('can be called although the message has been erased', () => {
    const { client_payload } = render('build-hook', JSON.stringify({ id: ID, type: 'comment.published' }))
    expect(client_payload).toEqual({ type: 'comment.published', message_id: ID })
  })
})
