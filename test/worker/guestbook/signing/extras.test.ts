import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { THEME_SLUGS } from '../../../../src/guestbook/rules/looks/themes'
import { aComment } from '../../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

async function aBook(settings: Record<string, unknown>) {
  const world = await withoutModeration(new World())
  const { status } = await world.api('PATCH', '/api/books/main', settings)
  expect(status).toBe(200)
  return world
}

const home = async (world: World) => (await world.request('/')).text()

it('the owner can answer the questions of a book, and need not prove to be a person', async () => {
  const world = new World()
  const asked = (text: string, expected: string | null) => ({ text, is_required: true, expected })
  const questions = [asked('How did you get here?', null), asked('2 + 2?', '4')]
  await world.api('PATCH', '/api/books/main', { questions })
  const sent = { name: 'Ada', body: 'Hello', answers: ['A webring', 'five'] }
  const answers = [{ question: 'How did you get here?', answer: 'A webring' }]
  expect(await world.api('POST', '/api/comments', sent)).toMatchObject({ status: 201, body: { answers } })
  const made = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' })
  expect(made).toMatchObject({ status: 201, body: { answers: [] } })
  const path = `/api/comments/${made.body.id}`
  expect(await world.api('PATCH', path, { body: 'Hello', answers: [] })).toMatchObject({
    status: 200,
    body: { answers: [] },
  })
})

describe('mood and place', () => {
  it('are asked for, shown, part of the API, and kept after an error', async () => {
    const world = await aBook({ asks_for: ['mood', 'place'] })
    const refused = await signAsGuest(world, { name: '', mood: 'happy', place: 'x'.repeat(61) })
    expect(refused.status).toBe(422)
    const form = await refused.text()
    expect(form).toContain('value="happy"')
    expect(form).toMatch(/61 characters[^<]* 60\b/)
    await signAsGuest(world, { mood: '<b>curious</b>', place: 'Lisbon' })
    expect(await home(world)).toContain('Writes from Lisbon')
    expect(await home(world)).toContain('Feels &lt;b&gt;curious&lt;/b&gt;')
    const { body } = await world.api<{ data: unknown[] }>('GET', '/api/comments', undefined, {})
    expect(body.data).toMatchObject([{ mood: '<b>curious</b>', place: 'Lisbon' }])
  })

  it('are shown in the preview', async () => {
    const world = await aBook({ asks_for: ['mood'] })
    const shown = await (await signAsGuest(world, { mood: 'happy', preview: 'yes' })).text()
    expect(shown).toContain('Feels happy')
  })

  it.each([
    ['a mood', { mood: 'Visit my casino' }],
    ['a place', { place: 'Visit my casino' }],
    ['an answer', { answers: ['Visit my casino'] }],
  ])('are looked at for blocked texts, as answers are: %s', async (_, more) => {
    const questions = [{ text: 'How did you find me?' }]
    const world = await aBook({ asks_for: ['mood', 'place'], questions, blocked_words: ['casino'] })
    const input = { name: 'Ada', body: 'Hello', answers: [''], ...more }
    expect((await world.api('POST', '/api/comments', input, {})).status).toBe(201)
    const { body } = await world.api<{ data: unknown[] }>('GET', '/api/comments?status=spam')
    expect(body.data).toMatchObject([{ reason: 'word' }])
  })

  it('are ignored if the book does not ask for them', async () => {
    const world = await aBook({ asks_for: [] })
    await signAsGuest(world, { mood: 'happy', place: 'Lisbon' })
    const { body } = await world.api<{ data: unknown[] }>('GET', '/api/comments', undefined, {})
    expect(body.data).toMatchObject([{ mood: null, place: null }])
    expect(await home(world)).not.toContain('name="mood"')
  })
})

