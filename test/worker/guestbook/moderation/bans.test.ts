import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { later } from '../../../support/fixtures'
import { ownerBrowser, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { TOKEN, World } from '../../../support/world'

const DAY = 86_400_000

interface Comment {
  id: string
  name: string
  status: string
  reason: string | null
}

const from = (address: string) => ({ headers: { 'CF-Connecting-IP': address } })

async function statusOf(body: string): Promise<[status: string, reason: string | null] | undefined> {
  const sql = 'select status, reason from comments where body = ?1'
  const row = await env.DB.prepare(sql).bind(body).first<Pick<Comment, 'status' | 'reason'>>()
  return row ? [row.status, row.reason] : undefined
}

/** A book in which a guest has signed from a network. */
async function signed(address = '203.0.113.7') {
  const world = await withoutModeration(new World())
  await signAsGuest(world, { name: 'Mallory', website: 'https://www.spam.example/a', body: 'First' }, from(address))
  const { body } = await world.api<{ data: Comment[] }>('GET', '/api/comments')
  return { world, comment_id: body.data[0]?.id ?? '' }
}

const ban = (world: World, input: Record<string, unknown>) => world.api('POST', '/api/books/main/bans', input)

describe('a ban by network', () => {
  it('makes later entries from there spam, with the reason, and leaves others alone', async () => {
    const { world, comment_id } = await signed()
    expect((await ban(world, { by: 'visitor', comment_id })).body).toMatchObject({ by: 'visitor', value: null })
    const banned = await signAsGuest(world, { name: 'Eve', body: 'Second' }, from('203.0.113.7'))
    expect(banned.headers.get('Location')).toBe('/?signed=held#thanks')
    expect(await statusOf('Second')).toEqual(['spam', 'banned'])
    await signAsGuest(world, { body: 'Third' }, from('203.0.113.8'))
    expect(await statusOf('Third')).toEqual(['published', null])
    expect(await statusOf('First')).toEqual(['published', null])
  })

  it('recognizes the network on later days, although the key of the first day is gone, until it ends', async () => {
    const { world, comment_id } = await signed()
    await ban(world, { by: 'visitor', comment_id, days: 7 })
    vi.setSystemTime(Date.now() + 5 * DAY)
    for (let i = 0; i < 12; i++) await world.sweep(later(i * 60_000), 'ended_bans')
    await signAsGuest(world, { body: 'Later' }, from('203.0.113.7'))
    expect(await statusOf('Later')).toEqual(['spam', 'banned'])
    vi.setSystemTime(Date.now() + 3 * DAY)
    await signAsGuest(world, { body: 'After the end' }, from('203.0.113.7'))
    expect(await statusOf('After the end')).toEqual(['published', null])
    for (let i = 0; i < 12; i++) await world.sweep(later(i * 60_000), 'ended_bans')
    const { settings } = (await env.DB.prepare('select settings from books').first<{ settings: string }>()) ?? {}
    expect(JSON.parse(settings ?? '{}').bans).toEqual([])
    vi.useRealTimers()
  })

  it('counts for the API, and for all addresses of one IPv6 network', async () => {
    const { world, comment_id } = await signed('2001:db8:1:2::1')
    await ban(world, { by: 'visitor', comment_id })
    const headers = { 'CF-Connecting-IP': '2001:db8:1:2:ffff::9' }
    await world.api('POST', '/api/comments', { name: 'a', body: 'By the API' }, headers)
    expect(await statusOf('By the API')).toEqual(['spam', 'banned'])
  })

  it('is refused if the network is no longer known, or for more than 30 days', async () => {
    const { world, comment_id } = await signed()
    expect(await ban(world, { by: 'visitor', comment_id, days: 31 })).toMatchObject({ status: 422 })
    expect(await ban(world, { by: 'visitor', comment_id: 'cmt_no' })).toMatchObject({ status: 404 })
    const { body } = await world.api<Comment>('POST', '/api/comments', { name: 'Owner', body: 'Mine' })
    expect(await ban(world, { by: 'visitor', comment_id: body.id })).toMatchObject({
      status: 409,
      body: { code: 'unknown_network' },
    })
  })
})

describe('the network of an entry', () => {
  it('is stored under a mask, so that not even a ban shows who wrote other entries of that day', async () => {
    const { world, comment_id } = await signed()
    await signAsGuest(world, { body: 'Second' }, from('203.0.113.7'))
    const { results } = await env.DB.prepare('select author_key from comments').all<{ author_key: string }>()
    expect(new Set(results.map(({ author_key }) => author_key)).size).toBe(2)
    await ban(world, { by: 'visitor', comment_id })
    const { settings } = (await env.DB.prepare('select settings from books').first<{ settings: string }>()) ?? {}
    const [{ key, value }] = JSON.parse(settings ?? '').bans
    const day = await env.DB.prepare('select key from visitor_keys').first<{ key: string }>()
    expect(day?.key.startsWith(key.replace(/=*$/, '').slice(0, -1))).toBe(true)
    expect(day?.key.length).toBeGreaterThan(key.length)
    for (const { author_key } of results) expect(author_key).not.toBe(value)
  })
})

describe('a ban by text', () => {
  it.each([
    ['name', 'mallory  ', { name: 'MALLORY', body: 'x' }, { name: 'Mallory B', body: 'y' }],
    [
      'website',
      'https://spam.example/x',
      { website: 'http://www.SPAM.example', body: 'x' },
      { website: 'a.example', body: 'y' },
    ],
    [
      'website',
      'spam.example',
      { website: 'https://spam.example./', body: 'x' },
      { website: 'notspam.example', body: 'y' },
    ],
    ['word', 'casino', { body: 'x Casino' }, { body: 'y' }],
  ])('by %s makes entries spam', async (by, value, spam, other) => {
    const world = await withoutModeration(new World())
    expect((await ban(world, { by, value })).status).toBe(201)
    await signAsGuest(world, spam)
    await signAsGuest(world, other)
    expect(await statusOf(spam.body)).toEqual(['spam', 'banned'])
    expect(await statusOf('y')).toEqual(['published', null])
  })

  it('applies to what a guest writes into an entry later', async () => {
    const world = await withoutModeration(new World())
    await ban(world, { by: 'word', value: 'casino' })
    const { body } = await world.api<Comment & { edit_token: string }>(
      'POST',
      '/api/comments',
      { name: 'a', body: 'b' },
      {}
    )
    const token = { Authorization: `Bearer ${body.edit_token}` }
    await world.api('PATCH', `/api/comments/${body.id}`, { body: 'Casino!' }, token)
    expect(await statusOf('Casino!')).toEqual(['spam', 'banned'])
  })

  it('is refused without a value, in a book that does not exist, and beyond the limit', async () => {
    const world = new World()
    expect((await world.api('POST', '/api/books/nope/bans', { by: 'word', value: 'x' })).status).toBe(404)
    for (let i = 0; i < 2; i++) await ban(world, { by: 'name', value: 'Eve' })
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/books/main/bans')
    expect(body.data).toHaveLength(1)
    await world.api('DELETE', `/api/books/main/bans/${body.data[0]?.id}`)
    expect((await ban(world, { by: 'name', value: ' ' })).status).toBe(422)
    expect((await ban(world, { by: 'website', value: 'not a host' })).status).toBe(422)
    for (let i = 0; i < 100; i++) expect((await ban(world, { by: 'word', value: `w${i}` })).status).toBe(201)
    expect(await ban(world, { by: 'word', value: 'one more' })).toMatchObject({ body: { code: 'too_many_bans' } })
  })
})

it('is made once for the same Idempotency-Key, and never again once it was removed', async () => {
  const world = new World()
  const call = () =>
    world.api(
      'POST',
      '/api/books/main/bans',
      { by: 'name', value: 'Eve' },
      { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'k' }
    )
  const first = await call()
  expect(await call()).toMatchObject({ status: 201, body: first.body })
  await world.api('DELETE', `/api/books/main/bans/${first.body.id}`)
  expect(await call()).toMatchObject({ status: 410, body: { code: 'deleted' } })
  expect((await world.api('GET', '/api/books/main/bans')).body).toEqual({ data: [] })
})

describe('the list of bans', () => {
  it('is for the owner alone, never contains a hash or a key, and can be emptied', async () => {
    const { world, comment_id } = await signed()
    await ban(world, { by: 'visitor', comment_id })
    await ban(world, { by: 'name', comment_id, days: null })
    const stored = (await env.DB.prepare('select settings from books').first<{ settings: string }>())?.settings ?? ''
    const secrets = JSON.parse(stored).bans.flatMap((one: { key?: string; value: string }) =>
      one.key ? [one.key, one.value] : []
    )
    expect(secrets).toHaveLength(2)
    const browser = await ownerBrowser(world)
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/books/main/bans')
    expect(body.data).toMatchObject([
      { by: 'visitor', value: null },
      { by: 'name', value: 'Mallory', expires_at: null },
    ])
    for (const path of [
      '/api/books/main',
      '/api/books/main/bans',
      '/admin/books/main/bans',
      '/admin/books/main',
      '/',
    ]) {
      const text = await (await browser.get(path)).text()
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect((await world.api('GET', '/api/books/main/bans', undefined, {})).status).toBe(401)
    for (const { id } of body.data) await world.api('DELETE', `/api/books/main/bans/${id}`)
    expect((await world.api('GET', '/api/books/main/bans')).body).toEqual({ data: [] })
  })

  it('has no such ban, if it is the ban of another book or was removed before', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const { body } = await ban(world, { by: 'name', value: 'Eve' })
    for (const path of [`/api/books/summer/bans/${body.id}`, '/api/books/main/bans/ban_none'])
      expect(await world.api('DELETE', path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const path = `/api/books/main/bans/${body.id}`
    expect([(await world.api('DELETE', path)).status, (await world.api('DELETE', path)).status]).toEqual([204, 404])
  })

  it('has one ban for a name or a text, however it is written: the latest replaces the others', async () => {
    const world = new World()
    await ban(world, { by: 'name', value: 'Twice' })
    await ban(world, { by: 'word', value: 'twice' })
    await ban(world, { by: 'name', value: 'TWICE' })
    const { body } = await ban(world, { by: 'name', value: 'ＴＷiсe', days: null })
    expect((await world.api('GET', '/api/books/main/bans')).body.data).toMatchObject([
      { by: 'word', value: 'twice' },
      { id: body.id, by: 'name', expires_at: null },
    ])
  })

  it('can be changed in the dashboard, from an entry or by hand', async () => {
    const { world, comment_id } = await signed()
    const browser = await ownerBrowser(world)
    const path = '/admin/books/main/bans'
    const one = await browser.submit(path, { by: 'website', comment_id, days: '7' })
    expect(one).toMatchObject({ status: 303, location: `${path}?done=banned` })
    await browser.submit(path, { by: 'name', value: 'Eve', days: '' })
    const page = await browser.see(path)
    expect(page).toContain('www.spam.example')
    expect(page).toContain('Eve never')
    expect((await browser.submit(path, { by: 'name', value: '', days: '7' })).status).toBe(422)
    expect((await browser.submit(path, { by: 'name', value: 'x', days: 'soon' })).status).toBe(422)
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/books/main/bans')
    for (const { id } of body.data) await browser.submit(`${path}/${id}/remove`, {})
    expect(await browser.see(path)).toContain('Nobody is banned.')
  })
})

describe('a ban that matches published entries', () => {
  const path = '/admin/books/main/bans'
  const bans = async (world: World) => (await world.api<{ data: unknown[] }>('GET', '/api/books/main/bans')).body.data

  it('is shown with its matches first, and made when it is confirmed', async () => {
    const { world } = await signed()
    await world.api('POST', '/api/comments', { name: 'Ada', body: 'I like it' })
    await withModeration(world)
    await signAsGuest(world, { name: 'Eve', body: 'It waits' }, from('203.0.113.8'))
    const browser = await ownerBrowser(world)
    const asked = await browser.submit(path, { by: 'word', value: 'i', days: '' })
    expect(asked.status).toBe(409)
    for (const shown of [
      '3 of the latest 3',
      '2 published, 1 waiting',
      'Mallory',
      'I like it',
      'It waits',
      'Ban anyway',
    ])
      expect(asked.text).toContain(shown)
    expect(await bans(world)).toEqual([])
    const sure = { by: 'word', value: 'i', days: '', confirmed: 'yes' }
    expect(await browser.submit(path, sure)).toMatchObject({ status: 303, location: `${path}?done=banned` })
    expect(await bans(world)).toHaveLength(1)
  })

  it('is compared with what readers see: the markup in a text hides nothing', async () => {
    const { world } = await signed()
    await world.api('PATCH', '/api/books/main', { markup: true })
    await world.api('POST', '/api/comments', { name: 'Ada', body: 'I love big *blue* whales' })
    const browser = await ownerBrowser(world)
    expect((await browser.submit(path, { by: 'word', value: 'blue whales', days: '' })).status).toBe(409)
  })

  it('needs no confirmation if it matches only what waits, or nothing', async () => {
    const world = await withModeration(new World())
    await signAsGuest(world, { name: 'Eve', body: 'It waits' })
    const browser = await ownerBrowser(world)
    expect(await browser.submit(path, { by: 'name', value: 'eve', days: '' })).toMatchObject({ status: 303 })
    expect(await browser.submit(path, { by: 'website', value: 'a.example', days: '' })).toMatchObject({ status: 303 })
    expect((await browser.submit(path, { by: 'word', value: ' ', days: '' })).status).toBe(422)
  })

  it('is compared with the latest entries only, however many there are', async () => {
    const world = await withoutModeration(new World())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 900)
       insert into comments (id, book, number, status, created_at, name, body)
       select printf('cmt_%026d', i), 'main', i, iif(i % 3 = 0, 'held', 'published'), i, 'x', iif(i < 600, 'old', 'new') from n`
    ).run()
    const browser = await ownerBrowser(world)
    world.invocations.length = 0
    expect((await browser.submit(path, { by: 'word', value: 'new', days: '' })).text).toContain(
      '300 of the latest 300 entries: 200 published, 100'
    )
    expect((await browser.submit(path, { by: 'word', value: 'old', days: '' })).status).toBe(303)
    expect(world.worst((seen) => seen.rowsRead)).toBeLessThan(2 * 2 * 300 + 50)
  })
})

describe('a ban that matches published entries, if they are long', () => {
  it('is compared with fewer of them if it looks at their texts', async () => {
    const world = await withoutModeration(new World())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
       insert into comments (id, book, number, status, created_at, name, body)
       select printf('cmt_%026d', i), 'main', i, 'published', i, 'x', printf('%.*c', 997, 'a') from n`
    ).run()
    const browser = await ownerBrowser(world)
    const asked = (by: string, value: string) => browser.submit('/admin/books/main/bans', { by, value, days: '' })
    expect((await asked('word', 'aaa')).text).toContain('50 of the latest 50 entries')
    expect((await asked('name', 'x')).text).toContain('300 of the latest 300 entries')
  })
})

describe('/admin/bans', () => {
  it('says once that nobody is banned, and shows only books with bans', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const browser = await ownerBrowser(world)
    const page = async () => (await browser.get('/admin/bans')).text()
    const titles = (html: string) => [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)
    expect((await page()).match(/Nobody is banned/g)).toHaveLength(1)
    expect(titles(await page())).toEqual([])
    await world.api('POST', '/api/books/summer/bans', { by: 'name', value: 'Mallory' })
    expect(await page()).not.toContain('Nobody is banned')
    expect(titles(await page())).toEqual(['<bdi>Summer</bdi>'])
    for (const slug of ['main', 'summer']) expect(await page()).toContain(`href="/admin/books/${slug}/bans"`)
  })

  it('lists the bans of every book, and leads to the form of each', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    await ban(world, { by: 'word', value: 'casino' })
    await world.api('POST', '/api/books/summer/bans', { by: 'name', value: 'Mallory' })
    const page = await (await (await ownerBrowser(world)).get('/admin/bans')).text()
    for (const shown of ['casino', 'Mallory', 'Summer', '/admin/books/summer/bans"']) expect(page).toContain(shown)
  })
})

describe('a blocked text', () => {
  it.each(['word', 'ban'])('is found behind marks of markup, if the book has it: %s', async (by) => {
    const world = await withoutModeration(new World())
    if (by === 'ban') await ban(world, { by: 'word', value: 'cheap pills' })
    await world.api('PATCH', '/api/books/main', { blocked_words: by === 'word' ? ['cheap pills'] : [] })
    const body = 'Hi\n> buy *cheap* `p`ills'
    const sent = async (more: Record<string, string> = {}) => {
      await signAsGuest(world, { body: `${body} ${Object.keys(more)}`, ...more })
      return (await statusOf(`${body} ${Object.keys(more)}`.trim()))?.[0]
    }
    expect(await sent()).toBe('published')
    await world.api('PATCH', '/api/books/main', { markup: true })
    // A drawing of characters has no marks.
    expect(await sent({ pre: 'on' })).toBe('published')
    expect(await sent({ name: 'Bob' })).toBe('spam')
  })

  it('is looked for without counting links twice', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { markup: true, max_links: 1 })
    await signAsGuest(world, { body: '*See* https://a.example' })
    expect(await statusOf('*See* https://a.example')).toEqual(['published', null])
  })
})
