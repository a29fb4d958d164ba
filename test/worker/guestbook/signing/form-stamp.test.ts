import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { formStamp } from '../../../../src/guestbook/signing/form-stamp'
import { FORM, guestBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

const HOUR = 3_600_000

interface Listed {
  data: { id: string; body: string; reason: string | null }[]
}

async function entries(world: World, status: string, book = 'main') {
  return (await world.api<Listed>('GET', `/api/comments?status=${status}&book=${book}`)).body.data
}

function stampIn(html: string): string {
  return /name="stamp" value="([^"]*)"/.exec(html)?.[1] ?? ''
}

function post(world: World, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ name: 'Ada', ...fields }).toString()
  return world.request('/sign', { method: 'POST', headers: { ...FORM, ...headers }, body })
}

let world: World
beforeEach(async () => {
  world = await withoutModeration(new World())
})

describe('the stamp of a form', () => {
  it('is new each time the page is sent, although the page is remembered and has not changed', async () => {
    const first = await world.request('/')
    const [one, tag] = [await first.text(), first.headers.get('ETag') ?? '']
    world.invocations.length = 0
    const two = await (await world.request('/')).text()
    expect(world.invocations[0]?.counts).toMatchObject({ d1RoundTrips: 1, rowsRead: 1 })
    expect(stampIn(one)).toMatch(/^\d{13}-/)
    expect(stampIn(two)).not.toBe(stampIn(one))
    expect(two.replace(stampIn(two), '')).toBe(one.replace(stampIn(one), ''))
    expect((await world.request('/', { headers: { 'If-None-Match': tag } })).status).toBe(304)
    expect(stampIn(await (await world.request('/embed/main')).text())).not.toBe('')
  })

  it('shows that a form was sent too fast, also if the page was remembered hours ago', async () => {
    await world.request('/')
    vi.setSystemTime(Date.now() + 5 * HOUR)
    const page = await (await world.request('/')).text()
    await post(world, { body: 'A bot', stamp: stampIn(page) })
    vi.useRealTimers()
    expect(await entries(world, 'held')).toMatchObject([{ body: 'A bot', reason: 'too_fast' }])
  })

  it('is kept when the form is shown again before it was accepted, so that the time counts on', async () => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const preview = await (await post(world, { body: 'Hi', stamp, preview: 'yes' })).text()
    const refused = await (await post(world, { body: '', stamp })).text()
    expect([stampIn(preview), stampIn(refused)]).toEqual([stamp, stamp])
    expect((await post(world, { body: 'Hi', stamp })).headers.get('Location')).toContain('signed=published')
  })

  it('of another book, or one that is made up, holds up the entry', async () => {
    await world.api('POST', '/api/books', { slug: 'other', title: 'Other', moderation: 'none' })
    const other = await formStamp(world.env, 'other', Date.now() - HOUR)
    for (const stamp of [other, other.replace(/.$/, 'x'), '', 'x.y'])
      await post(world, { body: `With ${stamp}`, stamp })
    expect((await entries(world, 'held')).map(({ reason }) => reason)).toEqual(Array(4).fill('too_fast'))
    expect(await entries(world, 'published')).toEqual([])
  })
})