describe('a drawing', () => {
  const drawing = 'M10 20l5 3 4 -2M60 60l0 0'
  const entries = async (world: World, status = 'published') =>
    (
      await world.api<{ data: { id: string; drawing: string; reason: string }[] }>(
        'GET',
        `/api/comments?status=${status}`
      )
    ).body.data

  it('waits by default, then is shown on the page, in feeds, in the export and by the API', async () => {
    const world = await aBook({ drawings: 'held' })
    await signAsGuest(world, { drawing })
    expect(await home(world)).not.toContain(drawing)
    const [held] = await entries(world, 'held')
    expect(held).toMatchObject({ drawing, reason: 'drawing' })
    await world.api('PATCH', `/api/comments/${held?.id}`, { status: 'published' })
    for (const path of ['/', '/export.html', '/feed.atom', '/feed.json'])
      expect([path, await (await world.request(path)).text()]).toEqual([path, expect.stringContaining(drawing)])
    expect(await home(world)).toContain('aria-label="A drawing"')
  })

  it('need not wait if the owner says so, and stays when the text is edited', async () => {
    const world = await aBook({ drawings: 'on' })
    const { body } = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hello', drawing }, {})
    expect(body).toMatchObject({ status: 'published', drawing })
    await world.api('PATCH', `/api/comments/${body.id}`, { body: 'Changed' })
    expect(await entries(world)).toMatchObject([{ drawing }])
    await world.api('PATCH', `/api/comments/${body.id}`, { drawing: null })
    expect(await entries(world)).toMatchObject([{ drawing: null }])
  })

  it('is ignored unless the book allows it, and refused if it is anything but strokes', async () => {
    const off = await withoutModeration(new World())
    await signAsGuest(off, { drawing })
    expect(await entries(off)).toMatchObject([{ drawing: null }])
    expect(await home(off)).not.toContain('data-pad')
    await off.api('PATCH', '/api/books/main', { drawings: 'on' })
    expect(await home(off)).toContain('data-pad')
    const evil = { name: 'Ada', body: 'Hello', drawing: 'M1 1"/><script>alert(1)</script>' }
    const { status, body } = await off.api('POST', '/api/comments', evil, {})
    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path: 'drawing' })]])
  })
})

describe('the face that a guest chooses', () => {
  it('is a picture of the entry, whose file is not part of the Worker', async () => {
    const world = await aBook({ avatars: 'face' })
    await signAsGuest(world, { avatar: 'cat' })
    const [, path = ''] = /<article.*?<img class="avatar" src="([^"]+)"/s.exec(await home(world)) ?? []
    expect(path).toMatch(/^\/faces\/.*cat\.svg$/)
    // Browsers keep the first address, whose picture was broken, so the picture has another one.
    const former = await world.request('/faces/cat.svg', { redirect: 'manual' })
    expect([former.status, former.headers.get('Location')]).toEqual([301, path])
    expect(path).not.toBe('/faces/cat.svg')
    for (const file of ['constructor.svg', 'cat.svg.svg', '.svg'])
      expect((await world.request(`/faces/${file}`)).status).toBe(404)
  })
})

describe("the owner's smileys", () => {
  it('stand in the bar with the emoji that the page shows for their text', async () => {
    const world = await aBook({ own_smileys: [{ text: ':-)', emoji: '🐱' }], smileys: true })
    const html = await (await world.request('/')).text()
    const bar = /data-smileys="([^"]+)"/.exec(html)?.[1] ?? ''
    expect(bar).toMatch(/^:-\) 🐱 :\) 🙂 /u)
    expect(bar.split(' ').filter((one) => one === '🐱')).toHaveLength(1)
  })

  it('are shown as emoji, also without the classic ones', async () => {
    const world = await aBook({ own_smileys: [{ text: ':parrot:', emoji: '🦜' }], smileys: false })
    await aComment(world, { body: 'Look :parrot: :-)' })
    expect(await home(world)).toContain('Look <span title=":parrot:">🦜</span> :-)')
  })

  it('are refused with the number of the wrong one', async () => {
    const own_smileys = [
      { text: ':a:', emoji: '🦜' },
      { text: ':b:', emoji: '<b>' },
    ]
    const { body } = await new World().api('PATCH', '/api/books/main', { own_smileys })
    expect(body).toMatchObject({ errors: [{ path: 'own_smileys', message: expect.stringMatching(/2: .*emoji/) }] })
  })
})

