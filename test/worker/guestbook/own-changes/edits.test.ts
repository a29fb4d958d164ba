import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edit } from '../../../../src/guestbook/moderation/edit'
import { versionOf } from '../../../../src/guestbook/moderation/versions'
import { findComment } from '../../../../src/guestbook/store'
import { anEndpoint, later, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, withModeration, withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'

interface Comment {
  id: string
  status: string
  body: string
  edit_token: string
  edited_at: string | null
}

interface Event {
  id: string
  type: string
  data: { comment: Comment; moderation?: Record<'approve_url' | 'hide_url', string> }
}

let guests = 0

/** A guest with an address of its own, so that no limit for one address applies. */
async function aGuest(world: World, input: Record<string, unknown> = {}) {
  const text = { name: 'Ada', body: `Hello ${crypto.randomUUID()}`, ...input }
  const headers = () => ({ 'CF-Connecting-IP': `10.1.${Math.floor(guests / 250)}.${guests++ % 250}` })
  const { status, body } = await world.api<Comment>('POST', '/api/comments', text, headers())
  if (status !== 201) throw new Error(JSON.stringify(body))
  const own = () => ({ ...headers(), Authorization: `Bearer ${body.edit_token}` })
  const path = `/api/comments/${body.id}`
  const current = async () => (await world.api<Comment>('GET', path)).body
  return {
    id: body.id,
    path,
    headers: own,
    current,
    status: async () => (await current()).status,
    moderate: (change: { status: string }) => world.api('PATCH', path, change),
    edit: async (change: Record<string, unknown>) => {
      const edited = await world.api<Comment>('PATCH', path, change, own())
      expect(edited.status).toBe(200)
      return edited.body
    },
  }
}

type Guest = Awaited<ReturnType<typeof aGuest>>

async function receiver(world: World) {
  const box = mailbox()
  await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
  const events = async (): Promise<Event[]> => (await box.received()).map(({ body }) => JSON.parse(body))
  return { events, types: async () => (await events()).map(({ type }) => type) }
}

const reasonOf = async (world: World, id: string, status: string) =>
  (await world.api<{ data: { id: string; reason: string }[] }>('GET', `/api/comments?status=${status}`)).body.data.find(
    (one) => one.id === id
  )?.reason

const pathIn = (event: Event | undefined) => new URL(event?.data.moderation?.approve_url ?? '').pathname
const press = (world: World, path: string, seen?: string) =>
  world.request(path, { method: 'POST', headers: FORM, body: new URLSearchParams(seen ? { seen } : {}).toString() })

/** The version in a form of a page. */
const seenIn = (html: string) => /name="seen" value="([^"]+)"/.exec(html)?.[1] ?? ''

