import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { FORM, guestBrowser, ownerBrowser, partOf, signAsGuest, withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aClient, use } from '../../owner/mcp/a-client'
import { exportAll, type Line, restore, wipe } from '../../owner/moving/backups'
import { post as importLines } from '../../owner/moving/imports'

/* Private entries: only the owner reads them, and the rules of the book apply to them at every door. */

interface Entry {
  id: string
  status: string
  edit_token: string
}

const SECRET = { name: 'Ada', body: 'For you alone', is_private: true }

const rows = async () => {
  const sql = 'select id, status, reason, is_private, reply, body from comments order by id'
  return (await env.DB.prepare(sql).all<Record<string, unknown> & { id: string }>()).results
}

const closePrivate = (world: World) => world.api('PATCH', '/api/books/main', { allows_private: false })

describe('a private entry with a blocked text', () => {
  const spam = { status: 'spam', reason: 'word', is_private: 1 }

  it('is spam at each door, and its guest learns the same as the guest of another private entry', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['pills'] })
    const { body, status } = await world.api<Entry>('POST', '/api/comments', { ...SECRET, body: 'Private pills' }, {})
    expect([status, body.status]).toEqual([201, 'hidden'])
    const sent = await signAsGuest(world, { body: 'Pills by the form', is_private: 'on' })
    expect(sent.headers.get('Location')).toContain('signed=private')
    const framed = await signAsGuest(
      world,
      { body: 'Pills in a frame', is_private: 'on' },
      { path: '/embed/main/sign' }
    )
    expect(framed.headers.get('Location')).toContain('signed=private')
    expect(await rows()).toMatchObject([spam, spam, spam])
    // No rule makes a private entry wait.
    await world.api('PATCH', '/api/books/main', { moderation: 'all', max_links: 0 })
    await world.api('POST', '/api/comments', { ...SECRET, body: 'www.a.example www.b.example' }, {})
    expect((await rows()).at(-1)).toMatchObject({ status: 'hidden', reason: 'private' })
  })

  it('is spam also if the text came with an edit, by the API and by the form', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['pills'] })
    const { body } = await world.api<Entry>('POST', '/api/comments', SECRET, {})
    const own = { Authorization: `Bearer ${body.edit_token}` }
    const edited = await world.api<Entry>('PATCH', `/api/comments/${body.id}`, { body: 'Harmless' }, own)
    expect([edited.body.status, (await rows())[0]]).toMatchObject(['hidden', { status: 'hidden', reason: 'private' }])
    const worse = await world.api<Entry>('PATCH', `/api/comments/${body.id}`, { body: 'Pills' }, own)
    expect([worse.status, worse.body.status]).toEqual([200, 'hidden'])
    expect((await rows())[0]).toMatchObject(spam)
    const browser = guestBrowser(world)
    await browser.sign({ body: 'Another secret', is_private: 'on' })
    const id = (await rows()).at(-1)?.id
    const saved = await browser.post(`/comments/${id}/edit`, { name: 'Ada', body: 'More pills' })
    expect(saved.headers.get('Location')).toContain('signed=private')
    expect((await rows()).at(-1)).toMatchObject(spam)
  })
})

describe('a book without private entries', () => {
  it('refuses them by the API, for guests and for the owner, with the path of the field and in the language asked for', async () => {
    const world = await withoutModeration(new World())
    await closePrivate(world)
    const refused = { status: 422, body: { code: 'invalid_input', errors: [{ path: 'is_private' }] } }
    expect(await world.api('POST', '/api/comments', SECRET, {})).toMatchObject(refused)
    expect(await world.api('POST', '/api/comments', SECRET)).toMatchObject(refused)
    const german = await world.api<{ errors: { message: string }[] }>('POST', '/api/comments', SECRET, {
      'Accept-Language': 'de',
    })
    expect(german.body.errors[0]?.message).toContain('Gästebuch')
    expect(await rows()).toEqual([])
    expect((await world.api('POST', '/api/comments', { ...SECRET, is_private: false }, {})).status).toBe(201)
  })

  it.each(['/sign', '/embed/main/sign'])(
    'shows a form of before again (%s): the guest decides whether everybody may read the text',
    async (path) => {
      const world = await withoutModeration(new World())
      await closePrivate(world)
      for (const more of [{}, { preview: 'yes' }]) {
        const body = 'A long text for you alone'
        const sent = await signAsGuest(world, { body, is_private: 'on', ...more }, { path })
        const html = await sent.text()
        expect(sent.status).toBe(422)
        expect(html).toContain(`${body}</textarea>`)
        expect(html).toMatch(/<input type="checkbox" name="is_private"[^>]* checked[^>]* aria-invalid="true"/)
        expect(partOf(html, 'id="is_private-error"')).not.toBe('')
      }
      expect(await rows()).toEqual([])
      const sent = await signAsGuest(world, { body: 'A long text for everybody' }, { path })
      expect(sent.headers.get('Location')).toContain('signed=published')
    }
  )

  it('keeps those that it has, and takes those of an import and of a backup', async () => {
    const world = await withoutModeration(new World())
    const { id } = await aComment(world, SECRET)
    await closePrivate(world)
    await importLines(world, JSON.stringify({ type: 'entry', id: '1', name: 'Bea', body: 'Old', is_private: true }))
    await world.drain()
    const before = await rows()
    expect(before.map(({ status, is_private }) => [status, is_private])).toEqual([
      ['hidden', 1],
      ['hidden', 1],
    ])
    const lines: Line[] = await exportAll(world)
    await wipe()
    expect((await restore(new World(), lines)).status).toBe(200)
    expect(await rows()).toEqual(before)
    expect((await world.api('DELETE', `/api/comments/${id}`)).status).toBe(204)
  })
})