describe('the countries of the guests', () => {
  it('are shown only if the owner wants them, for published entries, the most frequent first', async () => {
    const world = await aBook({ shows_countries: true })
    for (const [country, status] of [
      ['PT', 'published'],
      ['JP', 'published'],
      ['JP', 'published'],
      ['T1', 'published'],
      ['FR', 'hidden'],
    ] as const) {
      const { id } = await aComment(world)
      await env.DB.prepare('update comments set country = ?1, status = ?2 where id = ?3')
        .bind(country, status, id)
        .run()
    }
    await world.api('PATCH', '/api/books/main', { banner: 'x' })
    const html = await home(world)
    expect(html).toMatch(/aria-label="Japan"[^>]*>🇯🇵<.*aria-label="Portugal"[^>]*>🇵🇹</s)
    expect(html).not.toMatch(/🇫🇷|>T1</)
    await world.api('PATCH', '/api/books/main', { shows_countries: false })
    expect(await home(world)).not.toContain('🇯🇵')
  })
})

describe('the numbers of the entries', () => {
  it('are shown unless the owner turns them off, also on the page of an entry', async () => {
    const world = await aBook({})
    const { id } = await aComment(world)
    const entry = async () => (await world.request(`/comments/${id}`)).text()
    expect(await home(world)).toContain('No. 1<')
    await world.api('PATCH', '/api/books/main', { show_numbers: false })
    for (const html of [await home(world), await entry()]) {
      expect(html).toContain(`id="${id}"`)
      expect(html).not.toContain('No. 1<')
    }
  })
})

describe('the button', () => {
  it('is a picture of 88 by 31 pixels with the title, and its HTML leads to the book', async () => {
    const world = await aBook({ title: 'Ada & "friends" <3' })
    const response = await world.request('/button.svg')
    expect(response.headers.get('Content-Type')).toBe('image/svg+xml')
    const svg = await response.text()
    expect(svg).toContain('width="88" height="31"')
    expect(svg).toContain('Ada &amp; "friends" &lt;3')
    expect(await home(world)).toContain(
      '&lt;a href=&quot;https://guestbook.example.com/&quot;&gt;&lt;img src=&quot;https://guestbook.example.com/button.svg&quot;'
    )
    expect((await world.request('/b/none/button.svg')).status).toBe(404)
  })
})

describe('the preview of a theme', () => {
  it('shows the book in each theme to the owner, and only in the dashboard', async () => {
    const world = await aBook({ theme: 'plain' })
    const browser = await ownerBrowser(world)
    for (const theme of THEME_SLUGS) {
      const shown = await browser.get(`/admin/books/main/preview?theme=${theme}`)
      expect(await shown.text()).toContain(`/themes/${theme}.css`)
      expect(shown.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'self'")
      expect(shown.headers.get('X-Frame-Options')).toBe('SAMEORIGIN')
    }
    expect((await world.request('/admin/books/main/preview?theme=zine')).status).toBe(303)
    expect((await browser.get('/admin/books/none/preview')).status).toBe(404)
    expect(await home(world)).toContain('/themes/plain.css')
  })
})

describe('the settings of a book', () => {
  it('keep smileys, moods and checks that the form has saved', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const form = {
      title: 'My Guestbook',
      language: 'auto',
      theme: 'zine',
      avatars: 'none',
      form_place: 'page',
      drawings: 'held',
      moderation: 'all',
      max_links: '2',
      daily_quota_mb: '5',
      own_smileys: ':parrot: 🦜\n\n:tea:   🍵',
      asks_place: 'on',
      shows_countries: 'on',
      proof_of_work: 'on',
    }
    expect((await browser.submit('/admin/books/main', form)).status).toBe(303)
    expect((await world.api('GET', '/api/books/main')).body).toMatchObject({
      own_smileys: [
        { text: ':parrot:', emoji: '🦜' },
        { text: ':tea:', emoji: '🍵' },
      ],
      asks_for: ['place'],
      shows_countries: true,
      proof_of_work: true,
      turnstile: false,
    })
    const html = await (await browser.get('/admin/books/main')).text()
    expect(html).toContain(':parrot: 🦜\n:tea: 🍵')
    expect(html).toMatch(/name="asks_place" checked/)
    expect(await browser.submit('/admin/books/main', { ...form, turnstile: 'on' })).toMatchObject({ status: 422 })
  })
})
