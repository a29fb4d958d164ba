import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { guestBrowser, ownerBrowser, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

interface Comment {
  id: string
  status: string
  body: string
  edit_token: string
}

type Browser = ReturnType<typeof guestBrowser>

async function latest(world: World, book = 'main'): Promise<Comment> {
  const statuses = ['published', 'held', 'hidden', 'spam']
  const lists = await Promise.all(
    statuses.map((status) => world.api<{ data: Comment[] }>('GET', `/api/comments?status=${status}&book=${book}`))
  )
  const [newest] = lists.flatMap(({ body }) => body.data).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  if (!newest) throw new Error('There is no entry.')
  return newest
}

/** Signs with another text each time. @returns the new entry */
async function signed(world: World, browser: Browser, book = 'main'): Promise<Comment> {
  await browser.sign({ body: `Hello ${crypto.randomUUID()}` }, book === 'main' ? '/sign' : `/b/${book}/sign`)
  return latest(world, book)
}

async function setStatus(world: World, { id }: { id: string }, status: string): Promise<void> {
  expect((await world.api('PATCH', `/api/comments/${id}`, { status })).status).toBe(200)
}

async function aBook(world: World, slug: string, moderation: string): Promise<void> {
  expect((await world.api('POST', '/api/books', { slug, title: slug, moderation })).status).toBe(201)
}

describe('a known guest', () => {
  it('is known from the moment of the approval, also in a form that was open before, and with several entries waiting', async () => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    const first = await signed(world, browser)
    const second = await signed(world, browser)
    expect([first.status, second.status]).toEqual(['held', 'held'])
    await setStatus(world, first, 'published')
    // The browser has loaded no page since then.
    expect((await signed(world, browser)).status).toBe('published')
    // Many entries later, the approved one still counts.
    for (let i = 0; i < 3; i++) expect((await signed(world, browser)).status).toBe('published')
  })

  it('stays known after another site has sent its form to the book, which comes without the cookie', async () => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    await setStatus(world, await signed(world, browser), 'published')
    const headers = { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' }
    const foreign = await signAsGuest(world, { body: 'Not by this guest' }, { headers })
    expect([foreign.status, foreign.headers.getSetCookie()]).toEqual([303, []])
    // The page that thanks does not offer another entry instead.
    const { id } = await latest(world)
    expect(foreign.headers.get('Location')).toContain(id)
    await browser.sign({ body: 'By this guest' })
    const thanks = await (await browser.get(foreign.headers.get('Location')?.split('#')[0] ?? '')).text()
    expect(/id="thanks".*?<\/p>/s.exec(thanks)?.[0]).not.toContain('<a ')
    expect((await signed(world, browser)).status).toBe('published')
  })

  it('is not known because of a book without moderation, or in another book', async () => {
    const world = await withoutModeration(new World())
    await aBook(world, 'moderated', 'first')
    const browser = guestBrowser(world)
    expect((await signed(world, browser)).status).toBe('published')
    const held = await signed(world, browser, 'moderated')
    expect(held.status).toBe('held')
    await setStatus(world, held, 'published')
    expect((await signed(world, browser, 'moderated')).status).toBe('published')
    await aBook(world, 'other', 'first')
    expect((await signed(world, browser, 'other')).status).toBe('held')
    // What the rules have published in this book was not approved either.
    await withModeration(world)
    expect((await signed(world, browser)).status).toBe('held')
  })

  it.each(['spam', 'hidden', 'held'])('is known no more once the approved entry is %s', async (status) => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    const first = await signed(world, browser)
    await setStatus(world, first, 'published')
    expect((await signed(world, browser)).status).toBe('published')
    await setStatus(world, first, status)
    expect((await signed(world, browser)).status).toBe('held')
  })

  it('is known no more once a later entry is spam, also with a copy of the cookie from before', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const browser = guestBrowser(world)
    const approved = await signed(world, browser)
    await setStatus(world, approved, 'published')
    const copy = new Map(browser.cookies)
    const later = await signed(world, browser)
    expect(later.status).toBe('published')
    await owner.submit('/admin/comments', { action: 'spam', was: 'published', ids: later.id })
    expect((await signed(world, browser)).status).toBe('held')
    const other = guestBrowser(world)
    for (const [name, value] of copy) other.cookies.set(name, value)
    expect((await signed(world, other)).status).toBe('held')
    // The owner may change her mind.
    await owner.submit('/admin/comments', { action: 'publish', was: 'spam', ids: later.id })
    expect((await signed(world, browser)).status).toBe('published')
  })

  it('proves it to the API with a token, under the same conditions', async () => {
    const world = await withModeration(new World())
    await aBook(world, 'other', 'first')
    const post = async (token: string | null, book = 'main') => {
      const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` }
      const input = { name: 'Ada', body: `Hello ${crypto.randomUUID()}`, book }
      return (await world.api<Comment>('POST', '/api/comments', input, headers)).body
    }
    const first = await post(null)
    expect((await post(first.edit_token)).status).toBe('held')
    await setStatus(world, first, 'published')
    const later = await post(first.edit_token)
    expect(later.status).toBe('published')
    expect((await post(first.edit_token, 'other')).status).toBe('held')
    // Programs such as public/embed.js send the token of the latest entry, which relies on the approved one.
    const latest = await post((await post(later.edit_token)).edit_token)
    expect(latest.status).toBe('published')
    await setStatus(world, latest, 'spam')
    for (const { edit_token } of [first, later, latest]) expect((await post(edit_token)).status).toBe('held')
  })

  /** What the owner does with the first entry and with the second, before the guest signs again. */
  const HISTORIES = [
    { first: 'hidden', second: 'published' },
    { first: 'deleted', second: 'published' },
    { first: 'held', second: 'published' },
    { first: 'published', second: 'held' },
    { first: 'published', second: 'deleted' },
    { first: 'published', second: 'spam' },
    { first: 'private', second: 'published' },
    { first: 'published', second: 'private' },
  ]

  it.each(HISTORIES)(
    'is known by the cookie of the page if and only if by the latest token: $first, then $second',
    async (history) => {
      const world = await withModeration(new World())
      const browser = guestBrowser(world)
      let token = ''
      const byToken = async (isPrivate: boolean) => {
        const input = { name: 'Ada', body: `Hello ${crypto.randomUUID()}`, is_private: isPrivate }
        const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
        const { body } = await world.api<Comment>('POST', '/api/comments', input, headers)
        token = body.edit_token
        return body
      }
      const byCookie = async (isPrivate: boolean) => {
        await browser.sign({ body: `Hello ${crypto.randomUUID()}`, ...(isPrivate && { is_private: 'on' }) })
        return latest(world)
      }
      const decide = async (entry: Comment, act: string) => {
        if (act === 'deleted') expect((await world.api('DELETE', `/api/comments/${entry.id}`)).status).toBe(204)
        else if (act !== 'private' && act !== entry.status) await setStatus(world, entry, act)
      }
      const statusesOf = async (write: (isPrivate: boolean) => Promise<Comment>) => {
        const statuses: string[] = []
        // The owner approves what waits after that, so the guest is known from the fourth entry on at the latest.
        for (const act of [history.first, history.second, 'published', 'published', 'published']) {
          const entry = await write(act === 'private')
          statuses.push(entry.status)
          await decide(entry, act)
        }
        return statuses
      }
      const seen = await statusesOf(byCookie)
      expect(await statusesOf(byToken)).toEqual(seen)
      // Only spam ends it: the cookie and the token name that entry, too.
      const end = history.second === 'spam' ? 'held' : 'published'
      expect(seen.slice(3)).toEqual([end, end])
    }
  )

  it('is known again by the latest token after the entry that made the guest known was deleted', async () => {
    const world = await withModeration(new World())
    let token = ''
    const write = async () => {
      const input = { name: 'Ada', body: `Hello ${crypto.randomUUID()}` }
      const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
      const { body } = await world.api<Comment>('POST', '/api/comments', input, headers)
      token = body.edit_token
      return body
    }
    const first = await write()
    await setStatus(world, first, 'published')
    expect((await write()).status).toBe('published')
    expect((await world.api('DELETE', `/api/comments/${first.id}`)).status).toBe(204)
    const third = await write()
    expect(third.status).toBe('held')
    await setStatus(world, third, 'published')
    for (let i = 0; i < 3; i++) expect((await write()).status).toBe('published')
  })

  it('has a token that changes only the entry it was made for, and that cannot be put together', async () => {
    const world = await withoutModeration(new World())
    const write = async (token = '') => {
      const input = { name: 'Ada', body: `Hello ${crypto.randomUUID()}` }
      const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
      return (await world.api<Comment>('POST', '/api/comments', input, headers)).body
    }
    const first = await write()
    const second = await write(first.edit_token)
    const change = async (entry: Comment, token: string) =>
      (await world.api('PATCH', `/api/comments/${entry.id}`, { body: 'Changed' }, { Authorization: `Bearer ${token}` }))
        .status
    expect(await change(second, second.edit_token)).toBe(200)
    expect(await change(first, first.edit_token)).toBe(200)
    expect(await change(first, second.edit_token)).toBe(401)
    const [, ulids = '', signature] = /^edit_([\w.]+)_([\w-]{43})$/.exec(second.edit_token) ?? []
    const [own, earlier] = ulids.split('.')
    expect([`cmt_${own}`, `cmt_${earlier}`]).toEqual([second.id, first.id])
    for (const list of [`${earlier}.${own}`, `${earlier}`, `${own}`, `${ulids}.${own}`])
      expect(await change(first, `edit_${list}_${signature}`)).toBe(401)
  })

  it('cannot be forged, and cannot take over the entries of somebody else', async () => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    await setStatus(world, await signed(world, browser), 'published')
    const [list = '', signature = ''] = browser.cookies.get('guesthook_entries')?.split('.') ?? []
    const thief = guestBrowser(world)
    const own = await signed(world, thief)
    const mine = thief.cookies.get('guesthook_entries') ?? ''
    for (const value of [list, `${list}.`, `${list}.AAAA`, `${list}.${mine}`, `${mine}.${signature}`, 'x', '.']) {
      const forger = guestBrowser(world)
      forger.cookies.set('guesthook_entries', value)
      expect((await signed(world, forger)).status).toBe('held')
    }
    expect((await thief.get(`/comments/${own.id}/edit`)).status).toBe(200)
  })

  it('costs a query only with a proof, and only in a book where first entries wait', async () => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    const trips = async () => {
      world.invocations.length = 0
      await browser.sign({ body: crypto.randomUUID() })
      return world.invocations[0]?.counts.d1RoundTrips
    }
    await world.request('/')
    await guestBrowser(world).sign({ body: 'The key of the day is read' })
    expect(await trips()).toBe(1)
    expect(await trips()).toBe(2)
    await withoutModeration(world)
    await world.request('/')
    expect(await trips()).toBe(1)
    await world.request('/')
    world.invocations.length = 0
    await browser.get('/')
    // One of them finds the entries of this guest that wait.
    expect(world.invocations[0]?.counts.d1RoundTrips).toBeLessThanOrEqual(2)
  })
})

describe('the entries of a browser', () => {
  it('can all be changed for 15 minutes, not only the latest', async () => {
    const world = await withoutModeration(new World())
    const browser = guestBrowser(world)
    const entries = [await signed(world, browser), await signed(world, browser), await signed(world, browser)]
    const page = await (await browser.get('/?signed=published')).text()
    for (const { id } of entries) {
      expect(page.match(new RegExp(`href="/comments/${id}/edit"`, 'g'))?.length).toBeGreaterThanOrEqual(1)
      expect(await (await browser.get(`/comments/${id}`)).text()).toContain(`/comments/${id}/edit`)
      const saved = await browser.post(`/comments/${id}/edit`, { name: 'Ada', body: `Changed ${id}` })
      expect(saved.status).toBe(303)
    }
    expect((await world.request(`/comments/${entries[0]?.id}/edit`)).status).toBe(403)
    const [first] = entries
    await env.DB.prepare('update comments set created_at = created_at - 900001 where id = ?').bind(first?.id).run()
    expect((await browser.post(`/comments/${first?.id}/delete`)).status).toBe(403)
    expect((await browser.post(`/comments/${entries[1]?.id}/delete`)).status).toBe(303)
  })
})

it('a guest is remembered whose browser says nothing about where a form comes from', async () => {
  const world = new World()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const sent = await world.request('/sign', { method: 'POST', headers, body: 'name=Ada&body=Hello' })
  expect([sent.status, sent.headers.getSetCookie().length]).toEqual([303, 1])
})