describe('a form', () => {
  it('can be sent an hour after it was opened, or a day', async () => {
    for (const shownMs of [HOUR, 24 * HOUR]) {
      const { headers } = await signAsGuest(world, { body: `After ${shownMs}` }, { shownMs })
      expect(headers.get('Location')).toContain('signed=published')
    }
  })

  it('that is too old is shown again with its text, and can then be sent', async () => {
    const response = await signAsGuest(world, { body: 'My long text' }, { shownMs: 49 * HOUR })
    const html = await response.text()
    expect(response.status).toBe(409)
    expect(html).toMatch(/role="alert"/)
    expect(html).toContain('My long text</textarea>')
    expect(await entries(world, 'published')).toEqual([])
    vi.setSystemTime(Date.now() + 10_000)
    await post(world, { body: 'My long text', stamp: stampIn(html) })
    vi.useRealTimers()
    expect(await entries(world, 'published')).toMatchObject([{ body: 'My long text' }])
  })

  it.each([
    ['was used', 10_000, 1],
    ['was too old', 49 * HOUR, 0],
  ])('that %s is shown again, and its text can be sent at once', async (_, shownMs, uses) => {
    const stamp = await formStamp(world.env, 'main', Date.now() - shownMs)
    for (let i = 0; i < uses; i++) await post(world, { body: 'The first', stamp })
    const again = await post(world, { body: 'My long text', stamp })
    expect(again.status).toBe(409)
    const sent = await post(world, { body: 'My long text', stamp: stampIn(await again.text()) })
    expect(sent.headers.get('Location')).toContain('signed=published')
    expect(await entries(world, 'held')).toEqual([])
  })

  it('that a bot sends again and again saves it no time: the first form counts', async () => {
    let stamp = await formStamp(world.env, 'main', Date.now() - 500)
    for (const body of ['One', 'Two', 'Three']) {
      await post(world, { body, stamp })
      stamp = stampIn(await (await post(world, { body: 'Another', stamp })).text())
    }
    expect((await entries(world, 'held')).map(({ reason }) => reason)).toEqual(Array(3).fill('too_fast'))
    // A form without a stamp of ours is new whenever it is shown.
    const empty = await (await post(world, { body: '', stamp: 'x' })).text()
    await post(world, { body: 'Four', stamp: stampIn(empty) })
    expect((await entries(world, 'held')).map(({ reason }) => reason)).toEqual(Array(4).fill('too_fast'))
  })

  it('signs once: another text with the same stamp is shown again, and nothing is stored', async () => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    await post(world, { body: 'The first', stamp })
    const again = await post(world, { body: 'The second', stamp })
    expect(again.status).toBe(409)
    const html = await again.text()
    expect(html).toContain('The second</textarea>')
    expect(stampIn(html)).not.toBe(stamp)
    expect(await entries(world, 'published')).toMatchObject([{ body: 'The first' }])
    expect(await entries(world, 'held')).toEqual([])
  })

  it('does not reveal that an entry counts as spam, because it is noted like any other', async () => {
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const sent = async (body: string) => (await post(world, { body, stamp })).status
    expect([await sent('casino'), await sent('casino'), await sent('Hello')]).toEqual([303, 303, 409])
    expect(await entries(world, 'spam')).toHaveLength(1)
  })

  it.each([
    ['one after the other', async (send: () => Promise<Response>) => [await send(), await send()]],
    ['at the same time', async (send: () => Promise<Response>) => Promise.all([send(), send(), send()])],
  ])('that is sent twice %s is answered in the same way, and signs once', async (_, send) => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const responses = await send(() => post(world, { body: 'A double click', stamp }))
    for (const one of responses) {
      expect([one.status, one.headers.get('Location')]).toEqual([303, '/?signed=published#thanks'])
      expect(one.headers.get('Set-Cookie')).toBe(responses[0]?.headers.get('Set-Cookie'))
    }
    expect(await entries(world, 'published')).toHaveLength(1)
    expect(await entries(world, 'held')).toEqual([])
  })

  it('whose entry was deleted is not sent again by a second click', async () => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    await post(world, { body: 'Oops', stamp })
    const [entry] = await entries(world, 'published')
    await world.api('DELETE', `/api/comments/${entry?.id}`)
    expect((await post(world, { body: 'Oops', stamp })).status).toBe(409)
    expect(await entries(world, 'published')).toEqual([])
  })

  it('is new after its guest has signed, even if the entry waits and the page is the same', async () => {
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    const tag = (await world.request('/')).headers.get('ETag') ?? ''
    const signed = await signAsGuest(world, { body: 'Waits' })
    const Cookie = (signed.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
    const page = await world.request('/', { headers: { 'If-None-Match': tag, Cookie } })
    expect(page.status).toBe(200)
    expect([page.headers.get('ETag'), page.headers.get('Cache-Control')]).toEqual([null, 'no-store'])
    expect((await world.request('/', { headers: { 'If-None-Match': tag } })).status).toBe(304)
  })

  it('costs no round trip and no row of its own', async () => {
    await signAsGuest(world, { body: 'First' })
    world.invocations.length = 0
    await signAsGuest(world, { body: 'Second' })
    expect(world.invocations[0]?.counts).toMatchObject({ d1RoundTrips: 1, rowsWritten: 4 })
  })

  it('is remembered in a bounded list; beyond it, an older form is sent again', async () => {
    const now = Date.now()
    const sent = Array.from({ length: 200 }, (_, i) => [`${now - 60_000 + i}-abcdefgh`, `cmt_${i}`])
    const insert = 'update books set sent_forms = ?1 where slug = ?2'
    await env.DB.prepare(insert)
      .bind(JSON.stringify(Object.fromEntries(sent)), 'main')
      .run()
    expect((await signAsGuest(world, { body: 'Older than all' }, { shownMs: HOUR })).status).toBe(409)
    expect((await signAsGuest(world, { body: 'Newer' })).status).toBe(303)
    const stored = await env.DB.prepare(`select sent_forms from books where slug = 'main'`).first<string>('sent_forms')
    const kept = Object.keys(JSON.parse(stored ?? '{}'))
    expect(kept).toHaveLength(200)
    expect(kept).not.toContain(sent[0]?.[0])
    expect(kept).toContain(sent[1]?.[0])
  })
})

