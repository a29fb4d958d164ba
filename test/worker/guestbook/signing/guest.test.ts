import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { guestBrowser, partOf, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

interface Comment {
  id: string
  status: string
  edit_token: string
  editable_until: string
  name: string
  body: string
}

function asGuest(world: World, input: Record<string, unknown>, headers: Record<string, string> = {}) {
  return world.api<Comment>('POST', '/api/comments', { name: 'Ada', body: 'Hello', ...input }, headers)
}

/** Another character of base64url. */
const otherThan = (char: string) => (char === 'A' ? 'B' : 'A')

async function statusOf(world: World, id: string): Promise<string> {
  return (await world.api<Comment>('GET', `/api/comments/${id}`)).body.status
}

describe('the first entry of a guest', () => {
  it('waits, is never lost, and later entries of a guest who was approved do not wait', async () => {
    const world = await withModeration(new World())
    const browser = guestBrowser(world)
    const first = await browser.sign({ body: 'My first' })
    expect(first.headers.get('Location')).toBe('/?signed=held#thanks')
    const thanks = await (await browser.get('/?signed=held')).text()
    expect(thanks).toContain(EN.thanks_held)
    expect(await (await world.request('/')).text()).not.toContain('My first')
    const held = await world.api<{ data: Comment[] }>('GET', '/api/comments?status=held')
    expect(held.body.data).toMatchObject([{ body: 'My first' }])
    expect((await browser.sign({ body: 'Too early' })).headers.get('Location')).toBe('/?signed=held#thanks')
    for (const { id } of (await world.api<{ data: Comment[] }>('GET', '/api/comments?status=held')).body.data) {
      await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    }
    expect((await browser.sign({ body: 'My next' })).headers.get('Location')).toBe('/?signed=published#thanks')
    const other = await guestBrowser(world).sign({ body: 'Another guest' })
    expect(other.headers.get('Location')).toBe('/?signed=held#thanks')
  })

  it('waits for programs, too, which prove with the token of an earlier comment that it was published', async () => {
    const world = await withModeration(new World())
    const first = await asGuest(world, {})
    expect(first).toMatchObject({ status: 201, body: { status: 'held' } })
    const proof = { Authorization: `Bearer ${first.body.edit_token}` }
    expect((await asGuest(world, { body: '2' }, proof)).body.status).toBe('held')
    await world.api('PATCH', `/api/comments/${first.body.id}`, { status: 'published' })
    expect((await asGuest(world, { body: '3' }, proof)).body.status).toBe('published')
    const forged = { Authorization: `Bearer ${first.body.edit_token.replace(/.(?=.{10}$)/, otherThan)}` }
    expect((await asGuest(world, { body: '4' }, forged)).body.status).toBe('held')
  })
})

describe('the form', () => {
  it.each([
    ['sent too fast', { shownMs: 500 }, {}, 'held', 'too_fast'],
    ['with a forged stamp', {}, { stamp: `${Date.now() - 60_000}.AAAA` }, 'held', 'too_fast'],
    ['with the hidden field', {}, { homepage: 'x' }, 'spam', 'honeypot'],
  ])('%s holds up the entry, and says so only to the owner', async (_, options, fields, status, reason) => {
    const world = await withoutModeration(new World())
    const response = await signAsGuest(world, fields, options)
    expect(response.headers.get('Location')).toBe('/?signed=held#thanks')
    const list = await world.api<{ data: Comment[] }>('GET', `/api/comments?status=${status}`)
    expect(list.body.data).toMatchObject([{ status, reason }])
  })

  it('takes the same text once, and holds it up after that', async () => {
    const world = await withoutModeration(new World())
    const locations: (string | null)[] = []
    for (const body of ['Same  text', 'same text', 'other']) {
      locations.push((await signAsGuest(world, { body })).headers.get('Location'))
    }
    expect(locations.map((one) => one?.match(/\w+(?=#)/)?.[0])).toEqual(['published', 'held', 'published'])
  })

  it('remembers only texts that were accepted, so that neither a refused text nor a preview costs or changes anything', async () => {
    const world = await withoutModeration(new World())
    const normalize = vi.spyOn(String.prototype, 'normalize')
    // The time to normalize a run of marks grows with the square of its length.
    const marks = `a${'\u0301'.repeat(8_000)}`
    expect((await signAsGuest(world, { body: marks })).status).toBe(422)
    expect((await asGuest(world, { body: marks })).status).toBe(422)
    const lengths = normalize.mock.contexts.map((text) => String(text).length)
    normalize.mockRestore()
    expect(lengths.length).toBeGreaterThan(0)
    expect(Math.max(...lengths)).toBeLessThan(1_000)
    for (let i = 0; i < 2; i++) await signAsGuest(world, { body: 'Only shown so far', preview: 'yes' })
    const signed = await signAsGuest(world, { body: 'Only shown so far' })
    expect(signed.headers.get('Location')).toContain('published')
  })

  it('shows a preview without storing anything, and keeps what was typed', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { questions: [{ text: 'How did you find me?' }] })
    const response = await signAsGuest(world, { preview: 'yes', body: '<b>Hi</b>', answer_0: 'A webring' })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain(EN.preview_heading)
    expect(partOf(html, 'class="preview"')).toMatch(new RegExp(`${EN.sign}$`))
    expect(html.match(/&lt;b&gt;Hi/g)).toHaveLength(2)
    expect(html).toContain('value="A webring"')
    const all = await world.api<{ data: Comment[] }>('GET', '/api/comments?status=held')
    expect(all.body.data).toEqual([])
  })

  it('asks the questions of the book, and refuses a wrong answer with words', async () => {
    const world = await withoutModeration(new World())
    const questions = [{ text: 'How did you find me?' }, { text: 'Color of the sky?', expected: 'blue' }]
    expect((await world.api('PATCH', '/api/books/main', { questions })).status).toBe(200)
    const wrong = await signAsGuest(world, { answer_0: 'A webring', answer_1: 'green', body: 'Keep me' })
    expect(wrong.status).toBe(422)
    const html = await wrong.text()
    expect(html).toContain(`id="e-answers.1">${EN.fault_wrong_answer}`)
    expect(html).toContain('Keep me</textarea>')
    expect(html).toMatch(/<title>Error: /)
    expect(html).not.toContain('blue')
    await signAsGuest(world, { answer_0: 'A webring', answer_1: ' BLUE ' })
    const page = await (await world.request('/')).text()
    expect(page).toContain('<dd dir="auto">A webring</dd>')
    expect(page).not.toContain('BLUE')
    const list = await world.api<{ data: object[] }>('GET', '/api/comments')
    expect(list.body.data).toMatchObject([{ answers: [{ question: 'How did you find me?', answer: 'A webring' }] }])
    expect(await asGuest(world, { answers: ['x', 'green'] })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'answers.1' }] },
    })
  })

  it('gives each answer to its question, although the owner has moved, added or removed questions meanwhile', async () => {
    const world = await withoutModeration(new World())
    const ask = (...questions: object[]) => world.api('PATCH', '/api/books/main', { questions })
    const [capital, color] = [{ text: 'Capital of France?', expected: 'Paris' }, { text: 'Color?' }]
    const fields = (html: string) => [...html.matchAll(/ name="(answer_\w+)"/g)].map(([, name = '']) => name)
    const stored = async () => (await world.api<{ data: Comment[] }>('GET', '/api/comments?limit=1')).body.data
    await ask(capital, color)
    // On the page, those that must be answered come first.
    const [paris = '', blue = ''] = fields(await (await world.request('/')).text())
    await ask(color)
    const browser = guestBrowser(world)
    await browser.sign({ [paris]: 'Paris', [blue]: 'blue' })
    expect(await stored()).toMatchObject([{ answers: [{ question: 'Color?', answer: 'blue' }] }])
    const edit = `/comments/${(await stored())[0]?.id}/edit`
    const [again = ''] = fields(await (await browser.get(edit)).text())
    await ask({ text: 'Shape?' }, color)
    await browser.post(edit, { name: 'Ada', body: 'Hello', [again]: 'red' })
    expect(await stored()).toMatchObject([{ answers: [{ question: 'Color?', answer: 'red' }] }])
  })

  it('tells two questions with the same text apart', async () => {
    const world = await withoutModeration(new World())
    const questions = [{ text: 'And why?' }, { text: 'Where?' }, { text: 'And why?' }]
    await world.api('PATCH', '/api/books/main', { questions })
    const html = await (await world.request('/')).text()
    const names = [...html.matchAll(/ name="(answer_\w+)"/g)].map(([, name = '']) => name)
    await signAsGuest(world, Object.fromEntries(names.map((name, i) => [name, `answer ${i}`])))
    const { body } = await world.api<{ data: { answers: { answer: string }[] }[] }>('GET', '/api/comments')
    expect(body.data[0]?.answers.map(({ answer }) => answer)).toEqual(['answer 0', 'answer 1', 'answer 2'])
  })

  it('asks no guest for a blank answer that an earlier version has stored', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { questions: [{ text: 'How are you?', expected: 'fine' }] })
    await env.DB.prepare(`update books set settings = replace(settings, '"fine"', '"  "')`).run()
    const fresh = new World()
    expect(await asGuest(fresh, { answers: ['Well'] })).toMatchObject({ status: 201 })
    expect((await signAsGuest(fresh, {})).status).toBe(303)
  })

  it('takes a blank expected answer for none, and refuses one that no guest could give', async () => {
    const world = await withoutModeration(new World())
    for (const expected of ['', ' ', '\u200b']) {
      const questions = [{ text: 'How are you?', expected }]
      const { body } = await world.api('PATCH', '/api/books/main', { questions })
      expect(body).toMatchObject({ questions: [{ expected: null }] })
    }
    expect(await asGuest(world, { answers: ['Well'] })).toMatchObject({ status: 201 })
    const questions = [{ text: 'How are you?', expected: 'a\u202eb' }]
    expect((await world.api('PATCH', '/api/books/main', { questions })).status).toBe(422)
  })

  it('returns to a page of the owner only if the owner has allowed its site', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { return_origins: ['https://ada.example'] })
    const shown = await (await world.request('/?return_to=https://ada.example/guests%23x')).text()
    expect(shown).toContain('name="return_to" value="https://ada.example/guests#x"')
    const back = await signAsGuest(world, { return_to: 'https://ada.example/guests#x' })
    expect(back.headers.get('Location')).toBe('https://ada.example/guests#x')
    for (const evil of [
      'https://evil.example',
      'https://ada.example.evil.example',
      'https://x@ada.example',
      'https://:x@ada.example/',
      'blob:https://ada.example/x',
      'javascript:1',
      '//ada.example',
      'https://ada.example:81/',
    ]) {
      const answer = await signAsGuest(world, { body: evil, return_to: evil })
      expect([evil, answer.headers.get('Location')]).toEqual([evil, '/?signed=published#thanks'])
      expect(await (await world.request(`/?return_to=${encodeURIComponent(evil)}`)).text()).not.toContain('return_to')
    }
  })
})

