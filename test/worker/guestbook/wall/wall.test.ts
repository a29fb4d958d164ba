import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, inject, it } from 'vitest'
import { english } from '../../../../src/guestbook/rules/languages'
import { BUTTON_MAX_BYTES, MAX_BUTTONS, MAX_EXCLUDED, MAX_SITES } from '../../../../src/guestbook/rules/looks/wall'
import { wakeWall } from '../../../../src/guestbook/wall/update'
import { fromBase64, toBase64 } from '../../../../src/kit/lib/bytes'
import { DAY_MS, HOUR_MS } from '../../../../src/kit/lib/time'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { BUTTONS, PICTURES } from '../../../fixtures/pictures'
import { letPass } from '../../../support/clock'
import { aComment, aGuestComment, mailbox } from '../../../support/fixtures'
import type { Page } from '../../../support/receiver'
import { FORM, ownerBrowser, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

const PATH = '/api/books/main/buttons'

beforeEach(() => withoutModeration(new World()))

async function aWall() {
  const world = new World()
  await world.api('PATCH', '/api/books/main', { has_wall: true })
  return world
}

/** A file on another site. */
async function aFile(page: Page | string) {
  const box = mailbox()
  await box.serve(typeof page === 'string' ? { base64: page } : page)
  return { url: box.url('page'), serve: box.serve, fetches: async () => (await box.received()).length }
}

/** A guest with a website, whose button is elsewhere. */
async function aSite(world: World, host: string, url: string, more = {}) {
  return aGuestComment(world, { name: host, website: `https://${host}/~home`, button_url: url, ...more })
}

/** What happens within two minutes. */
async function pass(world: World) {
  for (let i = 0; i < 2; i++) {
    await world.sweep(Date.now(), 'wall')
    await world.drain()
  }
}

/** What is stored, the latest sites first. */
async function rows() {
  const { results } = await env.DB.prepare('select * from buttons order by comment_id desc').all()
  return results
}
const wall = async (world: World, path = '/') =>
  [...(await (await world.request(path)).text()).matchAll(/<img src="(\/buttons\/[^"]+)"/g)].map(([, src = '']) => src)

describe('a wall of buttons', () => {
  it('shows the button of a site, which it fetched, with a link to the site', async () => {
    const world = await aWall()
    const file = await aFile(BUTTONS.red)
    await aSite(world, 'ada.example', file.url, { name: 'Ada "L"' })
    expect(await file.fetches()).toBe(0)
    await pass(world)
    expect(await file.fetches()).toBe(1)
    const [src = ''] = await wall(world)
    expect(src).toMatch(/^\/buttons\/main\/ada\.example\/[\w-]{8}$/)
    expect(await (await world.request('/')).text()).toContain(
      `<a href="https://ada.example/~home" rel="nofollow ugc noopener" title="ada.example"><img src="${src}" width="88" height="31" alt="Ada &quot;L&quot;" loading="lazy"`
    )
    const response = await world.request(src)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(fromBase64(BUTTONS.red))
    await pass(world)
    expect(await file.fetches()).toBe(1)
  })

  it('looks for /button.gif if the guest gives no address', async () => {
    const world = await aWall()
    const receiver = inject('receiver')
    await fetch(`${receiver}/pages/button.gif`, { method: 'POST', body: JSON.stringify({ base64: BUTTONS.blue }) })
    await aGuestComment(world, { website: `${receiver}/some/page.html?x` })
    await pass(world)
    const [src] = await wall(world)
    expect(src).toContain(`/buttons/main/${new URL(receiver).hostname}/`)
  })

  it('is off at first, and costs nothing then: no fetch, no round trip, no row', async () => {
    const world = new World()
    const file = await aFile(BUTTONS.red)
    await aSite(world, 'ada.example', file.url)
    await pass(world)
    expect(await file.fetches()).toBe(0)
    expect(await env.DB.prepare('select count(*) as n from buttons').first('n')).toBe(0)
    // What was given is not kept, either.
    expect(await env.DB.prepare('select extra from comments').first('extra')).toBe('{}')
  })

  it('is turned on for entries that exist, and off with everything that was fetched', async () => {
    const world = new World()
    await fetch(`${inject('receiver')}/pages/button.gif`, {
      method: 'POST',
      body: JSON.stringify({ base64: BUTTONS.blue }),
    })
    await aGuestComment(world, { website: inject('receiver') })
    await world.api('PATCH', '/api/books/main', { has_wall: true })
    await pass(world)
    const [src = ''] = await wall(world)
    await world.api('PATCH', '/api/books/main', { has_wall: false })
    expect(await wall(world)).toEqual([])
    expect((await world.request(src)).status).toBe(404)
    await pass(world)
    expect(await rows()).toEqual([])
    expect(await env.DB.prepare("select wall_version as v from books where slug = 'main'").first('v')).toBe(0)
  })

  it('fetches nothing for an entry that waits until it is approved', async () => {
    const world = await aWall()
    await withModeration(world)
    const file = await aFile(BUTTONS.red)
    const { id } = await aSite(world, 'ada.example', file.url)
    await pass(world)
    expect(await file.fetches()).toBe(0)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    await pass(world)
    expect(await wall(world)).toHaveLength(1)
  })

  it.each(['held', 'hidden', 'spam', 'deleted', 'erased'])('loses a button at once if its entry is %s', async (how) => {
    const world = await aWall()
    const { id } = await aSite(world, 'ada.example', (await aFile(BUTTONS.red)).url)
    await pass(world)
    const [src = ''] = await wall(world)
    if (how === 'erased') {
      expect((await world.api('POST', '/api/erase', { ids: [id] })).status).toBe(200)
    } else if (how === 'deleted') await world.api('DELETE', `/api/comments/${id}`)
    else await world.api('PATCH', `/api/comments/${id}`, { status: how })
    expect(await wall(world)).toEqual([])
    expect((await world.request(src)).status).toBe(404)
    await pass(world)
    expect(await env.DB.prepare('select count(*) as n from buttons').first('n')).toBe(0)
  })

  it('follows the website and the button of an entry, which its guest or the owner can change', async () => {
    const world = await aWall()
    const [red, blue] = [await aFile(BUTTONS.red), await aFile(BUTTONS.blue)]
    const { id } = await aSite(world, 'ada.example', red.url)
    await pass(world)
    const [first] = await wall(world)
    await world.api('PATCH', `/api/comments/${id}`, { button_url: blue.url })
    await pass(world)
    const [second] = await wall(world)
    expect(second).toMatch(/ada\.example/)
    expect(second).not.toBe(first)
    await world.api('PATCH', `/api/comments/${id}`, { website: 'https://other.example/' })
    expect(await wall(world)).toEqual([])
    await pass(world)
    expect(await wall(world)).toEqual([expect.stringContaining('other.example')])
    await world.api('PATCH', `/api/comments/${id}`, { website: null })
    expect(await wall(world)).toEqual([])
    await pass(world)
    expect(await rows()).toEqual([])
  })

  it('has one button a site, that of its latest entry, and the latest sites first', async () => {
    const world = await aWall()
    const [red, blue] = [await aFile(BUTTONS.red), await aFile(BUTTONS.blue)]
    await aSite(world, 'ada.example', red.url)
    await aSite(world, 'bob.example', red.url)
    await pass(world)
    expect((await wall(world)).map((src) => src.split('/')[3])).toEqual(['bob.example', 'ada.example'])
    const { id } = await aSite(world, 'ada.example', blue.url)
    await pass(world)
    expect((await wall(world)).map((src) => src.split('/')[3])).toEqual(['ada.example', 'bob.example'])
    const [latest] = await wall(world)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    await pass(world)
    expect(await wall(world)).toHaveLength(2)
    expect(await wall(world)).not.toContain(latest)
  })

  it('has a limited number of buttons, those of the latest sites', async () => {
    const world = await aWall()
    const extra = JSON.stringify({ button: mailbox().url('status/404') })
    const ids = Array.from({ length: MAX_SITES + 5 }, (_, i) => `cmt_${String(i).padStart(26, '0')}`)
    await env.DB.batch(
      ids.map((id, i) =>
        env.DB.prepare(
          "insert into comments (id, book, number, status, created_at, name, website, body, extra) values (?, 'main', ?, 'published', 1, 'x', ?, 'x', ?)"
        ).bind(id, i + 1, `https://s${i}.example/`, extra)
      )
    )
    await env.DB.prepare("update books set version = version + 1 where slug = 'main'").run()
    await pass(world)
    const found = await rows()
    expect(found).toHaveLength(MAX_SITES)
    expect(found[0]?.host).toBe(`s${MAX_SITES + 4}.example`)
  })

  it('is small enough for a page of 15 KB with its stylesheets, which have 5 KB', async () => {
    const world = await aWall()
    const word = () => crypto.randomUUID().slice(0, 8)
    for (let i = 0; i < MAX_BUTTONS; i++) {
      const host = `${word()}.example`
      const { id } = await aComment(world, { name: word(), website: `https://${host}/`, body: `${word()} `.repeat(9) })
      await env.DB.prepare("insert into buttons (book, host, comment_id, url, hash) values ('main', ?, ?, '', ?)")
        .bind(host, id, word())
        .run()
    }
    expect(await wall(world)).toHaveLength(MAX_BUTTONS)
    const zipped = (await world.request('/')).body?.pipeThrough(new CompressionStream('gzip'))
    expect((await new Response(zipped).arrayBuffer()).byteLength).toBeLessThanOrEqual(10_000)
  })

  it('belongs to one book', async () => {
    const world = await aWall()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', has_wall: true })
    await aSite(world, 'ada.example', (await aFile(BUTTONS.red)).url)
    await pass(world)
    const [src = ''] = await wall(world)
    expect(await wall(world, '/b/summer')).toEqual([])
    expect((await world.request(src.replace('/main/', '/summer/'))).status).toBe(404)
    expect((await world.request(`${src}x`)).status).toBe(404)
  })

  it('keeps a button that works if somebody else names the site, and follows the guest who signs again', async () => {
    const world = await aWall()
    const [red, blue] = [await aFile(BUTTONS.red), await aFile(BUTTONS.blue)]
    await aSite(world, 'ada.example', red.url)
    await pass(world)
    const first = await wall(world)
    await aSite(world, 'ada.example', blue.url, { name: 'Mallory' })
    await pass(world)
    expect([await wall(world), await blue.fetches()]).toEqual([first, 0])
    await aSite(world, 'ada.example', blue.url)
    await pass(world)
    expect([(await wall(world)).length, await blue.fetches()]).toEqual([1, 1])
    expect(await wall(world)).not.toEqual(first)
  })

  it('loses what was removed although the database is full, and fetches nothing then', async () => {
    const world = await aWall()
    const red = await aFile(BUTTONS.red)
    const { id } = await aSite(world, 'ada.example', red.url)
    const failed = await aSite(world, 'eve.example', (await aFile({ status: 404 })).url)
    await pass(world)
    await aSite(world, 'bob.example', red.url)
    world.env.DATABASE_LIMIT_MB = '0.01'
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    await pass(world)
    expect(await rows()).toMatchObject([{ host: 'eve.example', attempts: 1 }])
    // It is due again, but cannot be fetched, so the queue gets no message.
    expect(await wakeWall(world.env, Date.now() + 2 * HOUR_MS, openBudget(world.env))).toBe(0)
    await world.api('PATCH', `/api/comments/${failed.id}`, { status: 'hidden' })
    await pass(world)
    expect([await rows(), await red.fetches()]).toEqual([[], 1])
  })

  it('goes with its book', async () => {
    const world = await aWall()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', has_wall: true, moderation: 'none' })
    await aSite(world, 'ada.example', (await aFile(BUTTONS.red)).url, { book: 'summer' })
    await pass(world)
    expect(await wall(world, '/b/summer')).toHaveLength(1)
    await world.api('DELETE', '/api/books/summer?confirm=summer')
    for (let i = 0; i < 2; i++) await world.sweep(Date.now() + DAY_MS + 60_000, 'expired_books')
    expect(await env.DB.prepare('select count(*) as n from buttons').first('n')).toBe(0)
  })
})

describe('a button', () => {
  const big = toBase64(new Uint8Array([...(fromBase64(BUTTONS.red) ?? []), ...new Uint8Array(BUTTON_MAX_BYTES)]))

  it.each([
    ['is one pixel too wide', { base64: BUTTONS.wide }, 'wrong_size'],
    ['is a small picture', { base64: PICTURES.gif }, 'wrong_size'],
    ['is a page', { body: '<!doctype html><title>Not found</title><p>There is nothing here.</p>' }, 'not_a_picture'],
    [
      'contains a page',
      { base64: toBase64(new TextEncoder().encode(`GIF89aX\0\x1f\0${'<script>'.repeat(9)}`)) },
      'not_a_picture',
    ],
    ['is empty', { body: '' }, 'not_a_picture'],
    ['is too large', { base64: big }, 'too_large'],
    ['does not exist', { status: 404 }, 'not_found'],
    ['cannot be had', { status: 500 }, 'http_500'],
    ['is in a private network', { status: 302, headers: { Location: 'http://169.254.169.254/button.gif' } }, 'blocked'],
    ['is in another protocol', { status: 302, headers: { Location: 'ftp://ada.example/button.gif' } }, 'blocked'],
  ] as [string, Page, string][])('is not shown if it %s', async (_, page, reason) => {
    const world = await aWall()
    await aSite(world, 'ada.example', (await aFile(page)).url)
    await pass(world)
    expect(await wall(world)).toEqual([])
    expect(await rows()).toMatchObject([{ host: 'ada.example', hash: null, reason }])
  })

  it('is not shown if it never ends, or if it leads in a circle', async () => {
    const world = await aWall()
    const loop = await aFile('')
    await loop.serve({ status: 302, headers: { Location: loop.url } })
    await aSite(world, 'loop.example', loop.url)
    await aSite(world, 'endless.example', mailbox().url('endless'))
    await pass(world)
    expect(await rows()).toMatchObject([{ reason: 'too_large' }, { reason: 'too_many_redirects' }])
    expect(await loop.fetches()).toBe(6)
  })

  it('is never fetched from a private network, nor from the guestbook itself', async () => {
    const world = await aWall()
    const urls = [
      'http://169.254.169.254/x',
      'https://10.0.0.1/x.gif',
      'https://printer.local/x',
      'https://guestbook.example.com/x',
    ]
    const before = world.sent.length
    for (const [i, url] of urls.entries()) await aSite(world, `s${i}.example`, url)
    world.env.PUBLIC_URL = 'https://guestbook.example.com'
    await pass(world)
    expect(world.sent.slice(before)).toEqual([])
    expect((await rows()).map(({ reason }) => reason)).toEqual(urls.map(() => 'blocked'))
  })

  it('is fetched at most three times, an hour and a day later, until its guest signs again', async () => {
    const world = await aWall()
    const file = await aFile({ status: 500 })
    await aSite(world, 'ada.example', file.url)
    for (const [ms, fetches] of [
      [0, 1],
      [HOUR_MS - 60_000, 1],
      [120_000, 2],
      [DAY_MS, 3],
      [400 * DAY_MS, 3],
    ] as const) {
      letPass(ms)
      await pass(world)
      expect(await file.fetches()).toBe(fetches)
    }
    expect(await rows()).toMatchObject([{ due_at: null, reason: 'http_500' }])
    await file.serve({ base64: BUTTONS.red })
    await aSite(world, 'ada.example', file.url)
    await pass(world)
    expect(await wall(world)).toHaveLength(1)
  })

  it('is fetched within the calls that one invocation may make, and so are the others, later', async () => {
    const world = await aWall()
    const file = await aFile({ status: 302, headers: { Location: 'https://10.0.0.1/' } })
    for (let i = 0; i < 9; i++) await aSite(world, `s${i}.example`, file.url)
    world.invocations.length = 0
    await pass(world)
    expect(await file.fetches()).toBe(9)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('must have an address that a browser could open, and waits or is banned as other links are', async () => {
    const world = await aWall()
    const entry = { name: 'x', body: 'x', website: 'https://ada.example', button_url: 'javascript:alert(1)' }
    const refused = await world.api('POST', '/api/comments', entry)
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'button_url' }] } })
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'], max_links: 0 })
    const fine = await aSite(world, 'ada.example', 'https://www.fine.example/b.gif')
    expect(fine).toMatchObject({ status: 'published' })
    const { id } = await aSite(world, 'ada.example', 'https://casino.example/b.gif')
    expect((await world.api('GET', `/api/comments/${id}`)).body).toMatchObject({ status: 'spam' })
  })
})