describe('the owner', () => {
  it('can neither answer a private entry nor let it wait, with whatever call, form or tool', async () => {
    const world = await withoutModeration(new World())
    const { id } = await aComment(world, SECRET)
    const before = await rows()
    const path = `/api/comments/${id}`
    const refused = { status: 409, body: { code: 'private' } }
    expect(await world.api('PUT', `${path}/reply`, { body: 'Thanks' })).toMatchObject(refused)
    expect(await world.api('PATCH', path, { status: 'held' })).toMatchObject(refused)
    expect(await world.api('PATCH', path, { status: 'published' })).toMatchObject(refused)
    const owner = await ownerBrowser(world)
    const form = `/admin/comments/${id}`
    expect((await owner.submit(`${form}/reply`, { action: 'reply', reply: 'Thanks' })).status).toBe(409)
    expect((await owner.submit(`${form}/reply`, { action: 'publish', reply: 'Thanks', seen: id })).status).toBe(409)
    expect((await owner.submit(form, { action: 'hold', seen: id })).status).toBe(409)
    const headers = { ...FORM, ...owner.cookie, Origin: BASE, Accept: 'application/json' }
    for (const action of ['hold', 'publish']) {
      const body = new URLSearchParams({ action, ids: id }).toString()
      const many = await world.request('/admin/comments', { method: 'POST', headers, body })
      expect(await many.json()).toMatchObject({ changed: [] })
    }
    const client = await aClient(world)
    for (const [tool, given] of [
      ['reply_to_entry', { id, body: 'Thanks' }],
      ['moderate_entry', { id, status: 'held' }],
    ] as const) {
      const { isError, text } = await use(client, tool, given)
      expect([isError, JSON.parse(text)]).toMatchObject([true, { status: 409, code: 'private' }])
    }
    expect(await rows()).toEqual(before)
    // Everything else is possible.
    expect((await world.api('PATCH', path, { body: 'For me alone' })).status).toBe(200)
    expect((await world.api('PATCH', path, { status: 'spam' })).status).toBe(200)
    expect((await world.api('PATCH', path, { status: 'hidden' })).status).toBe(200)
  })

  it('can remove a reply to a private entry that an earlier version has accepted, and take the entry out of the queue', async () => {
    const world = await withoutModeration(new World())
    const { id } = await aComment(world, SECRET)
    await env.DB.prepare("update comments set reply = 'Thanks', replied_at = 1, status = 'held'").run()
    expect((await world.api('PATCH', `/api/comments/${id}`, { body: 'Corrected' })).status).toBe(200)
    expect((await world.api('DELETE', `/api/comments/${id}/reply`)).status).toBe(200)
    expect((await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })).status).toBe(200)
    expect(await rows()).toMatchObject([{ status: 'hidden', reply: null, body: 'Corrected' }])
  })
})

describe('an import', () => {
  const answer = { type: 'entry', name: 'Owner', body: 'The answer', by_owner: true, parent: '1' }
  const entry = { type: 'entry', id: '1', name: 'Ada', body: 'For you', is_private: true, created_at: '2020-01-01' }

  it.each([
    ['in one file', [[entry, { ...answer, id: '2' }]]],
    ['in two files', [[entry], [{ ...answer, id: '2' }]]],
  ])('keeps the answer to a private entry as a private entry of its own (%s)', async (_, files) => {
    const world = await withoutModeration(new World())
    for (const lines of files) {
      await importLines(world, lines.map((line) => JSON.stringify(line)).join('\n'))
      await world.drain()
    }
    const expected = { status: 'hidden', reason: 'private', is_private: 1, reply: null }
    expect(new Set((await rows()).map(({ body }) => body))).toEqual(new Set(['For you', 'The answer']))
    expect(await rows()).toMatchObject([expected, expected])
    expect(await (await world.request('/')).text()).not.toContain('The answer')
  })

  it('lets no private entry wait', async () => {
    const world = await withoutModeration(new World())
    await importLines(world, JSON.stringify({ ...entry, status: 'held' }))
    await world.drain()
    expect(await rows()).toMatchObject([{ status: 'hidden', reason: 'private', is_private: 1 }])
  })
})