describe('a private entry', () => {
  it('keeps its box in a form that is shown again, although the owner has removed it in the meantime', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { allows_private: false })
    for (const again of [{ preview: 'yes' }, { body: '' }]) {
      const box = /<input type="checkbox" name="is_private"[^>]*>/
      expect(await (await signAsGuest(world, { is_private: 'on', ...again })).text()).toMatch(box)
      expect(await (await signAsGuest(world, again)).text()).not.toMatch(box)
    }
  })

  it('is for the owner alone: on no page, in no list and in no event, and can never be published', async () => {
    const world = await withoutModeration(new World())
    const box = mailbox()
    await anEndpoint(world, box.url())
    const signed = await signAsGuest(world, { body: 'Only for you', is_private: 'on' })
    expect(signed.headers.get('Location')).toBe('/?signed=private#thanks')
    expect(await (await world.request('/?signed=private')).text()).toContain(EN.thanks_private)
    const { body } = await asGuest(world, { body: 'Also only for you', is_private: true })
    expect(body).toMatchObject({ status: 'hidden', is_private: true })
    await world.drain()
    expect(await box.received()).toEqual([])
    for (const path of ['/', '/api/comments', `/comments/${body.id}`, `/api/comments/${body.id}`]) {
      expect(await (await world.request(path)).text()).not.toContain('nly for you')
    }
    const list = await world.api<{ data: Comment[] }>('GET', '/api/comments?status=hidden')
    expect(list.body.data).toHaveLength(2)
    const refused = await world.api('PATCH', `/api/comments/${body.id}`, { status: 'published' })
    expect(refused).toMatchObject({ status: 409, body: { code: 'private' } })
    expect((await world.api<{ comment_count: number }>('GET', '/api/books/main')).body.comment_count).toBe(0)
  })
})

