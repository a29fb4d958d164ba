import { describe, expect, it } from 'vitest'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { aComment } from '../../../support/fixtures'
import { FORM, ownerBrowser, signAsGuest, withoutModeration, withoutStamp } from '../../../support/session'
import { World } from '../../../support/world'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const SECRET = 'the-expected-answer'

/** @returns what the last request has cost */
function lastCosts(world: World) {
  const { rowsRead, d1RoundTrips, rowsWritten } = world.invocations.at(-1)?.counts ?? {}
  return { rowsRead, d1RoundTrips, rowsWritten }
}

async function embedded(world: World, query = '', headers: Record<string, string> = {}) {
  const { status, body } = await world.api<Embedded>('GET', `/api/books/main/embed${query}`, undefined, headers)
  expect(status).toBe(200)
  return body
}

interface Embedded {
  language: string
  direction: string
  texts: Record<string, string>
  notices: Record<string, string>
  moods: string[]
  faces: { avatar: string; name: string; url: string }[]
  drawings: boolean
}

describe('what a script needs to embed a book', () => {
  it('says which entries wait, and which marks work', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { moderation: 'all', markup: true })
    const hint = `${EN.your_message} (${EN.markup_hint})`
    expect((await embedded(world)).texts).toMatchObject({ waits: EN.waits_all, your_message: hint })
    await world.api('PATCH', '/api/books/main', { moderation: 'first', markup: false })
    expect((await embedded(world)).texts).toMatchObject({ waits: EN.waits_first, your_message: EN.your_message })
    await world.api('PATCH', '/api/books/main', { moderation: 'none' })
    expect((await embedded(world)).texts).not.toHaveProperty('waits')
  })

  it('is the book, its questions, the limits and the texts, without any expected answer', async () => {
    const world = new World()
    const questions = [
      { text: 'How did you find me?', is_required: false },
      { text: 'What is the password?', is_required: false, expected: SECRET },
    ]
    await world.api('PATCH', '/api/books/main', { title: 'My corner', questions, allows_private: false })
    await aComment(world)
    const book = await embedded(world)
    expect(book).toMatchObject({
      slug: 'main',
      title: 'My corner',
      language: 'en',
      direction: 'ltr',
      is_open: true,
      comment_count: 1,
      url: 'https://guestbook.example.com/',
      allows_private: false,
      questions: [
        { text: 'How did you find me?', is_required: false },
        { text: 'What is the password?', is_required: true },
      ],
      limits: { name: 80, website: 300, body: 4000, answer: 200 },
      texts: { sign: 'Sign it!' },
      notices: { too_many_requests: EN.too_many },
    })
    expect(JSON.stringify(book)).not.toContain(SECRET)
    expect(JSON.stringify(book)).not.toContain('expected')
  })

  it('has the moods, the faces and the pad that the form of the page has, and none that it has not', async () => {
    const world = new World()
    expect(await embedded(world)).toMatchObject({ moods: [], faces: [], drawings: false })
    await world.api('PATCH', '/api/books/main', { asks_for: ['mood'], avatars: 'face', drawings: 'held' })
    const { moods, faces, drawings } = await embedded(world)
    expect([moods[0], drawings]).toEqual(['happy 😀', true])
    const page = await (await world.request('/')).text()
    for (const { avatar, name, url } of faces) {
      expect(page).toContain(`value="${avatar}"`)
      expect(page).toContain(`src="${url.replace('https://guestbook.example.com', '')}" alt="${name}"`)
    }
    expect(faces.length).toBe(page.match(/name="avatar" value="\w/g)?.length)
  })

  it('is in the language of the page, else in that of the book, else in that of the browser', async () => {
    const world = new World()
    const ja = { 'Accept-Language': 'ja' }
    expect(await embedded(world, '?language=ar-EG', ja)).toMatchObject({ language: 'ar', direction: 'rtl' })
    expect(await embedded(world, '?language=tlh', ja)).toMatchObject({ language: 'ja' })
    expect(await embedded(world, '', {})).toMatchObject({ language: 'en' })
    await world.api('PATCH', '/api/books/main', { language: 'fr' })
    expect(await embedded(world, '?language=tlh', ja)).toMatchObject({ language: 'fr' })
    expect(await embedded(world, '?language=de', ja)).toMatchObject({ language: 'de', texts: { sign: 'Eintragen!' } })
  })

  it('can be read from every site, and costs one row as long as nothing changes', async () => {
    const world = new World()
    for (let i = 0; i < 25; i++) await aComment(world)
    const path = '/api/books/main/embed?language=de'
    const first = await world.request(path)
    expect(first.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(first.headers.get('Vary')).toBe('Accept-Language')
    const etag = first.headers.get('ETag') ?? ''
    for (const isolate of [world, new World()]) {
      const again = await isolate.request(path, { headers: { 'If-None-Match': etag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
      expect(lastCosts(isolate)).toEqual({ rowsRead: 1, d1RoundTrips: 1, rowsWritten: 0 })
    }
    await world.api('PATCH', '/api/books/main', { title: 'Other' })
    expect((await world.request(path, { headers: { 'If-None-Match': etag } })).status).toBe(200)
  })

  it('does not exist for a book that does not exist', async () => {
    const world = new World()
    expect((await world.api('GET', '/api/books/none/embed')).status).toBe(404)
    expect((await world.api('GET', `/api/books/main/embed?language=${'x'.repeat(101)}`)).status).toBe(422)
  })
})

describe('the API for guests', () => {
  it('explains errors in the language of the guest, and in English to programs', async () => {
    const world = new World()
    const explain = async (language: string | null) => {
      const headers = { ...JSON_TYPE, ...(language !== null && { 'Accept-Language': language }) }
      const { body } = await world.api<{ errors: { message: string }[] }>(
        'POST',
        '/api/comments',
        { name: '', body: 'x' },
        headers
      )
      return body.errors[0]?.message
    }
    expect(await explain('de-AT')).toMatch(/Hier fehlt etwas/)
    for (const program of ['*', null]) expect(await explain(program)).toMatch(/Your name .*empty/)
  })
})

describe('the page for frames', () => {
  it('can be framed by every site, and loads nothing from other hosts; no other page can be framed', async () => {
    const world = await withoutModeration(new World())
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    for (const path of [
      '/embed/main',
      '/embed/summer',
      '/embed/main?signed=held',
      '/embed/none',
      '/embed/main?before=x',
    ]) {
      const { headers } = await world.request(path)
      expect(headers.get('X-Frame-Options')).toBeNull()
      const policy = headers.get('Content-Security-Policy') ?? ''
      expect(policy).toContain('frame-ancestors *')
      expect(policy.replace('frame-ancestors *', '')).not.toMatch(/unsafe|https?:|\*/)
      expect(headers.get('X-Robots-Tag')).toBe('noindex')
    }
    for (const path of ['/', '/b/summer', '/admin/login', '/embed']) {
      const { headers } = await world.request(path)
      expect([path, headers.get('X-Frame-Options')]).toEqual([path, 'DENY'])
      expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    }
  })

  it('opens links in the whole window, and its form and its older entries in the frame', async () => {
    const world = new World()
    for (let i = 1; i <= 21; i++) await aComment(world, { name: `Guest ${i}` })
    const html = await (await world.request('/embed/main')).text()
    expect(html).toContain('<base target="_top"/>')
    expect(html).toMatch(/<form method="post" action="\/embed\/main\/sign" target="_self">/)
    const older = /rel="next" href="(\/embed\/main\?page=2)#entries" target="_self"/.exec(html)?.[1] ?? ''
    expect(html).not.toMatch(/href="\/(admin|docs)/)
    expect(html).toContain('<a href="/">')
    const next = await (await world.request(older)).text()
    expect(next).toContain('<bdi>Guest 1</bdi>')
    expect(next).toContain('href="/embed/main#entries" target="_self"')
  })

  it('signs the book, and thanks the guest inside the frame', async () => {
    const world = await withoutModeration(new World())
    const response = await signAsGuest(world, { name: 'Framed' }, { path: '/embed/main/sign' })
    expect([response.status, response.headers.get('Location')]).toEqual([303, '/embed/main?signed=published#thanks'])
    const html = await (await world.request('/embed/main?signed=published')).text()
    expect(html).toContain(EN.thanks_published)
    expect(html).toContain('Framed')
    expect(await (await world.request('/')).text()).toContain('Framed')
  })

  it('keeps what was typed after an error and in a preview', async () => {
    const world = new World()
    for (const [fields, status] of [
      [{ name: 'Typed name', website: 'javascript:x', body: 'Typed text' }, 422],
      [{ name: 'Typed name', body: 'Typed text', preview: 'yes' }, 200],
    ] as const) {
      const body = new URLSearchParams(fields).toString()
      const response = await world.request('/embed/main/sign', { method: 'POST', headers: FORM, body })
      const html = await response.text()
      expect(response.status).toBe(status)
      expect(html).toContain('value="Typed name"')
      expect(html).toContain('Typed text</textarea>')
      expect(html).toContain('action="/embed/main/sign"')
    }
  })

  it('costs one row as long as nothing changes', async () => {
    const world = new World()
    for (let i = 0; i < 25; i++) await aComment(world)
    const first = await world.request('/embed/main')
    const headers = { 'If-None-Match': first.headers.get('ETag') ?? '' }
    expect((await world.request('/embed/main', { headers })).status).toBe(304)
    expect(lastCosts(world)).toEqual({ rowsRead: 1, d1RoundTrips: 1, rowsWritten: 0 })
    const html = withoutStamp(await first.text())
    expect(withoutStamp(await (await world.request('/embed/main')).text())).toBe(html)
    expect(withoutStamp(await (await world.request('/')).text())).not.toBe(html)
  })

  it('does not exist for a book that does not exist', async () => {
    const world = new World()
    expect((await world.request('/embed/none')).status).toBe(404)
    expect((await signAsGuest(world, {}, { path: '/embed/none/sign' })).status).toBe(404)
  })
})

describe('the dashboard', () => {
  it('has both snippets with the public address, and a preview of both', async () => {
    const world = new World({ PUBLIC_URL: 'https://public.example' })
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const browser = await ownerBrowser(world)
    expect(await (await browser.get('/admin/books/summer')).text()).toContain('href="/admin/books/summer/embed"')
    const response = await browser.get('/admin/books/summer/embed')
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("frame-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    const html = await response.text()
    const copied = [...html.matchAll(/data-copy="([^"]*)"/g)].map(([, text = '']) => text.replaceAll('&quot;', '"'))
    expect(copied[0]).toContain('src="https://public.example/embed.js"')
    expect(copied[0]).toContain('href="https://public.example/b/summer"')
    expect(await (await browser.get('/admin/books/main/embed')).text()).toContain(
      'https://public.example/&quot;&gt;Sign'
    )
    expect(copied[2]).toContain('src="https://public.example/embed/summer"')
    expect(html).toContain('<guest-book book="summer"')
    expect(html).toContain('<iframe src="/embed/summer"')
    expect((await browser.get('/admin/books/none/embed')).status).toBe(404)
    expect((await world.request('/admin/books/summer/embed')).status).toBe(303)
  })
})
