import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { parseAtomFeed, parseJsonFeed } from 'feedsmith'
import { expect, it } from 'vitest'
import { excerptOf } from '../../../src/guestbook/rules/looks/excerpt'
import { renderPayload } from '../../../src/webhooks/rules/events/render'
import { World } from '../../support/world'

/*
 * Every text that is stored comes out escaped and legible, in everything that shows it. The texts are stored as they
 * are, without the checks for guests, because an earlier version may have had other checks.
 */

const PIECES = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</article></main><h1>',
  '<!--',
  ']]>',
  '&amp;&lt;b&gt;&#60;',
  '"\' onmouseover=\'x" ',
  '<!channel> <@U1> @everyone @here',
  '[x](javascript:alert(1)) **b** `c` ~~~',
  '\u202e\u2066\u2067 evil \u2069\u2069',
  '\u200f\u0634\u0643\u0631\u0627',
  '👩‍👩‍👧‍👦🏴‍☠️🇵🇹',
  `e${'\u0301'.repeat(10_000)}`,
  '\u0001\u0008\u001b[31m\u007f\u0085',
  'a\u2028b\u2029c\ufeffd',
  'x\ufffe\uffffy',
  'javascript:alert(1) data:text/html,x',
  '{{name}} %3Cb%3E',
  'plain words',
]

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme', maxLength: 20 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((pieces) => pieces.join(' ').replaceAll('\0', ''))
  .filter((text) => visible(text) !== '' && text.isWellFormed())

interface Stored {
  name: string
  body: string
  reply: string
  question: string
  answer: string
}

const hostileEntry = fc.record<Stored>({
  name: hostileText,
  body: hostileText,
  reply: hostileText,
  question: hostileText,
  answer: hostileText,
})