describe('a guest’s own entry', () => {
  it('can be changed and deleted for 15 minutes, with a cookie', async () => {
    const world = await withoutModeration(new World())
    const browser = guestBrowser(world)
    await browser.sign({ body: 'With a tpyo' })
    const thanks = await (await browser.get('/?signed=published')).text()
    const path = /href="(\/comments\/cmt_\w+\/edit)"/.exec(thanks)?.[1] ?? ''
    expect(thanks).toMatch(/edit">[^<]*<\/a> \(until <time datetime="/)
    const form = await (await browser.get(path)).text()
    expect(form).toContain('With a tpyo</textarea>')
    expect(form).not.toContain('waits for approval again')
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    expect(await (await browser.get(path)).text()).toContain('waits for approval again')
    await withoutModeration(world)
    expect((await world.request(path)).status).toBe(403)
    const stranger = guestBrowser(world)
    await stranger.sign({ body: 'Mine' })
    expect((await stranger.get(path)).status).toBe(403)
    expect((await stranger.post(path, { name: 'Eve', body: 'Taken over' })).status).toBe(403)
    const bad = await browser.post(path, { name: 'Ada', body: '' })
    expect(bad.status).toBe(422)
    const saved = await browser.post(path, { name: 'Ada', body: 'Without a typo' })
    const id = path.split('/')[2]
    expect(saved.headers.get('Location')).toBe(`/?signed=edited&entry=${id}#thanks`)
    const page = await (await world.request('/')).text()
    expect(page).toContain('Without a typo')
    expect(page).toMatch(/ · edited(?! by)/)
    // An edit that has to wait is not on the page, so its guest learns why.
    for (const body of ['https://a.example/ https://b.example/ https://c.example/', 'Without a typo'])
      expect((await browser.post(path, { name: 'Ada', body })).headers.get('Location')).toBe(
        `/?signed=edited_held&entry=${id}#thanks`
      )
    expect(await (await browser.get('/?signed=edited_held')).text()).toContain(EN.thanks_edited_held)
    const removed = await browser.post(path.replace('edit', 'delete'))
    expect(removed.headers.get('Location')).toBe('/?signed=deleted#thanks')
    expect(await tablesWith('Without a typo')).toEqual([])
  })

  it('can be changed and deleted with the token of the API, from any site, but only as text', async () => {
    const world = await withoutModeration(new World())
    const box = mailbox()
    await anEndpoint(world, box.url())
    const { body } = await asGuest(world, { body: 'First' })
    const own = { Authorization: `Bearer ${body.edit_token}` }
    const path = `/api/comments/${body.id}`
    expect(Date.parse(body.editable_until) - Date.now()).toBeLessThanOrEqual(15 * 60_000)
    expect(await world.api('PATCH', path, { body: 'Second', name: 'Ada L.' }, own)).toMatchObject({
      status: 200,
      body: { name: 'Ada L.', body: 'Second', status: 'published' },
    })
    expect((await world.api('PATCH', path, { status: 'published' }, own)).status).toBe(403)
    const other = await asGuest(world, { body: 'Other' })
    expect((await world.api('PATCH', `/api/comments/${other.body.id}`, { body: 'x' }, own)).status).toBe(401)
    expect((await world.api('DELETE', path, undefined, own)).status).toBe(204)
    await world.drain()
    const types = (await box.received()).map((request) => JSON.parse(request.body).type)
    // What the entry said was erased before its first events were sent.
    expect(types.sort()).toEqual(['comment.published', 'comment.removed'])
  })

  it('follows the rules of the book again, so that nobody can slip in links after the approval', async () => {
    const world = await withoutModeration(new World())
    const { body } = await asGuest(world, {})
    const own = { Authorization: `Bearer ${body.edit_token}` }
    const links = 'https://a.example https://b.example https://c.example'
    const edited = await world.api<Comment>('PATCH', `/api/comments/${body.id}`, { body: links }, own)
    expect(edited.body.status).toBe('held')
    expect(await statusOf(world, body.id)).toBe('held')
  })

  it('belongs to the owner alone after 15 minutes', async () => {
    const world = await withoutModeration(new World())
    const { body } = await asGuest(world, {})
    const own = { Authorization: `Bearer ${body.edit_token}` }
    await env.DB.prepare('update comments set created_at = created_at - 900001').run()
    for (const method of ['PATCH', 'DELETE'] as const) {
      const late = await world.api(
        method,
        `/api/comments/${body.id}`,
        method === 'PATCH' ? { body: 'x' } : undefined,
        own
      )
      expect(late).toMatchObject({ status: 403, body: { code: 'too_late' } })
    }
  })

  it('is found out to be spam by nobody but the owner', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['Casino'] })
    expect((await asGuest(world, { body: 'Best CASINO' })).body.status).toBe('held')
    const list = await world.api<{ data: Comment[] }>('GET', '/api/comments?status=spam')
    expect(list.body.data).toMatchObject([{ reason: 'word' }])
  })
})

describe('spam', () => {
  it('looks like any entry to the guest, also in a private entry and after a change', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    expect((await asGuest(world, { body: 'casino', is_private: true })).body.status).toBe('hidden')
    const { body } = await asGuest(world, { body: 'An honest text' })
    const token = { Authorization: `Bearer ${body.edit_token}` }
    const changed = await world.api<Comment>('PATCH', `/api/comments/${body.id}`, { body: 'casino' }, token)
    expect(changed.body.status).toBe('held')
    expect(await statusOf(world, body.id)).toBe('spam')
  })
})

describe('a preview in a book that was closed', () => {
  it('is refused, and keeps the text', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { is_open: false })
    const shown = await signAsGuest(world, { body: 'Do not lose me', preview: 'yes' })
    expect(shown.status).toBe(403)
    expect(await shown.text()).toContain('Do not lose me')
  })
})