describe('an approval', () => {
  it('is for the version that the owner has seen: with one button, with many entries, and with a link', async () => {
    const world = await withModeration(new World())
    const { events } = await receiver(world)
    const owner = await ownerBrowser(world)
    const [one, other] = [await aGuest(world), await aGuest(world)]
    const html = await (await owner.get('/admin/comments?status=held')).text()
    const versions = [...html.matchAll(/name="ids" value="([^"]+)"/g)].map(([, version = '']) => version)
    expect(versions.toSorted()).toEqual([one.id, other.id].toSorted())
    await world.drain()
    const old = pathIn((await events()).find(({ data }) => data.comment.id === one.id))
    expect((await world.request(old)).status).toBe(200)

    await one.edit({ body: 'Something else' })
    const back = { action: 'publish', was: 'held', back: 'status=held&book=main' }
    expect((await owner.submit(`/admin/comments/${one.id}`, { ...back, seen: one.id })).status).toBe(409)
    expect((await owner.submit(`/admin/comments/${one.id}`, back)).status).toBe(409)
    const bulk = await owner.submit('/admin/comments', { ...back, ids: versions.join(',') })
    expect([await one.status(), await other.status()]).toEqual(['held', 'published'])
    expect(await owner.see(bulk.location ?? '')).toMatch(/One [^.]*published.*Undo.*One [^.]*not published/s)
    expect((await press(world, old)).status).toBe(410)

    await world.drainDelayed()
    const held = (await events()).filter(({ type, data }) => type === 'comment.held' && data.comment.id === one.id)
    expect(held).toMatchObject([{}, { data: { comment: { body: 'Something else' } } }])
    const link = await (await world.request(pathIn(held[1]))).text()
    expect(link).toContain('Something else')
    expect((await press(world, pathIn(held[1]), seenIn(link))).status).toBe(303)
    expect(await one.status()).toBe('published')
  })

  it('names the version in the form of the queue, of the entry and of a link, and undoing keeps it', async () => {
    const world = await withModeration(new World())
    const { events } = await receiver(world)
    const owner = await ownerBrowser(world)
    const guest = await aGuest(world)
    await guest.edit({ body: 'Second' })
    await world.drainDelayed()
    const path = pathIn((await events()).at(-1))
    const current = versionOf((await findComment(world.env, guest.id)) ?? { id: '', edited_at: null })
    for (const page of ['/admin/comments?status=held', `/admin/comments/${guest.id}`, path])
      expect(seenIn(await (await owner.get(page)).text())).toBe(current)
    const shown = await (await world.request(path)).text()
    // The owner edits the entry elsewhere, which sends no event, while the page of the link is open.
    await world.api('PATCH', guest.path, { body: 'Third' })
    expect((await press(world, path, seenIn(shown))).status).toBe(409)
    const next = versionOf((await findComment(world.env, guest.id)) ?? { id: '', edited_at: null })
    await owner.submit('/admin/comments', { action: 'publish', was: 'held', ids: next })
    const hidden = await owner.submit('/admin/comments', { action: 'hide', was: 'published', ids: current })
    await owner.submit('/admin/comments', { undo: new URL(hidden.location ?? '', BASE).searchParams.get('undo') ?? '' })
    expect(await guest.status()).toBe('published')
  })

  it('can name the version in the API', async () => {
    const world = await withModeration(new World())
    const guest = await aGuest(world)
    const publish = (edited_at: string | null) => world.api('PATCH', guest.path, { status: 'published', edited_at })
    const { edited_at } = await guest.edit({ body: 'Second' })
    expect((await publish(null)).status).toBe(409)
    expect(await guest.status()).toBe('held')
    expect((await publish(edited_at)).status).toBe(200)
  })

  it('has another version for each edit, also for two edits in one millisecond', async () => {
    const world = await withModeration(new World())
    const { id } = await aGuest(world)
    const row = await findComment(world.env, id)
    if (!row) throw new Error('There is no entry.')
    const now = Date.now()
    const first = { ...row, ...edit(row, { body: 'First' }, 'guest', now) }
    const second = { ...first, ...edit(first, { body: 'Second' }, 'guest', now) }
    expect(new Set([row, first, second].map(versionOf)).size).toBe(3)
  })
})

describe('an edit by a guest', () => {
  it('is judged like a new entry, and never publishes what waits', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'], max_links: 0 })
    const held = await aGuest(world, { body: 'https://a.example' })
    expect(await held.status()).toBe('held')
    await held.edit({ body: 'Without a link' })
    expect([await held.status(), await reasonOf(world, held.id, 'held')]).toEqual(['held', 'links'])
    await held.edit({ body: 'My casino' })
    expect([await held.status(), await reasonOf(world, held.id, 'spam')]).toEqual(['spam', 'word'])
    await held.edit({ body: 'Harmless' })
    expect(await held.status()).toBe('spam')
    const [one, other] = [await aGuest(world), await aGuest(world)]
    await one.edit({ body: 'The same text' })
    await other.edit({ body: 'The same text' })
    expect([await one.status(), await other.status()]).toEqual(['published', 'held'])
    expect(await reasonOf(world, other.id, 'held')).toBe('repeated')
  })

  it('is spam if the owner has banned the network of the guest', async () => {
    const world = await withoutModeration(new World())
    const headers = { 'CF-Connecting-IP': '10.9.9.9' }
    const { body } = await world.api<Comment>('POST', '/api/comments', { name: 'Eve', body: 'Hi' }, headers)
    const ban = { by: 'visitor', comment_id: body.id, days: 1 }
    expect((await world.api('POST', '/api/books/main/bans', ban)).status).toBe(201)
    const own = { ...headers, Authorization: `Bearer ${body.edit_token}` }
    await world.api('PATCH', `/api/comments/${body.id}`, { body: 'Spam' }, own)
    expect(await reasonOf(world, body.id, 'spam')).toBe('banned')
  })

  it.each([
    ['text', { body: 'Hello, with a correction' }, 'published'],
    ['a link', { body: 'Hello https://evil.example' }, 'held'],
    ['the name', { name: 'Bob' }, 'held'],
    ['the website', { website: 'https://evil.example' }, 'held'],
  ])('of %s after the approval: the owner looks again at links, name and website', async (_, change, status) => {
    const world = await withModeration(new World())
    const { events, types } = await receiver(world)
    const guest = await aGuest(world)
    await world.api('PATCH', guest.path, { status: 'published' })
    await world.drain()
    await guest.edit(change)
    expect(await guest.status()).toBe(status)
    await world.drainDelayed()
    const reported = status === 'held' ? ['comment.removed', 'comment.held'] : ['comment.updated']
    expect((await types()).toSorted()).toEqual(['comment.held', 'comment.published', ...reported].toSorted())
    if (status !== 'held') return
    const last = (await events()).findLast(({ type }) => type === 'comment.held')
    expect((await press(world, pathIn(last))).status).toBe(303)
    expect(await guest.status()).toBe('published')
  })

  it('of an entry that was published because its guest is known is published while the guest is known', async () => {
    const world = await withModeration(new World())
    const first = await aGuest(world)
    await world.api('PATCH', first.path, { status: 'published' })
    const input = { name: 'Ada', body: 'Known' }
    const { body } = await world.api<Comment>('POST', '/api/comments', input, first.headers())
    expect(body.status).toBe('published')
    const own = () => ({ ...first.headers(), Authorization: `Bearer ${body.edit_token}` })
    const edited = (text: string) => world.api<Comment>('PATCH', `/api/comments/${body.id}`, { body: text }, own())
    expect((await edited('https://ok.example')).body.status).toBe('published')
    await world.api('PATCH', first.path, { status: 'hidden' })
    expect((await edited('More')).body.status).toBe('held')
  })
})