async function store({ name, body, reply, question, answer }: Stored): Promise<void> {
  await env.DB.prepare('delete from comments').run()
  await env.DB.prepare(
    `insert into comments (id, book, number, status, created_at, name, body, reply, replied_at, answers, extra)
     values ('cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', 'main', 1, 'published', 1732442400000, ?1, ?2, ?3, 1732442500000, ?4, ?5)`
  )
    .bind(
      name,
      body,
      reply,
      JSON.stringify([{ question, answer }]),
      JSON.stringify({ mood: name, place: body.slice(0, 60).toWellFormed() })
    )
    .run()
  await env.DB.prepare('update books set version = version + 1').run()
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" }

/** What a browser shows: without the elements, and with the characters that entities stand for. */
async function readHtml(response: Response) {
  let text = ''
  const elements = new Set<string>()
  const attributes = new Set<string>()
  const reading = new HTMLRewriter()
    .on('article.h-entry, article.h-entry *', {
      element(found) {
        elements.add(found.tagName)
        for (const [name] of found.attributes) attributes.add(String(name))
      },
    })
    .on('article.h-entry', {
      text(chunk) {
        text += chunk.text
      },
    })
    .transform(response)
  await reading.text()
  return { text: text.replace(/&([\w#]+);/g, (all, name: string) => ENTITIES[name] ?? all), elements, attributes }
}

/** What must be left of a text: everything that can be seen. White space and control characters may change. */
const visible = (text: string) => text.replace(/[\s\p{Cc}\p{Cf}\ufffe\uffff\u2028\u2029]/gu, '')

const ELEMENTS =
  'article header svg title path rect g circle h2 h3 span a div p br em strong code blockquote dl dt dd h4 footer time details summary b bdi'.split(
    ' '
  )
const ATTRIBUTES =
  /^(class|id|href|rel|dir|title|datetime|aria-\w+|role|width|height|viewbox|d|fill|xmlns|x|y|shape-rendering|style|item(prop|scope|type))$/i

async function checkPage(world: World, path: string, { name, body, reply, question, answer }: Stored) {
  const { text, elements, attributes } = await readHtml(await world.request(path))
  for (const part of [name, reply, question, answer]) expect(visible(text)).toContain(visible(part))
  // The page of a book shows the beginning of a long entry. Its own page shows all of it.
  const isList = path === '/' || path === '/embed/main'
  const shown = isList ? (excerptOf(body)?.replace(/…$/, '') ?? body) : body
  expect(visible(text)).toContain(visible(shown))
  expect([...elements].filter((one) => !ELEMENTS.includes(one))).toEqual([])
  expect([...attributes].filter((one) => !ATTRIBUTES.test(one))).toEqual([])
}

/** Our feeds quote each value. Another form is not ours. */
const ATTRIBUTE = / ([\w-]+)="([^"]*)"/g

async function checkFeeds(world: World, { name, body }: Stored) {
  const atom = parseAtomFeed(await (await world.request('/feed.atom')).text())
  const json = parseJsonFeed(await (await world.request('/feed.json')).text())
  expect(atom.entries).toHaveLength(1)
  expect(visible(String(json.items?.[0]?.content_text))).toContain(visible(body))
  expect(visible(String(json.items?.[0]?.authors?.[0]?.name))).toBe(visible(name))
  for (const html of [atom.entries?.[0]?.content?.value, json.items?.[0]?.content_html]) {
    const tags = [...String(html).matchAll(/<\/?([^\s>/]*)/g)].map(([, tag]) => tag)
    expect(tags.filter((tag) => !/^(p|br|blockquote|strong|em|code|a|span)$/.test(tag ?? ''))).toEqual([])
    const all = [...String(html).matchAll(/<[^>]*>/g)].map(([tag]) => tag)
    const attributes = all.flatMap((tag) => [...tag.matchAll(ATTRIBUTE)])
    expect(all.filter((tag) => !/^<\/?[a-z]+>$/.test(tag.replaceAll(ATTRIBUTE, '')))).toEqual([])
    expect(attributes.filter(([, name]) => !/^(href|rel|dir|class|role|aria-label|title)$/.test(name ?? ''))).toEqual(
      []
    )
    expect(attributes.filter(([, name, value]) => name === 'href' && !/^https?:\/\//.test(value ?? ''))).toEqual([])
  }
}

async function checkApi(world: World, { name, body, reply }: Stored) {
  const { body: list } = await world.api<{ data: { name: string; body: string; reply: { body: string } }[] }>(
    'GET',
    '/api/comments',
    undefined,
    {}
  )
  expect(list.data).toMatchObject([{ name, body, reply: { body: reply } }])
  return list.data[0]
}

function checkChats(comment: unknown) {
  const data = { comment, book: { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' } }
  const payload = JSON.stringify({
    id: 'msg_1',
    type: 'comment.published',
    timestamp: '2026-11-26T00:00:00.000Z',
    data,
  })
  const slack = JSON.parse(renderPayload('slack', payload).body)
  expect(slack.text).not.toMatch(/[<>]/)
  expect(slack).toMatchObject({ mrkdwn: false, parse: 'none' })
  const discord = JSON.parse(renderPayload('discord', payload).body)
  expect(discord.allowed_mentions).toEqual({ parse: [] })
  expect(discord.embeds[0].description ?? '').not.toMatch(/(?<!\\)[@<[*`~]/)
  const teams = JSON.parse(renderPayload('teams', payload).body)
  for (const block of teams.attachments[0].content.body) expect(block.type).toBe('RichTextBlock')
}

it('every stored text comes out escaped and legible in pages, frames, exports, feeds, lists and chat messages', async () => {
  const world = new World()
  await world.api('PATCH', '/api/books/main', { markup: false, smileys: false, avatars: 'identicon' })
  await fc.assert(
    fc.asyncProperty(hostileEntry, async (entry) => {
      await store(entry)
      for (const path of PAGES) await checkPage(world, path, entry)
      await checkFeeds(world, entry)
      checkChats(await checkApi(world, entry))
    }),
    {
      numRuns: 40,
      examples: PIECES.map((piece) => [{ name: piece, body: piece, reply: piece, question: piece, answer: piece }]),
    }
  )
})

const PAGES = ['/', '/comments/cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', '/embed/main', '/b/main/export.html']
