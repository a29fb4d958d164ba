import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forgetBook } from '../../../../src/guestbook/books/cache'
import { aComment, aGuestComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
import { FORM, ownerBrowser, partOf, signAsGuest, withModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'

interface Comment {
  id: string
  status: string
  reason: string | null
}

async function guests(world: World, count: number): Promise<string[]> {
  await withModeration(world)
  for (let i = 0; i < count; i++) await signAsGuest(world, { name: `Guest ${i}`, body: `Entry ${i} ${Math.random()}` })
  return (await list(world, 'held')).map(({ id }) => id)
}

async function list(world: World, status: string, book = 'main'): Promise<Comment[]> {
  return (await world.api<{ data: Comment[] }>('GET', `/api/comments?status=${status}&book=${book}&limit=100`)).body
    .data
}

/** @returns the name of what an entry says now: see guestbook/moderation/versions.ts */
async function versionNow(world: World, id: string): Promise<string> {
  const { edited_at } = (await world.api<{ edited_at: string | null }>('GET', `/api/comments/${id}`)).body
  return edited_at === null ? id : `${id}.${Date.parse(edited_at)}`
}

async function htmlOf(browser: Awaited<ReturnType<typeof ownerBrowser>>, path: string): Promise<string> {
  return (await browser.get(path)).text()
}

const ACTIONS: Record<string, string> = { published: 'publish', held: 'hold', hidden: 'hide', spam: 'spam' }

describe('the moderation queue', () => {
  it('shows how many entries wait on every dashboard page, and why they wait', async () => {
    const world = new World()
    await guests(world, 3)
    const browser = await ownerBrowser(world)
    for (const path of ['/admin', '/admin/books', '/admin/comments']) {
      const html = await (await browser.get(path)).text()
      expect(html).toMatch(/Entries <b class="number" [^>]*>3<\/b>/)
    }
    expect(await (await browser.get('/admin/comments?status=held')).text()).toMatch(
      /<a href="\/admin\/books\/main#moderation">first entry</
    )
    expect(await (await world.request('/admin/login')).text()).not.toContain('class="number"')
  })

  it('does not say of each entry that all wait, but says it of one, and shows no badge with 0', async () => {
    const world = await withModeration(new World())
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    const [id = ''] = await guests(world, 2)
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    await signAsGuest(world, { body: 'Under the rule' })
    const browser = await ownerBrowser(world)
    const ruled = (await list(world, 'held')).find(({ reason }) => reason === 'moderation')
    const html = await htmlOf(browser, '/admin/comments')
    expect(html).toContain('Under the rule')
    expect(html).not.toContain('all entries wait')
    expect(html).not.toMatch(/<span data-count="\w+">0</)
    expect(html).toContain(`<label for="reply-${id}">Your reply</label>`)
    expect(await htmlOf(browser, `/admin/comments/${ruled?.id}`)).toContain('>all entries wait</a>')
  })

  it('counts an entry once, although a request names it twice', async () => {
    const world = await withModeration(new World())
    await signAsGuest(world, { body: 'Twice' })
    const browser = await ownerBrowser(world)
    const [id = ''] = (await env.DB.prepare('select id from comments').all<{ id: string }>()).results.map(
      (row) => row.id
    )
    const html = await htmlOf(browser, '/admin/comments?status=held')
    const [version = id] = new RegExp(`${id}[^"]*`).exec(html) ?? []
    const body = new URLSearchParams([
      ['ids', version],
      ['ids', version],
      ['action', 'publish'],
      ['back', 'status=held'],
    ])
    const headers = { ...FORM, ...browser.cookie }
    await world.request('/admin/comments', { method: 'POST', headers, body: body.toString() })
    expect(await env.DB.prepare('select published_count as n from books').first('n')).toBe(1)
    expect((await world.api('POST', '/api/erase', { ids: [id, id] })).body).toMatchObject({ erased: 1 })
    expect(await env.DB.prepare('select published_count as n from books').first('n')).toBe(0)
  })

  it('lists each book, and each status', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', moderation: 'all' })
    await withModeration(world)
    await signAsGuest(world, { body: 'In the summer' }, { path: '/b/summer/sign' })
    await signAsGuest(world, { body: 'In the main book' })
    await signAsGuest(world, { body: 'By a bot', homepage: 'x' })
    const browser = await ownerBrowser(world)
    const html = async (query: string) => (await browser.get(`/admin/comments?${query}`)).text()
    expect(await html('status=held')).toMatch(/In the main book.*In the summer/s)
    expect(await html('')).toMatch(/In the main book(?!.*By a bot).*In the summer/s)
    expect(await html('status=held&book=summer')).toMatch(/In the summer(?!.*In the main book)/s)
    expect(await html('status=spam')).toContain('hidden field')
    expect(await html('status=all')).toMatch(/By a bot.*In the main book.*In the summer/s)
    expect(await html('status=all&book=main')).toMatch(/By a bot.*In the main book(?!.*In the summer)/s)
    expect(await html('status=all&book=summer&q=the')).toMatch(/In the summer(?!.*In the main book)/s)
    expect(await html('status=all&book=main&q=summer')).toContain('No entries match')
  })

  it('counts what has each status, in all books or in one, and goes on with older entries of all books', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const sql = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 130)
      insert into comments (id, book, number, status, created_at, name, body)
      select 'cmt_01JD9Z6Y3T' || printf('%016d', i), iif(i % 2, 'main', 'summer'), i, iif(i > 120, 'spam', 'hidden'),
        1732442400000, 'Guest', 'Text ' || i from n`
    await env.DB.prepare(sql).run()
    const browser = await ownerBrowser(world)
    const countsOf = (page: string) =>
      Object.fromEntries([...page.matchAll(/data-count="(\w+)">([^<]+)</g)].map(([, status, count]) => [status, count]))
    const numbersIn = (page: string) => [...page.matchAll(/>Text (\d+)<\/p>/g)].map(([, number]) => Number(number))
    const first = await htmlOf(browser, '/admin/comments?status=hidden')
    expect(countsOf(first)).toEqual({ hidden: '99+', spam: '10' })
    expect(countsOf(await htmlOf(browser, '/admin/comments?status=spam&book=main'))).toMatchObject({
      hidden: '60',
      spam: '5',
    })
    const [, older = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? []
    const second = await htmlOf(browser, older.replaceAll('&amp;', '&'))
    const expected = Array.from({ length: 120 }, (_, i) => 120 - i)
    expect([...numbersIn(first), ...numbersIn(second)]).toEqual(expected)
  })

  it('lists the oldest first of those that wait, in one book and in all, page by page, and stays so after a decision', async () => {
    const world = new World()
    const sql = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 130)
      insert into comments (id, book, number, status, created_at, name, body)
      select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'main', i, 'held', 1732442400000, 'Guest', 'Text ' || i from n`
    await env.DB.prepare(sql).run()
    const browser = await ownerBrowser(world)
    const numbersIn = (page: string) => [...page.matchAll(/>Text (\d+)<\/p>/g)].map(([, number]) => Number(number))
    const hrefIn = (page: string, before: string) =>
      new RegExp(`${before}href="([^"#]+)`).exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const oneTo = (to: number, from = 1) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
    const start = await htmlOf(browser, '/admin/comments?status=held')
    const oldest = /href="([^"]*)"[^>]*>\s*Oldest first/.exec(start)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const first = await htmlOf(browser, oldest)
    expect(numbersIn(first)).toEqual(oneTo(60))
    expect(first).toMatch(/rel="next"[^>]*>\s*Newer/)
    const second = await htmlOf(browser, hrefIn(first, 'rel="next" '))
    expect(numbersIn(second)).toEqual(oneTo(120, 61))
    expect(second).toMatch(/rel="prev"[^>]*>\s*« Older/)
    const [, back = ''] = /name="back" value="([^"]*)"/.exec(second) ?? []
    const ids = oneTo(65, 61).map((i) => `cmt_01JD9Z6Y3T${String(i).padStart(16, '0')}`)
    const fields = { action: 'publish', back: back.replaceAll('&amp;', '&'), was: 'held', ids: ids.join(',') }
    const { location = '' } = await browser.submit('/admin/comments', fields)
    const after = await htmlOf(browser, location ?? '')
    expect(numbersIn(after)).toEqual(oneTo(125, 66))
    expect(after).toContain('Undo')
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    await env.DB.prepare(`update comments set book = 'summer' where number % 2 = 0`).run()
    const ofAll = await htmlOf(browser, '/admin/comments?status=held&order=oldest')
    expect(numbersIn(ofAll)).toEqual(oneTo(60))
    expect(numbersIn(await htmlOf(browser, hrefIn(ofAll, 'rel="next" ')))[0]).toBe(66)
    expect(numbersIn(await htmlOf(browser, '/admin/comments?status=published&order=oldest'))[0]).toBe(65)
  })

  it('leads to the next entry without scripts, and tells a script what has changed', async () => {
    const world = new World()
    const [first = '', second = ''] = await guests(world, 3)
    const browser = await ownerBrowser(world)
    const page = await htmlOf(browser, '/admin/comments?status=held')
    const [, next = ''] = new RegExp(`id="${first}".*?name="next" value="(\\w+)"`, 's').exec(page) ?? []
    expect(next).toBe(second)
    const fields = { action: 'publish', back: 'status=held', was: 'held', seen: first, next }
    expect((await browser.submit(`/admin/comments/${first}`, fields)).location).toMatch(new RegExp(`#${second}$`))
    const post = (path: string, body: string) =>
      world.request(path, {
        method: 'POST',
        headers: {
          ...browser.cookie,
          Origin: BASE,
          Accept: 'application/json',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body,
      })
    const answer = await post('/admin/comments', `action=hide&was=held&ids=${second}`)
    expect([answer.status, await answer.json()]).toMatchObject([200, { changed: [second] }])
    const refused = await post('/admin/comments/cmt_nobody', 'action=hide')
    expect([refused.status, await refused.json()]).toMatchObject([404, { code: 'not_found' }])
  })

  it('changes all 60 entries of a page at once, and selects them without scripts', async () => {
    const world = new World()
    const sql = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 60)
      insert into comments (id, book, number, status, created_at, name, body)
      select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'main', i, 'held', 1732442400000, 'Guest', 'Text ' || i from n`
    await env.DB.prepare(sql).run()
    const browser = await ownerBrowser(world)
    const page = await htmlOf(browser, '/admin/comments?status=held&select=all')
    // There is no other page, so nothing follows when all of them are handled.
    expect(page).toMatch(
      /data-nothing-left[^>]*>\s*You have handled every entry in this list\.\s*<a[^>]*\?status=held"/s
    )
    const ids = [...page.matchAll(/name="ids" value="(\w+)"[^>]*checked/g)].map(([, id = '']) => id)
    expect(ids).toHaveLength(60)
    await browser.submit('/admin/comments', { action: 'publish', was: 'held', ids: ids.join(',') })
    expect(await list(world, 'published')).toHaveLength(60)
  })

  it('sends the event of a book whose settings change in the meantime', async () => {
    const world = await withModeration(new World())
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    await withModeration(world, 'summer')
    const ids = [(await aGuestComment(world)).id, (await aGuestComment(world, { book: 'summer' })).id]
    await world.drain()
    forgetBook(world.env, 'summer')
    const hasCome = justBefore(world, /from books where slug in/, () =>
      world.api('POST', '/api/books/main/bans', { by: 'name', value: 'Mallory' })
    )
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/comments', { action: 'publish', was: 'held', ids: ids.join(',') })
    expect(hasCome()).toBe(true)
    const { body } = await world.api<{ data: unknown[] }>('GET', '/api/messages?type=comment.published')
    expect(body.data).toHaveLength(2)
  })

  it('changes entries of 50 books within 50 queries', async () => {
    const world = new World()
    const numbers = 'with recursive n (i) as (select 1 union all select i + 1 from n where i < 50) '
    await env.DB.batch(
      [
        "insert into books (slug, title, created_at) select 'book-' || i, 'Book', 1 from n",
        `insert into comments (id, book, number, status, created_at, name, body)
        select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'book-' || i, 1, 'held', 1732442400000, 'Guest', 'Text' from n`,
      ].map((sql) => env.DB.prepare(sql.replace(' select', ` ${numbers} select`)))
    )
    const { results } = await env.DB.prepare('select id from comments').all<{ id: string }>()
    const browser = await ownerBrowser(world)
    world.invocations.length = 0
    await browser.submit('/admin/comments', { action: 'publish', ids: results.map(({ id }) => id).join(',') })
    expect(world.worst(({ queries }) => queries)).toBeLessThanOrEqual(50)
    expect(await list(world, 'published', 'book-50')).toHaveLength(1)
  })

  it('publishes with a reply as one change, so endpoints get one event', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.published', 'comment.updated'] })
    const [id = ''] = await guests(world, 1)
    const browser = await ownerBrowser(world)
    const fields = { action: 'publish', reply: 'Welcome!', seen: id, was: 'held', back: 'status=held' }
    expect((await browser.submit(`/admin/comments/${id}/reply`, fields)).status).toBe(303)
    await world.drain()
    const events = (await box.received()).map(({ body }) => JSON.parse(body))
    expect(events).toMatchObject([{ type: 'comment.published', data: { comment: { reply: { body: 'Welcome!' } } } }])
  })

  it('publishes no entry that has another status than the form says', async () => {
    const world = await withModeration(new World())
    const { id } = await aComment(world)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'held' })
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/comments', { action: 'publish', was: 'hidden', ids: id })
    expect((await world.api('GET', `/api/comments/${id}`)).body).toMatchObject({ status: 'held' })
    await browser.submit('/admin/comments', { action: 'publish', was: 'held', ids: id })
    expect((await world.api('GET', `/api/comments/${id}`)).body).toMatchObject({ status: 'published' })
  })

  it('leaves an entry alone that has another status than the page shows', async () => {
    const world = await withModeration(new World())
    const { id } = await aComment(world)
    const browser = await ownerBrowser(world)
    for (const [path, fields] of [
      ['', { action: 'hide' }],
      ['/reply', { action: 'publish', reply: 'Hello' }],
      ['/ban', { action: 'spam', by: 'name', days: '7' }],
    ] as const) {
      const { status } = await browser.submit(`/admin/comments/${id}${path}`, { ...fields, was: 'held', seen: id })
      expect([path, status]).toEqual([path, 409])
    }
    expect((await world.api('GET', `/api/comments/${id}`)).body).toMatchObject({ status: 'published', reply: null })
    expect((await world.api('GET', '/api/books/main/bans')).body).toMatchObject({ data: [] })
    await browser.submit(`/admin/comments/${id}`, { action: 'hide', was: 'published' })
    expect(await list(world, 'hidden')).toMatchObject([{ id }])
  })

  it('bans the guest of an entry, and marks the entry as spam in one step', async () => {
    const world = new World()
    const [first = '', second = ''] = await guests(world, 2)
    const browser = await ownerBrowser(world)
    const ban = (id: string, action: string) =>
      browser.submit(`/admin/comments/${id}/ban`, { by: 'name', days: '7', action, seen: id, was: 'held', next: first })
    const { location } = await ban(second, 'spam')
    expect(location).toContain('done=spam')
    expect((await ban(first, 'ban')).location).toContain('banned=')
    expect(await list(world, 'spam')).toMatchObject([{ id: second }])
    expect(await list(world, 'held')).toMatchObject([{ id: first }])
    const { body } = await world.api<{ data: { value: string }[] }>('GET', '/api/books/main/bans')
    expect(body.data.map(({ value }) => value).sort()).toEqual(['Guest 0', 'Guest 1'])
    const undo = new URL(location ?? '', BASE).searchParams.get('undo') ?? ''
    await browser.submit('/admin/comments', { undo })
    expect((await list(world, 'held')).map(({ id }) => id).sort()).toEqual([first, second].sort())
    expect((await world.api('GET', '/api/books/main/bans')).body).toMatchObject({ data: [{}] })
    // Each of them did two things, except for the second ban.
    const { body: log } = await world.api<{ data: { act: string; subject: string }[] }>('GET', '/api/audit')
    expect(
      log.data
        .slice(0, 5)
        .map(({ act, subject }) => `${act} ${subject}`)
        .toSorted()
    ).toEqual([
      'ban.created main',
      'ban.created main',
      'ban.removed main',
      `comment.held ${second}`,
      `comment.marked_as_spam ${second}`,
    ])
  })

  it('keeps a ban that was there before, if marking an entry as spam is undone', async () => {
    const world = new World()
    const [first = ''] = await guests(world, 1)
    const ban = { by: 'name', value: 'Guest 0' }
    expect((await world.api('POST', '/api/books/main/bans', ban)).status).toBe(201)
    const browser = await ownerBrowser(world)
    const fields = { by: 'name', days: '7', action: 'spam', seen: first, was: 'held' }
    const { location } = await browser.submit(`/admin/comments/${first}/ban`, fields)
    expect(await list(world, 'spam')).toHaveLength(1)
    const undo = new URL(location ?? '', BASE).searchParams.get('undo') ?? ''
    await browser.submit('/admin/comments', { undo })
    expect(await list(world, 'spam')).toEqual([])
    expect((await world.api('GET', '/api/books/main/bans')).body).toMatchObject({ data: [{}] })
  })

  it('changes one entry or all that are selected, stays where it was, and can be undone', async () => {
    const world = new World()
    const [first = '', second = '', third = ''] = await guests(world, 3)
    const browser = await ownerBrowser(world)
    const back = 'status=held&book=main'
    const one = await browser.submit(`/admin/comments/${first}`, { action: 'publish', back, was: 'held' })
    expect(one.location).toMatch(/^\/admin\/comments\?status=held&book=main&done=published&count=1&undo=[\w.-]+$/)
    const many = await browser.submit('/admin/comments', {
      action: 'spam',
      back,
      was: 'held',
      ids: `${second},${third}`,
    })
    const notice = await (await browser.get(many.location ?? '')).text()
    expect(partOf(notice, 'role="status"')).toMatch(/^2 entries.*spam/)
    expect((await list(world, 'spam')).map(({ id }) => id).sort()).toEqual([second, third].sort())
    const undo = new URL(many.location ?? '', BASE).searchParams.get('undo') ?? ''
    const undone = await browser.submit('/admin/comments', { back, undo })
    expect(undone.location).toBe('/admin/comments?status=held&book=main&done=undone&count=2')
    expect(await list(world, 'held')).toHaveLength(2)
    expect(await list(world, 'published')).toMatchObject([{ id: first }])
    // What has been found among all entries can be selected, too.
    const found = await (await browser.get('/admin/comments?status=all')).text()
    expect(found.match(/name="ids"/g)).toHaveLength(3)
    const all = await browser.submit('/admin/comments', {
      action: 'hide',
      back: 'status=all',
      was: '',
      ids: `${first},${second}`,
    })
    const toast = await (await browser.get(all.location ?? '')).text()
    expect(partOf(toast, 'class="toast"')).toMatch(/^2 entries were hidden\. Undo$/)
    expect(await list(world, 'hidden')).toHaveLength(2)
    for (const fields of [{ action: 'publish' }, { action: 'dance', ids: first }, { action: 'hide', ids: 'x' }]) {
      expect((await browser.submit('/admin/comments', fields as Record<string, string>)).status).toBe(422)
    }
  })

  it('replies to an entry, and removes the reply', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.updated'] })
    const { id } = await aComment(world)
    const browser = await ownerBrowser(world)
    await browser.submit(`/admin/comments/${id}/reply`, { reply: 'Thank <you>!' })
    expect(await (await world.request('/')).text()).toContain('Thank &lt;you&gt;!')
    await world.drain()
    const [updated] = await box.received()
    expect(JSON.parse(updated?.body ?? '').data.comment.reply).toMatchObject({ body: 'Thank <you>!' })
    await browser.submit(`/admin/comments/${id}/reply`, { reply: ' ' })
    expect(await (await world.request('/')).text()).not.toContain('Thank')
  })

  it('writes one batch for fifty entries, within the limits of the Free plan', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const ids: string[] = []
    for (let i = 0; i < 50; i++) ids.push((await aComment(world)).id)
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/comments', { action: 'hold', was: 'published', ids: ids.join(',') })
    expect(await list(world, 'held')).toHaveLength(50)
    world.invocations.length = 0
    await browser.submit('/admin/comments', { action: 'publish', was: 'held', ids: ids.join(',') })
    expect(world.invocations[0]?.counts.queries).toBeLessThanOrEqual(10)
    expect(await list(world, 'published')).toHaveLength(50)
  })
})

describe('the events of entries', () => {
  it('report each change of the page exactly once, in whatever order entries are moderated', async () => {
    const status = fc.constantFrom('published', 'held', 'hidden', 'spam')
    const step = fc.oneof(
      fc.record({ do: fc.constant('status' as const), status, which: fc.nat(2), isTwice: fc.boolean() }),
      fc.record({
        do: fc.constant('edit' as const),
        which: fc.nat(2),
        isTwice: fc.constant(false),
        status: fc.constant(''),
      }),
      fc.record({ do: fc.constant('bulk' as const), status, which: fc.nat(2), isTwice: fc.boolean() })
    )
    const world = new World()
    const browser = await ownerBrowser(world)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const box = mailbox()
        await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
        const ids = (await Promise.all([0, 1, 2].map(() => aComment(world)))).map(({ id }) => id)
        const shown = new Map(ids.map((id) => [id, true]))
        const expected = ids.map((id) => `comment.published ${id}`)
        const move = (id: string, isShown: boolean) => {
          if (shown.get(id) !== isShown) expected.push(`comment.${isShown ? 'published' : 'removed'} ${id}`)
          shown.set(id, isShown)
        }
        const publishSeen = async (action: string) => {
          const seen = await Promise.all(ids.map((id) => versionNow(world, id)))
          return browser.submit('/admin/comments', { action, was: '', ids: seen.join(',') })
        }
        for (const [i, one] of steps.entries()) {
          const id = ids[one.which] ?? ''
          const action = ACTIONS[one.status] ?? ''
          const perform = () => {
            if (one.do === 'edit') return world.api('PATCH', `/api/comments/${id}`, { body: `Edited ${i}` })
            if (one.do === 'status') return world.api('PATCH', `/api/comments/${id}`, { status: one.status })
            return publishSeen(action)
          }
          await Promise.all([perform(), ...(one.isTwice ? [perform()] : [])])
          if (one.do === 'edit' && shown.get(id)) expected.push(`comment.updated ${id}`)
          if (one.do === 'status') move(id, one.status === 'published')
          if (one.do === 'bulk') for (const each of ids) move(each, one.status === 'published')
        }
        await world.drain()
        const events = (await box.received()).map(({ body }) => JSON.parse(body))
        const got = events.map(({ type, data }) => `${type} ${data.comment.id}`)
        expect(got.toSorted()).toEqual(expected.toSorted())
        const { body } = await world.api<{ comment_count: number }>('GET', '/api/books/main')
        expect(body.comment_count).toBeGreaterThanOrEqual([...shown.values()].filter(Boolean).length)
      }),
      { numRuns: 15 }
    )
  }, 120_000)
})

describe('a search for entries', () => {
  it('finds text in names, websites, texts and answers, in the list where it starts, and goes on where it ended', async () => {
    const world = new World()
    await aComment(world, { name: 'Grace', body: 'About COBOL' })
    await aComment(world, { name: 'Ada', website: 'https://engine.example', body: '100% _sure_' })
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin/comments?q=cobol')).toMatch(/Grace(?!.*Ada)/s)
    expect(await browser.see('/admin/comments?status=published&q=ENGINE')).toContain('Ada')
    expect(await browser.see('/admin/comments?status=held&q=engine')).not.toContain('Ada')
    expect(await browser.see('/admin/comments?q=%25+_s')).toMatch(/Ada(?!.*Grace)/s)
    const waiting = await htmlOf(browser, '/admin/comments?status=held&book=main&q=engine')
    const [, everywhere = ''] = /<a href="([^"]+)">Search all entries</.exec(waiting) ?? []
    expect(everywhere).toBe('/admin/comments?status=all&amp;q=engine')
    expect(await browser.see(everywhere.replace('&amp;', '&'))).toContain('Ada')
    expect(waiting).toContain('href="/admin/comments?status=published&amp;book=main&amp;q=engine"')
    expect(await browser.see('/admin/comments?status=all&since=2000-01-01T00:00')).toMatch(/Ada.*Grace/s)
    const early = await browser.see('/admin/comments?status=all&until=2000-01-01T00:00')
    expect(early).toMatch(/until 1 Jan 2000.*No entries match/s)
    expect(early).not.toContain('Ada')
    const ranged = await htmlOf(browser, '/admin/comments?status=all&book=main&q=cobol&since=2000-01-01T00:00')
    expect(ranged).toMatch(
      /From <time datetime="2000-01-01T00:00[^<]*<\/time>\s*·\s*<a href="\/admin\/comments\?status=all&amp;book=main&amp;q=cobol"/
    )
    const found = await world.api<{ data: { name: string }[]; next: null }>('GET', '/api/comments?q=cobol')
    expect(found.body).toMatchObject({ data: [{ name: 'Grace' }], next: null })
    expect((await world.api('GET', '/api/comments?q=cobol', undefined, {})).status).toBe(401)
  })
})