describe('several edits by a guest', () => {
  it('become one event, with another id each time, five seconds after the last one', async () => {
    const world = await withoutModeration(new World())
    const { events, types } = await receiver(world)
    const guest = await aGuest(world)
    await world.drain()
    const ids = new Set<string>()
    for (const body of ['One', 'Two', 'Three']) {
      await guest.edit({ body })
      const { data } = (await world.api<{ data: { id: string; type: string }[] }>('GET', '/api/messages')).body
      expect(data.filter(({ type }) => type === 'comment.updated')).toHaveLength(1)
      ids.add(data[0]?.id ?? '')
      await world.drain()
    }
    expect(ids.size).toBe(3)
    expect(world.queued.map(({ delaySeconds }) => delaySeconds)).toEqual([5, 5, 5])
    expect(await types()).toEqual(['comment.published'])
    await world.drainDelayed()
    expect((await events()).map(({ data }) => data.comment.body).slice(1)).toEqual(['Three'])
    await guest.edit({ body: 'Four' })
    await world.drainDelayed()
    expect(await types()).toEqual(['comment.published', 'comment.updated', 'comment.updated'])
  })

  it('are reported by the sweep if their wake-up is lost, and not before they are due', async () => {
    const world = await withoutModeration(new World())
    const { types } = await receiver(world)
    const guest = await aGuest(world)
    await world.drain()
    await guest.edit({ body: 'One' })
    world.loseQueue()
    await world.sweep(Date.now())
    await world.drain()
    expect(await types()).toEqual(['comment.published'])
    await world.sweep(later(6_000))
    await world.drain()
    expect(await types()).toEqual(['comment.published', 'comment.updated'])
  })

  it('are never reported after the owner has hidden the entry, and are part of what the owner changes', async () => {
    const world = await withoutModeration(new World())
    const { events, types } = await receiver(world)
    const [one, other] = [await aGuest(world), await aGuest(world)]
    await world.drain()
    await one.edit({ body: 'Not for the public' })
    await world.api('PATCH', one.path, { status: 'hidden' })
    await other.edit({ body: 'Edited' })
    await world.api('PUT', `${other.path}/reply`, { body: 'Thanks' })
    await world.drain()
    expect((await types()).slice(2).toSorted()).toEqual(['comment.removed', 'comment.updated'])
    await world.drainDelayed()
    await world.sweep(later(60_000))
    await world.drain()
    const received = await events()
    expect(received).toHaveLength(4)
    expect(JSON.stringify(received)).not.toContain('Not for the public')
    expect(received.find(({ type }) => type === 'comment.updated')).toMatchObject({
      data: { comment: { body: 'Edited', reply: { body: 'Thanks' } } },
    })
  })

  it('leave receivers with what the page shows, in whatever order guests, the owner and the queues act', async () => {
    const world = await withModeration(new World())
    const step = fc.constantFrom(
      'edit',
      'edit',
      'rename',
      'publish',
      'hide',
      'hold',
      'reply',
      'deliver',
      'lose',
      'sweep'
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const { events } = await receiver(world)
        const guest = await aGuest(world)
        for (const [i, one] of steps.entries()) await act(world, guest, one, i)
        world.loseQueue()
        await world.sweep(later(120_000))
        await world.drain()
        const mine = (await events()).filter(({ data }) => data.comment.id === guest.id)
        const shown = mine.toSorted((a, b) => (a.id < b.id ? -1 : 1)).filter(({ type }) => type !== 'comment.held')
        const { status, body } = await guest.current()
        expect(shown.at(-1)?.type ?? 'comment.removed').toMatch(
          status === 'published' ? /published|updated/ : /removed/
        )
        if (status === 'published') expect(shown.at(-1)?.data.comment.body).toBe(body)
        // Between a removal and the next publication, nothing is reported.
        expect(shown.map(({ type }) => type.slice(8)).join(' ')).toMatch(
          /^(published( updated)*( removed published( updated)*)*( removed)?)?$/
        )
        if (status === 'held') await expectLinks(world, guest.id, mine)
      }),
      { numRuns: 25 }
    )
  }, 120_000)
})

