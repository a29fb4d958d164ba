import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, partOf } from '../../../support/session'
import { World } from '../../../support/world'

/** @returns the values of the boxes with a name, and whether each is ticked */
function boxesOf(html: string, name: string): Record<string, boolean> {
  const boxes = [
    ...html.matchAll(new RegExp(`<input type="checkbox"[^>]* name="${name}" value="([^"]*)"([^>]*)>`, 'g')),
  ]
  return Object.fromEntries(boxes.map(([, value, rest = '']) => [value, rest.includes('checked')]))
}

/** A guestbook with a second book and an event type of the owner. */
async function owner() {
  const world = new World()
  await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer <b>days</b>' })
  await world.api('POST', '/api/event-types', {
    name: 'order.paid',
    description: 'An <i>order</i> was paid',
    schema: {},
    example: {},
  })
  const browser = await ownerBrowser(world)
  const html = async (path: string) => (await browser.get(path)).text()
  const save = (path: string, fields: [string, string][]) =>
    world.request(path, {
      method: 'POST',
      headers: { ...FORM, ...browser.cookie },
      body: new URLSearchParams(fields).toString(),
    })
  const booksOf = async (id: string) =>
    (await world.api<{ books: string[] | null }>('GET', `/api/endpoints/${id}`)).body.books
  return { world, html, save, booksOf, browser }
}

describe('the form of an endpoint', () => {
  it('offers the books by their titles, and none for all of them', async () => {
    const { world, html, save, booksOf } = await owner()
    const form = await html('/admin/endpoints/new')
    expect(boxesOf(form, 'books')).toEqual({ main: false, summer: false })
    expect(form).toContain('Summer &lt;b&gt;days&lt;/b&gt;')
    const { id } = await anEndpoint(world, mailbox().url(), { books: ['summer'] })
    expect(boxesOf(await html(`/admin/endpoints/${id}/edit`), 'books')).toEqual({ main: false, summer: true })
    const fields: [string, string][] = [
      ['url', mailbox().url()],
      ['event_types', '*'],
    ]
    await save(`/admin/endpoints/${id}`, [...fields, ['books', 'main'], ['books', 'summer']])
    expect(await booksOf(id)).toEqual(['main', 'summer'])
    await save(`/admin/endpoints/${id}`, fields)
    expect(await booksOf(id)).toBeNull()
    expect(await (await world.request('/webhooks')).text()).not.toMatch(/name="books"|Summer/)
  })

  it('refuses a header that is given twice, in whatever case', async () => {
    const { world, save } = await owner()
    const { id } = await anEndpoint(world, mailbox().url())
    const headers = async (text: string) => {
      const fields: [string, string][] = [
        ['url', mailbox().url()],
        ['event_types', '*'],
        ['headers', text],
      ]
      return (await save(`/admin/endpoints/${id}`, fields)).status
    }
    expect([await headers('X-A: 1\nX-A: 2'), await headers('X-A: 1\nx-a: 2')]).toEqual([422, 422])
    expect(await headers('X-A: 1\nX-B: 2')).toBe(303)
  })

  it('keeps a book that has been deleted, and one that is gone for good', async () => {
    const { world, html, save, booksOf } = await owner()
    const { id } = await anEndpoint(world, mailbox().url(), { books: ['summer'] })
    const kept = async () => {
      expect(boxesOf(await html(`/admin/endpoints/${id}/edit`), 'books')).toEqual({ main: false, summer: true })
      const fields: [string, string][] = [
        ['url', mailbox().url()],
        ['event_types', '*'],
        ['books', 'summer'],
      ]
      expect((await save(`/admin/endpoints/${id}`, fields)).status).toBe(303)
      expect(await booksOf(id)).toEqual(['summer'])
      const strange = await save(`/admin/endpoints/${id}`, [...fields, ['books', 'winter']])
      expect(strange.status).toBe(422)
      expect(await strange.text()).toContain('There is no book &quot;winter&quot;.')
    }
    await world.api('DELETE', '/api/books/summer')
    expect(boxesOf(await html('/admin/endpoints/new'), 'books')).toEqual({ main: false })
    await kept()
    await env.DB.prepare("delete from books where slug = 'summer'").run()
    await kept()
  })

  it('offers the event types of the owner, also for the owner’s texts', async () => {
    const { world, html } = await owner()
    const { id } = await anEndpoint(world, mailbox().url(), { event_types: ['order.paid', 'order.sent', 'comment.*'] })
    const form = await html(`/admin/endpoints/${id}/edit`)
    expect(boxesOf(form, 'event_types')).toMatchObject({ '*': false, 'comment.held': false, 'order.paid': true })
    expect(form).toContain('An &lt;i&gt;order&lt;/i&gt; was paid')
    expect(form).toContain('value="order.sent"')
    expect(boxesOf(form, 'event_types')).toMatchObject({ 'comment.*': true })
    const blank = await html('/admin/endpoints/new')
    expect(boxesOf(blank, 'event_types')).toMatchObject({ '*': false, 'comment.*': true })
    expect(form).toMatch(/name="text_type"[^>]* list="text-types"/)
    for (const type of ['order.paid', 'comment.published']) expect(form).toContain(`<option value="${type}">`)
    expect(form).not.toContain('endpoint.verify')
  })

  it('says in words that an endpoint gets all events', async () => {
    const { world, html } = await owner()
    const { id } = await anEndpoint(world, mailbox().url(), { event_types: ['*'] })
    const settings = async () => partOf(await html(`/admin/endpoints/${id}?tab=settings`), 'class="steps"')
    expect(await settings()).toMatch(/Event types\s+All events\s+Books/)
    await world.api('PATCH', `/api/endpoints/${id}`, { event_types: ['comment.held', 'ping'] })
    expect(await settings()).toMatch(/Event types\s+comment\.held ping\s+Books/)
  })
})