describe('the form', () => {
  it('asks for the button where there is a wall, and keeps what was entered when the entry is changed', async () => {
    expect(await (await new World().request('/')).text()).not.toContain('name="button_url"')
    const world = await aWall()
    const fields = { name: 'Ada', body: 'Hi', website: 'ada.example', button_url: 'ada.example/b.gif' }
    const signed = await signAsGuest(world, fields)
    const cookie = { Cookie: (signed.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' }
    const id = await env.DB.prepare('select id from comments').first('id')
    const edit = await (await world.request(`/comments/${id}/edit`, { headers: cookie })).text()
    expect(edit).toContain('value="https://ada.example/b.gif"')
    const body = new URLSearchParams({ ...fields, body: 'Hello', button_url: '' }).toString()
    const headers = { ...cookie, ...FORM }
    expect((await world.request(`/comments/${id}/edit`, { method: 'POST', headers, body })).status).toBe(303)
    expect(await env.DB.prepare('select extra from comments').first('extra')).toBe('{}')
  })
})

describe('an empty wall', () => {
  const invitation = english().text('wall_empty')

  it('invites guests as long as they can sign', async () => {
    const world = await aWall()
    const home = async () => (await world.request('/')).text()
    expect(await home()).toContain(invitation)
    await world.api('PATCH', '/api/books/main', { is_open: false })
    expect(await home()).not.toContain(invitation)
  })

  it('invites nobody on a page that was made without reading the wall', async () => {
    const world = await aWall()
    let response = await signAsGuest(world, {})
    expect(await (await world.request('/')).text()).toContain(invitation)
    for (let i = 0; i < 25 && response.status !== 429; i++) response = await signAsGuest(world, {})
    expect([response.status, await response.text()]).toEqual([429, expect.not.stringContaining(invitation)])
  })
})

describe('the page of the wall', () => {
  it('says what is on the wall and what is not, and removes a button for good', async () => {
    const world = await aWall()
    const browser = await ownerBrowser(world)
    const see = async () => (await browser.get('/admin/books/main/wall')).text()
    expect(await see()).toContain('No buttons yet.')
    expect(await (await world.request('/')).text()).toContain(english().text('wall_empty'))
    const file = await aFile(BUTTONS.red)
    await aSite(world, 'ada.example', file.url)
    await aSite(world, 'bob.example', (await aFile({ status: 404 })).url)
    await pass(world)
    const page = await see()
    expect(page).toMatch(/Buttons on the wall: 1\. Sites without one: 1\./)
    const [src = ''] = await wall(world)
    expect(page).toContain(`src="${src}"`)
    const sent = await browser.post('/admin/books/main/wall/ada.example/remove', {})
    expect(sent.headers.get('Location')).toBe('/admin/books/main/wall?done=button_removed')
    expect(await wall(world)).toEqual([])
    expect((await world.request(src)).status).toBe(404)
    await aSite(world, 'ada.example', file.url)
    await pass(world)
    expect(await file.fetches()).toBe(1)
    expect((await rows()).map(({ host }) => host)).toEqual(['bob.example'])
    const { body } = await world.api('PATCH', '/api/books/main', { wall_excluded: [] })
    expect(body).toMatchObject({ wall_excluded: [] })
    await pass(world)
    expect(await wall(world)).toHaveLength(1)
  })

  it('keeps both of two sites that are removed at once', async () => {
    const world = await aWall()
    const remove = (host: string) => world.api('DELETE', `${PATH}/${host}`)
    await Promise.all(['a.example', 'b.example', 'c.example', 'a.example'].map(remove))
    const { body } = await world.api<{ wall_excluded: string[] }>('GET', '/api/books/main')
    expect(body.wall_excluded.toSorted().filter((one, i, all) => one !== all[i - 1])).toHaveLength(3)
  })

  it.each([[['a.example:8443', 'b.example']], [['a.example', 'a.example:8443', 'b.example']]])(
    'removes each site once, also if an earlier version has listed %j',
    async (wall_excluded) => {
      const world = await aWall()
      const stored = JSON.stringify({ has_wall: true, wall_excluded })
      await env.DB.prepare('update books set settings = ?').bind(stored).run()
      for (const host of ['a.example', 'c.example', 'b.example']) await world.api('DELETE', `${PATH}/${host}`)
      const { body } = await world.api<{ wall_excluded: string[] }>('GET', '/api/books/main')
      expect(body.wall_excluded).toHaveLength(wall_excluded.length + 1)
      expect(new Set(body.wall_excluded)).toEqual(new Set(['a.example', 'b.example', 'c.example']))
    }
  )

  it('takes no more sites out than a book can list', async () => {
    const world = await aWall()
    const wall_excluded = Array.from({ length: MAX_EXCLUDED }, (_, i) => `s${i}.example`)
    await world.api('PATCH', '/api/books/main', { wall_excluded })
    expect((await world.api('DELETE', `${PATH}/s1.example`)).status).toBe(204)
    expect((await world.api('DELETE', `${PATH}/more.example`)).status).toBe(422)
  })

  it('is the business of the owner', async () => {
    const world = await aWall()
    expect((await world.request('/admin/books/main/wall')).status).toBe(303)
    expect((await world.api('DELETE', `${PATH}/ada.example`, undefined, {})).status).toBe(401)
    expect((await world.api('DELETE', `${PATH}/ADA.example`)).status).toBe(204)
    expect(
      (await world.api('PATCH', '/api/books/main', { wall_excluded: ['https://x.example/y', 'no site'] })).status
    ).toBe(422)
    const { body } = await world.api('PATCH', '/api/books/main', {
      wall_excluded: ['https://x.example/y', 'x.example'],
    })
    expect(body).toMatchObject({ wall_excluded: ['x.example'] })
  })
})

it('an entry of the owner has a button, too', async () => {
  const world = await aWall()
  await aComment(world, { website: 'https://me.example', button_url: (await aFile(BUTTONS.red)).url })
  await pass(world)
  expect(await wall(world)).toHaveLength(1)
})
