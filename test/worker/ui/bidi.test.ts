import { beforeEach, describe, expect, it } from 'vitest'
import { mailbox } from '../../support/fixtures'
import { FORM, ownerBrowser } from '../../support/session'
import { World } from '../../support/world'
import { addresses, evil, pagePaths, type Seeds, writeEverything } from './every-page'
import { decode, looseTexts } from './loose-texts'

/*
 * Every page of the guestbook, with directional characters in everything that somebody else can write.
 */

const WORDS = [
  'GUEST_NAME',
  'GUEST_BODY',
  'BOOK_TITLE',
  'BOOK_WELCOME',
  'DESCRIPTION',
  'TYPE_DESCRIPTION',
  'EVENT_DATA',
  'SOURCE_NAME',
  'SIGNED_PREFIX',
  'SECRET',
  'QUERY',
  'HEADER',
  'EVENT_TYPE',
  'DELIVERY_ID',
  'SEARCH_FIELD',
  'TEXT_BODY',
  'FORM_FIELD',
  'ANSWER',
  'KEY_NAME',
  'PICTURE_ALT',
  'BUTTON_URL',
] as const

/** Forms that answer with a page instead of a redirect. */
function forms({ endpoint, source, inbound, token }: Seeds): [path: string, fields: Record<string, string>][] {
  const text = evil('typed')
  return [
    ['/sign', { name: text, body: '' }],
    ['/embed/main/sign', { name: text, body: '' }],
    ['/webhooks', { url: text, description: text, event_types: text }],
    [
      `/admin/endpoints/${endpoint}/preview`,
      { url: 'https://example.com/', event_types: 'ping', rate_limit: '1', text_type: 'ping', text },
    ],
    ['/admin/login', { token: text }],
    [`/webhooks/manage/${token}/test`, {}],
    ['/admin/endpoints', { url: text, event_types: text, headers: text, books: text }],
    [`/admin/endpoints/${endpoint}`, { url: `https://${text}`, event_types: text, headers: text }],
    [`/admin/endpoints/${endpoint}/replay`, { only: text, event_types: text }],
    [`/admin/endpoints/${endpoint}/replay`, { only: 'all', span: '1', dry_run: 'true' }],
    [`/admin/endpoints/${endpoint}/test`, { type: text }],
    [`/admin/sources/new`, { provider: 'github', name: text, template_name: `{{${text}` }],
    [`/admin/sources/${source}/preview`, { template_name: '{{who}}', template_body: '{{text}}' }],
    [`/admin/sources/${source}/preview`, { template_name: `{{${text}`, template_body: 'x' }],
    [`/admin/inbound/${inbound.at(-1)}/send`, { to: mailbox().url('echo') }],
    [`/admin/inbound/${inbound[0]}/send`, { to: text, edited: 'on', method: 'POST', headers: text, body: text }],
    ['/admin/event-types', { name: text, description: text, schema: text, example: text }],
    ['/admin/access/keys', { name: text, scopes: 'read', expires: 'never' }],
    ['/admin/access/keys', { name: text, scopes: text, expires: text }],
    ['/admin/books', { title: text, slug: text }],
    ['/admin/books/main', { title: text, welcome: text, home_url: text, language: text }],
    ['/admin/books/summer/bans', { by: text, value: text, days: text }],
    ['/admin/books/summer/delete', { confirm: text }],
  ]
}

describe('text that somebody else wrote', () => {
  const world = new World()
  let seeds: Seeds

  beforeEach(async () => {
    seeds = await writeEverything(world)
  }, 60_000)

  it('stands in an isolating element on every page, so that it cannot reverse the text around it', async () => {
    const browser = await ownerBrowser(world)
    const visits = addresses(seeds)
    expect(pagePaths().toSorted()).toEqual(Object.keys(visits).toSorted())
    const loose: Record<string, string[]> = {}
    const missing = new Set<string>(WORDS)
    const followed = async (response: Response) => {
      const location = response.headers.get('Location')
      return location === null ? response : browser.get(location)
    }
    const check = async (path: string, response: Response) => {
      const html = await response.text()
      expect([path, response.headers.get('Content-Type')]).toEqual([path, 'text/html; charset=UTF-8'])
      const found = looseTexts(html)
      if (found.length > 0) loose[path] = found
      for (const word of missing) if (decode(html).includes(word)) missing.delete(word)
    }
    for (const path of Object.values(visits).flat()) await check(path, await browser.get(path))
    for (const [path, fields] of forms(seeds)) await check(path, await followed(await browser.post(path, fields)))
    expect(loose).toEqual({})
    // Every text was really on a page.
    expect([...missing]).toEqual([])
  }, 60_000)

  it('is isolated on pages that report an error', async () => {
    const browser = await ownerBrowser(world)
    for (const path of ['/%E2%80%AEx', '/admin/inbound/%E2%80%AEx', '/admin/messages?cursor=%E2%80%AEx'])
      expect(looseTexts(await (await browser.get(path)).text())).toEqual([])
    const body = new URLSearchParams({ action: evil('x') }).toString()
    const headers = { ...FORM, Cookie: 'x' }
    const answer = await world.request('/webhooks', { method: 'POST', headers, body })
    expect(looseTexts(await answer.text())).toEqual([])
  })
})

describe('the check itself', () => {
  it.each([
    ['<p>\u202eevil</p>', 1],
    ['<p dir="auto">\u202eevil</p>', 0],
    ['<p><bdi>\u202eevil</bdi> <code>fine</code></p>', 0],
    ['<p><bdi>\u2069\u202eevil</bdi></p>', 1],
    ['<p><bdi>fine</bdi> \u202eevil</p>', 1],
    ['<code dir="auto">\u202eevil</code>', 1],
    ['<title>\u202eevil · Guesthook</title>', 1],
    ['<title>\u2068\u202eevil\u2069 · Guesthook</title>', 0],
    ['<input value="\u202eevil">', 0],
    ['<a title="\u202eevil">x</a>', 1],
    ['<textarea>\u202eevil</textarea>', 0],
  ])('of %j finds %i loose texts', (html, count) => {
    expect(looseTexts(html)).toHaveLength(count)
  })
})
