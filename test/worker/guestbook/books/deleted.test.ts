import { describe, expect, it } from 'vitest'
import { forgetBook } from '../../../../src/guestbook/books/cache'
import { aComment, aGuestComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { FORM, guestBrowser, ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'
import { aClient, use } from '../../owner/mcp/a-client'

const DAY = 86_400_000
const SLUG = 'summer'

type Comment = { id: string; status: string; edit_token: string }
type Event = { type: string; data: { comment: { id: string; body: string }; moderation?: Record<string, string> } }

/** A book with an endpoint that receives every event about its entries. */
async function aBook(more: Record<string, unknown> = {}) {
  const world = new World()
  const box = mailbox()
  await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
  await world.api('POST', '/api/books', { slug: SLUG, title: 'Summer', moderation: 'none', ...more })
  const events = async (): Promise<Event[]> => {
    await world.drainDelayed()
    return (await box.received()).map(({ body }) => JSON.parse(body))
  }
  return {
    world,
    events,
    sign: (body: string) => aComment(world, { book: SLUG, body }),
    signAsGuest: async (body: string) => (await aGuestComment(world, { book: SLUG, body })) as Comment,
    remove: async () => expect((await world.api('DELETE', `/api/books/${SLUG}?confirm=${SLUG}`)).status).toBe(204),
    restore: async () => expect((await world.api('POST', `/api/books/${SLUG}/restore`)).status).toBe(200),
    /** What a receiver shows that follows the events. */
    received: async () => {
      const shown = new Map<string, string>()
      for (const { type, data } of await events()) {
        if (type === 'comment.removed') shown.delete(data.comment.id)
        else if (type !== 'comment.held') shown.set(data.comment.id, data.comment.body)
      }
      return [...shown].toSorted()
    },
    published: async () => {
      const { data } = (await world.api<{ data: { id: string; body: string }[] }>('GET', `/api/comments?book=${SLUG}`))
        .body
      return data.map(({ id, body }) => [id, body]).toSorted()
    },
    statusOf: async (id: string) => (await world.api('GET', `/api/comments/${id}`)).body.status,
  }
}

describe('in a deleted book', () => {
  it('what is deleted, erased or hidden is reported, so a restored book and its receivers agree', async () => {
    const book = await aBook()
    const { world } = book
    const guest = guestBrowser(world)
    await guest.sign({ body: 'deleted on the page' }, `/b/${SLUG}/sign`)
    const [onPage = ''] = (await book.published())[0] ?? []
    const [byToken, erased, hidden, spam, held, bulk, deleted, stays] = [
      await book.signAsGuest('deleted with the token'),
      ...(await Promise.all(['erased', 'hidden', 'spam', 'held', 'bulk', 'deleted', 'stays'].map(book.sign))),
    ] as Comment[]
    await book.remove()
    const own = { Authorization: `Bearer ${byToken?.edit_token}`, 'CF-Connecting-IP': '10.9.9.9' }
    expect((await world.api('DELETE', `/api/comments/${byToken?.id}`, undefined, own)).status).toBe(204)
    const page = await guest.post(`/comments/${onPage}/delete`)
    expect([page.status, page.headers.get('Location')]).toEqual([303, '/?signed=deleted#thanks'])
    expect((await world.api('POST', '/api/erase', { ids: [erased?.id] })).body).toMatchObject({ erased: 1 })
    for (const [one, status] of [
      [hidden, 'hidden'],
      [spam, 'spam'],
      [held, 'held'],
    ] as const)
      expect((await world.api('PATCH', `/api/comments/${one?.id}`, { status })).status).toBe(200)
    const browser = await ownerBrowser(world)
    expect((await browser.submit('/admin/comments', { ids: bulk?.id ?? '', action: 'hide' })).status).toBe(303)
    expect((await world.api('DELETE', `/api/comments/${deleted?.id}`)).status).toBe(204)
    const removed = (await book.events()).filter(({ type }) => type === 'comment.removed')
    expect(removed.map(({ data }) => data.comment.id).toSorted()).toEqual(
      [onPage, ...[byToken, erased, hidden, spam, held, bulk, deleted].map((one) => one?.id)].toSorted()
    )
    await book.restore()
    expect(await book.published()).toEqual([[stays?.id, 'stays']])
    expect(await book.received()).toEqual(await book.published())
  })

  it('nothing is published, edited or answered, whoever asks, until it is restored', async () => {
    const book = await aBook()
    const { world } = book
    const guest = guestBrowser(world)
    await guest.sign({ body: 'By a browser' }, `/b/${SLUG}/sign`)
    const [onPage = ''] = (await book.published())[0] ?? []
    const byGuest = await book.signAsGuest('By a guest')
    const shown = (await book.sign('Shown')) as Comment
    const hidden = (await book.sign('Hidden')) as Comment
    await world.api('PATCH', `/api/comments/${hidden.id}`, { status: 'hidden' })
    await world.api('PATCH', `/api/books/${SLUG}`, {
      moderation: 'all',
      questions: [{ text: 'Why?' }],
      asks_for: ['mood'],
    })
    const waiting = await book.signAsGuest('Waiting')
    const links = (await book.events()).find(({ type }) => type === 'comment.held')?.data.moderation ?? {}
    const before = await book.published()
    await book.remove()
    const own = { Authorization: `Bearer ${byGuest.edit_token}`, 'CF-Connecting-IP': '10.9.9.9' }
    const browser = await ownerBrowser(world)
    const pathOf = (name: string) => new URL(links[name] ?? '').pathname
    const client = await aClient(world)
    const answers: [string, number][] = [
      ['publishing', (await world.api('PATCH', `/api/comments/${hidden.id}`, { status: 'published' })).status],
      ['editing', (await world.api('PATCH', `/api/comments/${shown.id}`, { body: 'Edited' })).status],
      ['editing what is hidden', (await world.api('PATCH', `/api/comments/${hidden.id}`, { name: 'Eve' })).status],
      ['answering a question', (await world.api('PATCH', `/api/comments/${shown.id}`, { answers: ['So'] })).status],
      ['a mood', (await world.api('PATCH', `/api/comments/${shown.id}`, { mood: 'sad' })).status],
      ['a reply', (await world.api('PUT', `/api/comments/${shown.id}/reply`, { body: 'Thanks' })).status],
      ['a guest', (await world.api('PATCH', `/api/comments/${byGuest.id}`, { body: 'Mine' }, own)).status],
      ['a guest on the page', (await guest.post(`/comments/${onPage}/edit`, { name: 'Ada', body: 'Mine' })).status],
      ['the link', (await world.request(pathOf('approve_url'))).status],
      ['its button', (await world.request(pathOf('approve_url'), { method: 'POST', headers: FORM, body: '' })).status],
      ['the queue', (await browser.submit(`/admin/comments/${waiting.id}`, { action: 'publish' })).status],
      ['a reply in the queue', (await browser.submit(`/admin/comments/${shown.id}/reply`, { reply: 'Hi' })).status],
      ['several', (await browser.submit('/admin/comments', { ids: waiting.id, action: 'publish' })).status],
      [
        'an undo',
        (await browser.submit('/admin/comments', { ids: hidden.id, action: 'publish', was: 'hidden' })).status,
      ],
    ]
    for (const [what, status] of answers) expect([what, status]).toEqual([what, 409])
    const moderated = await use(client, 'moderate_entry', { id: hidden.id, status: 'published' })
    const replied = await use(client, 'reply_to_entry', { id: shown.id, body: 'Thanks' })
    for (const { isError, text } of [moderated, replied])
      expect([isError, JSON.parse(text).code]).toEqual([true, 'book_deleted'])
    const typed = await guest.post(`/comments/${onPage}/edit`, { name: 'Ada', body: 'What I have typed' })
    expect(await typed.text()).toContain('What I have typed')
    // The other buttons of the notification still work.
    expect((await world.request(pathOf('spam_url'), { method: 'POST', headers: FORM, body: '' })).status).toBe(303)
    await book.restore()
    expect(await book.published()).toEqual(before)
    expect(await book.received()).toEqual(before)
    expect((await world.api('PATCH', `/api/comments/${hidden.id}`, { status: 'published' })).status).toBe(200)
    expect(await book.received()).toEqual(await book.published())
  })

  it('another isolate, which has not heard of the deletion, publishes and edits nothing either', async () => {
    const book = await aBook()
    const hidden = await book.sign('Hidden')
    const guest = await book.signAsGuest('First')
    await book.world.api('PATCH', `/api/comments/${hidden.id}`, { status: 'hidden' })
    const other = new World({}, book.world.queued)
    const own = { Authorization: `Bearer ${guest.edit_token}`, 'CF-Connecting-IP': '10.9.9.9' }
    // It remembers the book, and its event waits for a further edit.
    expect((await other.api('PATCH', `/api/comments/${guest.id}`, { body: 'Second' }, own)).status).toBe(200)
    await book.remove()
    expect((await other.api('PATCH', `/api/comments/${guest.id}`, { body: 'Third' }, own)).status).toBe(409)
    expect((await other.api('PATCH', `/api/comments/${hidden.id}`, { status: 'published' })).status).toBe(409)
    await book.restore()
    expect(await book.published()).toEqual([[guest.id, 'Second']])
    expect(await book.received()).toEqual([[guest.id, 'Second']])
  })

  it('that expires, each entry that was still published is reported once', async () => {
    const book = await aBook()
    const { world } = book
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.push((await book.sign(`Entry ${i}`)).id)
    await book.remove()
    await world.api('PATCH', `/api/comments/${ids[0]}`, { status: 'hidden' })
    await world.api('DELETE', `/api/comments/${ids[1]}`)
    forgetBook(world.env, SLUG)
    for (let minute = 0; minute < 3; minute++) await world.sweep(later(DAY + minute * 60_000), 'expired_books')
    const removed = (await book.events()).filter(({ type }) => type === 'comment.removed')
    expect(removed.map(({ data }) => data.comment.id).toSorted()).toEqual(ids.toSorted())
    expect((await world.api('GET', `/api/comments/${ids[2]}`)).status).toBe(404)
  })
})
