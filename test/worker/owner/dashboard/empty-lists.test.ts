import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { World } from '../../../support/world'

/** The empty part of a page. */
function emptyOf(html: string): string {
  return /<(div|p) class="empty">(.*?)<\/\1>/s.exec(html)?.[2] ?? ''
}

const hrefs = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href)

/** Each list, with a word of what it says while it is empty. */
const LISTS: [path: string, word: string][] = [
  ['/admin', 'Nothing'],
  ['/admin/comments', 'entries'],
  ['/admin/comments?status=held', 'approval'],
  ['/admin/comments?status=published', 'published'],
  ['/admin/comments?status=hidden', 'hidden'],
  ['/admin/comments?status=spam', 'spam'],
  ['/admin/books/main/bans', 'banned'],
  ['/admin/endpoints', 'endpoints'],
  ['/admin/messages', 'messages'],
  ['/admin/inbound', 'requests'],
  ['/admin/sources', 'sources'],
  ['/admin/event-types', 'None'],
  ['/admin/access', 'keys'],
  ['/admin/moving', 'imports'],
]

describe('an empty list', () => {
  it.each(LISTS)('at %s says "%s", what it is good for, and leads to pages that exist', async (path, word) => {
    const world = new World()
    const { get } = await ownerBrowser(world)
    const empty = emptyOf(await (await get(path)).text())
    expect(empty).toContain(word)
    expect(empty.replace(/<[^>]*>/g, '').length).toBeGreaterThan(35)
    for (const href of hrefs(empty)) {
      if (!href.startsWith('#')) expect([href, (await get(href)).status]).toEqual([href, 200])
    }
  })

  it('of deliveries says how to get one', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const { get } = await ownerBrowser(world)
    const html = await (await get(`/admin/endpoints/${id}`)).text()
    expect(emptyOf(html)).toMatch(/\btest\b/)
  })

  it.each([
    ['/admin/comments?q=nowhere', '/admin/comments?status=all'],
    ['/admin/endpoints?q=nowhere', '/admin/endpoints'],
    ['/admin/messages?q=nowhere', '/admin/messages'],
    ['/admin/inbound?q=nowhere', '/admin/inbound'],
    ['/admin/access/audit?act=nowhere', '/admin/access/audit'],
  ])('whose filter matches nothing (%s) leads to the whole list', async (path, whole) => {
    const world = new World()
    const { get } = await ownerBrowser(world)
    const empty = emptyOf(await (await get(path)).text())
    expect(empty).toContain('match the filter')
    expect(hrefs(empty)).toEqual([whole])
  })

  it('of entries that wait says so if those of another book do', async () => {
    const world = new World()
    const { submit, see } = await ownerBrowser(world)
    await submit('/admin/first-steps/demo', {})
    expect(await see('/admin/comments?status=held&book=main')).toContain('another book')
    expect(await see('/admin/comments?status=held')).toContain('Totally Real Prizes')
  })
})

describe('the settings', () => {
  it('say what they do now, without links to pages that are switched off', async () => {
    const world = new World()
    const { get } = await ownerBrowser(world)
    const hint = async () => partOf(await (await get('/admin/settings')).text(), 'id="registration-hint"')
    expect(await hint()).toContain('No integrator')
    expect(hrefs(await (await get('/admin/settings')).text())).not.toContain('/webhooks')
    await world.api('PATCH', '/api/settings', { registration: 'approve' })
    expect(hrefs(await (await get('/admin/settings')).text())).toContain('/webhooks')
  })

  it.each(['/admin/books/main', '/admin/books', '/admin/settings', '/admin/storage'])(
    'at %s have hints that are tied to their fields, each once',
    async (path) => {
      const { get } = await ownerBrowser(new World())
      const html = await (await get(path)).text()
      const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
      const described = [...html.matchAll(/aria-describedby="([^"]*)"/g)].map(([, id]) => id)
      expect(described.length).toBeGreaterThan(0)
      expect(described.filter((id) => ids.filter((one) => one === id).length !== 1)).toEqual([])
    }
  )

  it('of a book give each text field a hint that says its maximum', async () => {
    const { get } = await ownerBrowser(new World())
    const html = await (await get('/admin/books/main')).text()
    const fields = [...html.matchAll(/<(?:input|textarea)[^>]*data-counted="(\d+)"[^>]*aria-describedby="([^"]*)"/g)]
    // Title, welcome, banner, custom CSS, and the two fields of the question that can be added.
    expect(fields).toHaveLength(6)
    for (const [, max, id] of fields) {
      const hint = new RegExp(`id="${id}">([^]*?)</p>`).exec(html)?.[1]
      expect(hint).toContain(`Up to ${Number(max).toLocaleString('en')} characters.`)
    }
    // A browser would count in UTF-16 code units.
    expect(html).not.toContain('maxlength=')
  })
})