describe('a text that was not stored', () => {
  it('does not count as repeated, so a guest can send it again', async () => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    await post(world, { body: 'The first', stamp })
    // The guest went back to the form, and wrote a second entry.
    expect((await post(world, { body: 'The second', stamp })).status).toBe(409)
    await signAsGuest(world, { body: 'The second' })
    expect((await entries(world, 'published')).map(({ body }) => body)).toEqual(['The second', 'The first'])
    // A form that was used does not make the first text new.
    expect((await post(world, { name: 'Eve', body: 'The first', stamp })).status).toBe(409)
    await signAsGuest(world, { body: 'The first' })
    expect(await entries(world, 'held')).toMatchObject([{ body: 'The first', reason: 'repeated' }])
  })

  it('does not count as repeated on the day after the quota refused it', async () => {
    const use = (bytes: number) => env.DB.prepare('update books set quota_bytes = ?').bind(bytes).run()
    await signAsGuest(world, { body: 'Another' })
    await use(5_000_000)
    expect((await signAsGuest(world, { body: 'Late' })).status).toBe(429)
    await use(0)
    await signAsGuest(world, { body: 'Late' })
    expect((await entries(world, 'published')).map(({ body }) => body)).toContain('Late')
  })
})

describe('a second click', () => {
  it('gets the answer of the first, also if the first has used up the quota', async () => {
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const send = (body: string, form = stamp) => post(world, { body, stamp: form })
    await send('The last entry of the day')
    await env.DB.prepare(`update books set quota_bytes = 5000000 where slug = 'main'`).run()
    expect((await send('The last entry of the day')).headers.get('Location')).toContain('signed=published')
    expect((await send('Another', await formStamp(world.env, 'main', Date.now() - 10_000))).status).toBe(429)
  })

  it('gets the answer of the first, also if the first was the last one that the minute allows', async () => {
    const visitor = { 'CF-Connecting-IP': '203.0.113.77' }
    const send = async (body: string, stamp: string) =>
      (await post(world, { body, stamp }, visitor)).headers.get('Location')
    const stamps = await Promise.all(
      Array.from({ length: 11 }, () => formStamp(world.env, 'main', Date.now() - 10_000))
    )
    for (const [i, stamp] of stamps.slice(0, 10).entries()) {
      expect(await send(`Entry ${i}`, stamp)).toContain('signed=published')
      if (i === 9) expect(await send('Entry 9', stamp)).toContain('signed=published')
    }
    expect(await entries(world, 'published')).toHaveLength(10)
    // Another text, or another form, is one more entry.
    expect(await send('Another text', stamps[9] ?? '')).toBeNull()
    expect(await send('Entry 9', stamps[10] ?? '')).toBeNull()
  })

  it('on the button that saves or deletes an own entry gets the answer of the first, also beyond the limit', async () => {
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', moderation: 'none' })
    const browser = guestBrowser(world)
    await browser.sign({ body: 'Hello' }, '/b/summer/sign')
    const [entry] = await entries(world, 'published', 'summer')
    const path = `/comments/${entry?.id}`
    const page = await (await browser.get(`${path}/edit`)).text()
    const [remove = ''] = /\/comments\/\w+\/delete[^"]*/.exec(page) ?? []
    const answers = async (url: string, fields: Record<string, string>) => {
      const once = await browser.post(url, fields)
      world.env.SIGN_LIMIT = { limit: async () => ({ success: false }) }
      const twice = await browser.post(url, fields)
      world.env.SIGN_LIMIT = { limit: async () => ({ success: true }) }
      return [once, twice].map((one) => [one.status, one.headers.get('Location')])
    }
    const saved = [303, `/b/summer?signed=edited&entry=${entry?.id}#thanks`]
    expect(await answers(`${path}/edit`, { name: 'Ada', body: 'Hello again' })).toEqual([saved, saved])
    const deleted = [303, '/b/summer?signed=deleted#thanks']
    expect(await answers(remove, {})).toEqual([deleted, deleted])
    // Nobody else learns whether there was such an entry.
    expect((await guestBrowser(world).post(remove)).status).toBe(403)
    expect((await browser.post(`${path}/edit`, { name: 'Ada', body: 'Once more' })).status).toBe(403)
  })

  it('on the button that deletes an own entry gets the answer of the first if both come at once', async () => {
    const browser = guestBrowser(world)
    await browser.sign({ body: 'Hello' })
    const [entry] = await entries(world, 'published')
    const clicks = await Promise.all([1, 2, 3].map(() => browser.post(`/comments/${entry?.id}/delete`)))
    expect(clicks.map(({ status }) => status)).toEqual([303, 303, 303])
    expect(clicks.map(({ headers }) => headers.get('Location'))).toEqual(Array(3).fill('/?signed=deleted#thanks'))
  })
})