const STATUSES: Record<string, string> = { publish: 'published', hide: 'hidden', hold: 'held' }

async function act(world: World, guest: Guest, step: string, i: number): Promise<void> {
  if (step === 'edit') await guest.edit({ body: `Edit ${i} ${crypto.randomUUID()}` })
  else if (step === 'rename') await guest.edit({ name: `Ada ${i}` })
  else if (step === 'reply') await world.api('PUT', `${guest.path}/reply`, { body: `Reply ${i}` })
  else if (step === 'deliver') await world.drainDelayed()
  else if (step === 'lose') world.loseQueue()
  else if (step === 'sweep') await world.sweep(later(6_000))
  else await world.api('PATCH', guest.path, { status: STATUSES[step] })
}

/** Of all links that were sent, only those in the latest event can work, and then they show what the entry says. */
async function expectLinks(world: World, id: string, events: Event[]): Promise<void> {
  const held = events.filter(({ type }) => type === 'comment.held').toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const row = await findComment(world.env, id)
  for (const [i, event] of held.entries()) {
    const page = await world.request(pathIn(event))
    if (i < held.length - 1) expect(page.status).toBe(410)
    else if (page.status === 200) expect(await page.text()).toContain(row?.body)
  }
}

describe('the text of a guest', () => {
  it('does not count as repeated when the guest corrects its case or spaces, or changes it back', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world, { body: 'hello  from the sea' })
    for (const body of ['Hello from the sea', 'Hello from the hills', 'hello  from the sea'])
      expect((await guest.edit({ body })).status).toBe('published')
    const other = await aGuest(world, { body: 'Hello from the sea' })
    expect(await reasonOf(world, other.id, 'held')).toBe('repeated')
  })
})

async function reported(world: World): Promise<void> {
  world.loseQueue()
  await world.sweep(later(120_000))
  await world.drain()
}

describe('an edit', () => {
  it.each([
    ['is sent twice', (guest: Guest) => guest.edit({ body: 'Edited' })],
    ['is published by the owner, who changes nothing', (guest: Guest) => guest.moderate({ status: 'published' })],
  ])('is reported once, also if it %s', async (_, again) => {
    const world = await withoutModeration(new World())
    const { events } = await receiver(world)
    const guest = await aGuest(world)
    await guest.edit({ body: 'Edited' })
    await again(guest)
    await reported(world)
    const edits = (await events()).filter(({ type }) => type === 'comment.updated')
    expect(edits.map(({ data }) => data.comment.body)).toEqual(['Edited'])
  })

  it('that waits is announced with new links, also if the owner replies first', async () => {
    const world = await withModeration(new World())
    const { events } = await receiver(world)
    const guest = await aGuest(world)
    await guest.edit({ body: 'Edited' })
    expect((await world.api('PUT', `${guest.path}/reply`, { body: 'Thanks' })).status).toBe(200)
    await reported(world)
    expect((await events()).at(-1)).toMatchObject({ type: 'comment.held', data: { comment: { body: 'Edited' } } })
  })

  it('is not accepted in a book that was deleted, because its owner may restore it', async () => {
    const world = await withoutModeration(new World())
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', moderation: 'none' })
    const guest = await aGuest(world, { book: 'summer', body: 'Harmless' })
    expect((await world.api('DELETE', '/api/books/summer?confirm=summer')).status).toBe(204)
    expect((await world.api('PATCH', guest.path, { body: 'Unseen' }, guest.headers())).status).toBe(409)
    expect((await world.api<{ body: string }>('GET', guest.path)).body).toMatchObject({ body: 'Harmless' })
  })
})
