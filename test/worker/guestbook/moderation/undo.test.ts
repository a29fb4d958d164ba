import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aGuestComment } from '../../../support/fixtures'
import { guestBrowser, ownerBrowser, withModeration, withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'

/* What undoing a decision restores, with the forms of the page and with the calls of public/queue.js. */

type Owner = Awaited<ReturnType<typeof ownerBrowser>>

interface Entry {
  id: string
  status: string
  edit_token: string
}

/** @returns the form of the message about what was done, as a browser without scripts sends it; undefined if there is none */
async function undoForm(owner: Owner, location: string | null) {
  const page = (location ?? '').replace(/#.*/, '')
  const html = await (await owner.get(page)).text()
  return formsIn(html.slice(html.indexOf('class="toast"')), page).find(({ fields }) => fields.length > 1)
}

/** Decides with a form of the page, then presses Undo on the page that follows. @returns the page after that */
async function decideAndUndo(owner: Owner, path: string, fields: Record<string, string>): Promise<string | null> {
  const { status, location } = await owner.submit(path, fields)
  expect(status).toBe(303)
  const form = await undoForm(owner, location)
  if (!form) throw new Error('The page offers no undo.')
  const undone = await owner.submit(form.action, Object.fromEntries(form.fields))
  expect(undone.status).toBe(303)
  return undone.location
}

/** Sends a form as public/queue.js does. */
async function send(world: World, { cookie }: Owner, path: string, fields: Record<string, string>) {
  const headers = {
    ...cookie,
    Origin: BASE,
    Accept: 'application/json',
    'Content-Type': 'application/x-www-form-urlencoded',
  }
  const body = new URLSearchParams(fields).toString()
  const response = await world.request(path, { method: 'POST', headers, body })
  return { status: response.status, body: await response.json<{ undo: string; changed: string[]; skipped: number }>() }
}

/** Everything that a decision can change. When an entry was approved again does not matter. */
async function state() {
  const sql = `select id, status, reason, approved_at is not null as is_approved, reply, replied_at
    from comments order by id`
  return (await env.DB.prepare(sql).all()).results
}

const set = (world: World, id: string, status: string) => world.api('PATCH', `/api/comments/${id}`, { status })

/** Signs with the token of an earlier entry. */
async function sign(world: World, token = ''): Promise<Entry> {
  const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
  const input = { name: 'Ada', body: `Hello ${crypto.randomUUID()}` }
  return (await world.api<Entry>('POST', '/api/comments', input, headers)).body
}

describe('undoing a decision', () => {
  it('gives back the approval that marking a later entry as spam has ended', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const approved = await sign(world)
    await set(world, approved.id, 'published')
    const later = await sign(world, approved.edit_token)
    expect(later.status).toBe('published')
    const before = await state()
    await decideAndUndo(owner, '/admin/comments', { action: 'spam', was: 'published', ids: later.id })
    expect(await state()).toEqual(before)
    expect((await sign(world, approved.edit_token)).status).toBe('published')
  })

  it('gives the approval back only when it is undone for each entry that relied on it', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const approved = await sign(world)
    await set(world, approved.id, 'published')
    const [one, other] = [await sign(world, approved.edit_token), await sign(world, approved.edit_token)]
    const ids = `${one.id},${other.id}`
    const { body } = await send(world, owner, '/admin/comments', { action: 'spam', was: 'published', ids })
    // The owner looks at one of them again, and hides it.
    await set(world, one.id, 'hidden')
    await set(world, one.id, 'spam')
    await set(world, other.id, 'hidden')
    const undone = await send(world, owner, '/admin/comments', { undo: body.undo })
    expect(undone.body).toEqual({ changed: [one.id], skipped: 1 })
    expect((await sign(world, approved.edit_token)).status).toBe('published')
    // The other one is spam again, so the same undo gives nothing back.
    await set(world, one.id, 'spam')
    await set(world, other.id, 'spam')
    await set(world, one.id, 'published')
    expect((await send(world, owner, '/admin/comments', { undo: body.undo })).body.changed).toEqual([other.id])
    await set(world, one.id, 'hidden')
    expect((await sign(world, approved.edit_token)).status).toBe('published')
  })

  it('makes nobody known who was not known before', async () => {
    const world = await withoutModeration(new World())
    const owner = await ownerBrowser(world)
    const unapproved = await sign(world)
    const browser = guestBrowser(world)
    await browser.sign({ body: 'By the form' })
    await withModeration(world)
    const before = await state()
    const ids = before.map(({ id }) => id).join(',')
    for (const action of ['hide', 'hold', 'spam']) {
      await decideAndUndo(owner, '/admin/comments', { action, was: 'published', ids })
      expect([action, await state()]).toEqual([action, before])
    }
    expect((await sign(world, unapproved.edit_token)).status).toBe('held')
    expect((await browser.sign({ body: 'By the form again' })).headers.get('Location')).toContain('signed=held')
  })

  it('restores the reason of each of several entries, and the status of each if they differ', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    await aGuestComment(world)
    await aGuestComment(world, { body: 'www.a.example www.b.example www.c.example' })
    await aGuestComment(world, { body: 'A casino' })
    await aGuestComment(world, { body: 'For you', is_private: true })
    await set(world, (await aGuestComment(world)).id, 'published')
    const before = await state()
    expect(before.map(({ reason }) => reason)).toEqual(['first', 'links', 'word', 'private', null])
    const ids = (status: string) => before.flatMap((one) => (one.status === status ? [String(one.id)] : [])).join(',')
    const held = { action: 'publish', was: 'held', back: 'status=held', ids: ids('held') }
    const page = await decideAndUndo(owner, '/admin/comments', held)
    expect(await state()).toEqual(before)
    expect(await owner.notice(page?.replace(/#.*/, '') ?? '')).toMatch(/^2 entries/)
    await decideAndUndo(owner, '/admin/comments', {
      action: 'hold',
      was: 'spam',
      back: 'status=spam',
      ids: ids('spam'),
    })
    expect(await state()).toEqual(before)
    const all = { action: 'spam', was: '', back: 'status=all', ids: before.map(({ id }) => id).join(',') }
    await decideAndUndo(owner, '/admin/comments', all)
    expect(await state()).toEqual(before)
    const { body } = await world.api<{ data: { act: string }[] }>('GET', '/api/audit')
    // The first row is the newest. Each status that entries have again is an act of its own.
    expect(new Set(body.data.slice(0, 3).map(({ act }) => act))).toEqual(
      new Set(['comment.published', 'comment.held', 'comment.hidden'])
    )
  })

  it('has room in the address for the sixty entries of a page, although each of them was edited', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const sql = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 60)
      insert into comments (id, book, number, status, reason, created_at, edited_at, name, body)
      select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'main', i, 'held', iif(i % 2, 'first', 'links'), 1732442400000,
        1732442400000 + i, 'Guest', 'Text ' || i from n`
    await env.DB.prepare(sql).run()
    const before = await state()
    const ids = before.map(({ id }, i) => `${id}.${1_732_442_400_001 + i}`).join(',')
    await decideAndUndo(owner, '/admin/comments', { action: 'publish', was: 'held', back: 'status=held', ids })
    expect(await state()).toEqual(before)
  })

  it('restores what was before a reply that was published with the entry, unless another reply was written since', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const { id } = await aGuestComment(world)
    const publish = { action: 'publish', reply: 'Wrong', was: 'held', seen: id, back: 'status=held' }
    for (const reply of [null, 'Earlier']) {
      if (reply !== null) await world.api('PUT', `/api/comments/${id}/reply`, { body: reply })
      const before = await state()
      await decideAndUndo(owner, `/admin/comments/${id}/reply`, publish)
      expect(await state()).toEqual(before)
    }
    const { body } = await send(world, owner, `/admin/comments/${id}/reply`, publish)
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Better' })
    await send(world, owner, '/admin/comments', { undo: body.undo })
    expect(await state()).toMatchObject([{ status: 'held', reply: 'Better' }])
  })

  it('ends the ban that was made together with the decision', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const { id } = await aGuestComment(world)
    const before = await state()
    const ban = { by: 'name', days: '7', action: 'spam', seen: id, was: 'held', back: 'status=held' }
    await decideAndUndo(owner, `/admin/comments/${id}/ban`, ban)
    expect(await state()).toEqual(before)
    expect((await world.api('GET', '/api/books/main/bans')).body).toEqual({ data: [] })
  })

  it('comes too late after the entry was edited or decided about again, and never publishes what nobody saw', async () => {
    const world = await withoutModeration(new World())
    const owner = await ownerBrowser(world)
    const [edited, decided] = [await aGuestComment(world), await aGuestComment(world)]
    const hide = { action: 'hide', was: 'published', ids: `${edited.id},${decided.id}` }
    const { body } = await send(world, owner, '/admin/comments', hide)
    await world.api('PATCH', `/api/comments/${edited.id}`, { body: 'Other words' })
    await set(world, decided.id, 'spam')
    const now = await state()
    const undone = await send(world, owner, '/admin/comments', { undo: body.undo })
    expect(undone.body).toEqual({ changed: [], skipped: 2 })
    expect(await state()).toEqual(now)
  })

  it('is offered only for what this guestbook has written: a made-up or changed text undoes nothing', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const { id } = await aGuestComment(world)
    const { body } = await send(world, owner, `/admin/comments/${id}`, { action: 'hide', was: 'held', seen: id })
    const [text = '', signature = ''] = body.undo.split('.')
    const forged = btoa(JSON.stringify({ to: 'hidden', entries: [[id, 'published', null, 1]], ended: [], ban: '' }))
    const before = await state()
    for (const undo of ['', 'x', '.', `${forged}.${signature}`, `${text}.`, `${text}.${'A'.repeat(43)}`]) {
      expect((await owner.submit('/admin/comments', { undo })).status).toBe(422)
      const address = `/admin/comments?status=all&done=hidden&count=1&undo=${encodeURIComponent(undo)}`
      expect(await undoForm(owner, address)).toBeUndefined()
    }
    expect(await state()).toEqual(before)
  })

  it('restores everything, whatever entries were before and whatever was decided', async () => {
    const world = await withModeration(new World())
    const owner = await ownerBrowser(world)
    const status = fc.constantFrom('published', 'held', 'hidden', 'spam')
    const entry = fc.record({
      status,
      reason: fc.constantFrom(null, 'first', 'links', 'word'),
      isApproved: fc.boolean(),
      isPrivate: fc.boolean(),
      reliesOn: fc.constantFrom(null, 0, 1, 2),
      reply: fc.constantFrom(null, 'Thanks'),
    })
    const isPossible = (one: { status: string; isPrivate: boolean }) =>
      !one.isPrivate || one.status === 'hidden' || one.status === 'spam'
    const entries = fc.array(entry.filter(isPossible), { minLength: 4, maxLength: 4 })
    const decision = fc.record({
      action: fc.constantFrom('publish', 'hold', 'hide', 'spam'),
      which: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    })
    const idOf = (i: number) => `cmt_01JD9Z6Y3T${String(i).padStart(16, '0')}`
    await fc.assert(
      fc.asyncProperty(entries, decision, async (written, { action, which }) => {
        const inserts = written.map(({ status, reason, isApproved, isPrivate, reliesOn, reply }, i) =>
          env.DB.prepare(
            `insert or replace into comments
              (id, book, number, created_at, name, body, status, reason, approved_at, is_private, known_by, reply, replied_at)
            values (?1, 'main', ?2, 1732442400000, 'Guest', 'Text', ?3, ?4, ?5, ?6, ?7, ?8, ?9)`
          ).bind(
            idOf(i),
            i + 1,
            status,
            reason,
            isApproved || status === 'spam' ? 1_732_442_400_000 : null,
            Number(isPrivate),
            reliesOn === null || reliesOn === i ? null : idOf(reliesOn),
            reply,
            reply === null ? null : 1_732_442_400_001
          )
        )
        await env.DB.batch(inserts)
        const before = await state()
        const ids = which.map(idOf).join(',')
        const { body } = await send(world, owner, '/admin/comments', { action, ids })
        const hasChanged = JSON.stringify(await state()) !== JSON.stringify(before)
        if (!hasChanged) return
        const undone = await send(world, owner, '/admin/comments', { undo: body.undo })
        expect(undone.body.skipped).toBe(0)
        expect(await state()).toEqual(before)
      }),
      { numRuns: 60 }
    )
  })
})
