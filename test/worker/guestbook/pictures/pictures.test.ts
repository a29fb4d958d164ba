import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { MAX_PICTURES, PICTURE_MAX_BYTES } from '../../../../src/guestbook/rules/looks/picture'
import { fromBase64, toBase64, utf8 } from '../../../../src/kit/lib/bytes'
import { DAY_MS } from '../../../../src/kit/lib/time'
import { PICTURES } from '../../../fixtures/pictures'
import { aComment } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { BASE, World } from '../../../support/world'

const PATH = '/api/books/main/pictures'
const ADMIN = '/admin/books/main/pictures'

interface Picture {
  id: string
  use: string
  url: string
}

const add = (world: World, input: object = {}, path = PATH) =>
  world.api<Picture>('POST', path, { content: PICTURES.gif, ...input })
const list = async (world: World, path = PATH) => (await world.api<{ data: Picture[] }>('GET', path)).body.data
const home = async (world: World) => (await world.request('/')).text()

async function aBook(world: World, slug = 'summer') {
  await world.api('POST', '/api/books', { slug, title: 'Summer' })
  return `/api/books/${slug}/pictures`
}

async function styles(world: World): Promise<string> {
  const [, path = ''] = /href="(\/styles\/[^"]+)"/.exec(await home(world)) ?? []
  return path === '' ? '' : (await world.request(path)).text()
}

describe('a picture of the owner', () => {
  it('is added, shown at the head of the page with its text, changed and removed', async () => {
    const world = new World()
    const { status, body } = await add(world, { alt: 'A "moth"' })
    expect([status, body]).toMatchObject([201, { use: 'header', type: 'gif', width: 3, height: 2, size: 43 }])
    const path = new URL(body.url).pathname
    const shown = `<img src="${path}" alt="A &quot;moth&quot;" width="3" height="2"`
    for (const page of ['/', '/embed/main']) expect(await (await world.request(page)).text()).toContain(shown)
    const changed = await world.api('PATCH', `${PATH}/${body.id}`, { use: 'none' })
    expect(changed).toMatchObject({ status: 200, body: { ...body, use: 'none', alt: 'A "moth"' } })
    expect(await home(world)).not.toContain(path)
    expect((await world.api('DELETE', `${PATH}/${body.id}`)).status).toBe(204)
    expect(await list(world)).toEqual([])
    for (const method of ['PATCH', 'DELETE'] as const)
      expect((await world.api(method, `${PATH}/${body.id}`, method === 'PATCH' ? {} : undefined)).status).toBe(404)
    expect((await world.request(path)).status).toBe(404)
  })

  it('may be as large as the limit in base64; other bodies about books are smaller', async () => {
    const world = new World()
    const full = new Uint8Array(PICTURE_MAX_BYTES)
    full.set(fromBase64(PICTURES.gif) ?? [])
    expect((await add(world, { content: toBase64(full), alt: 'é'.repeat(200) })).status).toBe(201)
    const large = { name: 'x'.repeat(64 * 1_024) }
    const paths = ['/api/books', '/api/books/main/bans']
    for (const path of paths) expect((await world.api('POST', path, large)).status).toBe(413)
  })

  it('is sent as what it is, and can do nothing if it is opened', async () => {
    const world = new World()
    for (const [name, content] of Object.entries(PICTURES)) {
      const { url } = (await add(world, { content })).body
      const response = await world.request(new URL(url).pathname)
      const type = { progressive: 'jpeg', lossless: 'webp', alpha: 'webp' }[name as 'alpha'] ?? name
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': `image/${type}`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'public, max-age=31536000, immutable',
      })
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(fromBase64(content))
    }
  })

  it('belongs to one book', async () => {
    const world = new World()
    const other = await aBook(world)
    const { id } = (await add(world)).body
    expect((await world.request(`/pictures/summer/${id}`)).status).toBe(404)
    expect((await world.api('PATCH', `${other}/${id}`, { use: 'tile' })).status).toBe(404)
    expect((await world.api('DELETE', `${other}/${id}`)).status).toBe(404)
    expect((await list(world)).map((one) => one.id)).toEqual([id])
    for (const path of ['/api/books/none/pictures', `/api/books/none/pictures/${id}`])
      expect((await world.api(path.endsWith('s') ? 'POST' : 'DELETE', path, { content: '' })).status).toBe(404)
  })

  it('is the only tile or divider', async () => {
    const world = new World()
    for (const body of ['one', 'two', 'three']) await aComment(world, { body })
    const before = await styles(world)
    const first = (await add(world, { use: 'tile' })).body
    const second = (await add(world, { use: 'divider' })).body
    expect([before, await styles(world)]).toEqual(['', expect.stringContaining(`url(${new URL(first.url).pathname})`)])
    const page = await home(world)
    expect(page.split(`<img class="divider" src="${new URL(second.url).pathname}" alt=""`)).toHaveLength(3)
    await world.api('PATCH', `${PATH}/${second.id}`, { use: 'tile' })
    expect((await list(world)).map(({ id, use }) => [id, use])).toEqual([
      [first.id, 'none'],
      [second.id, 'tile'],
    ])
    expect(await styles(world)).toContain(second.id)
    expect(await home(world)).not.toContain('class="divider"')
  })

  it('is refused beyond the limit, also if several come at once', async () => {
    const world = new World()
    for (let i = 0; i < MAX_PICTURES - 2; i++) await add(world)
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await add(world)).status))
    expect(statuses.toSorted()).toEqual([201, 201, 409, 409, 409])
    expect(await list(world)).toHaveLength(MAX_PICTURES)
    const { status, body } = await add(world, {}, await aBook(world))
    expect([status, body.use]).toEqual([201, 'header'])
    expect(await (await ownerBrowser(world)).see(ADMIN)).toMatch(/limit/)
  })

  it.each([
    ['no base64', 'R0lGODlh!', 'content'],
    ['SVG', toBase64(utf8('<svg xmlns="http://www.w3.org/2000/svg"></svg>')), 'content'],
    ['a page behind a picture', toBase64(utf8(`${atob(PICTURES.gif)}<script>alert(1)</script>`)), 'content'],
    ['nothing', '', 'content'],
  ])('is refused if it is %s, and nothing is stored', async (_, content, path) => {
    const world = new World()
    expect(await add(world, { content })).toMatchObject({ status: 422, body: { errors: [{ path }] } })
    expect(await list(world)).toEqual([])
  })

  it.each([{ alt: 'x'.repeat(201) }, { alt: 'a\u202eb' }, { use: 'script' }, { src: 'x' }])(
    'is refused with other fields that are wrong: %j',
    async (input) => {
      const world = new World()
      expect((await add(world, input)).status).toBe(422)
      const { id } = (await add(world)).body
      expect((await world.api('PATCH', `${PATH}/${id}`, input)).status).toBe(422)
    }
  )

  it('is the business of the owner', async () => {
    const world = new World()
    const { id } = (await add(world)).body
    for (const [method, path] of [
      ['GET', PATH],
      ['POST', PATH],
      ['PATCH', `${PATH}/${id}`],
      ['DELETE', `${PATH}/${id}`],
    ] as const)
      expect((await world.api(method, path, method === 'GET' ? undefined : {}, {})).status).toBe(401)
    const { body } = await world.api<{ data: { act: string }[] }>('GET', '/api/audit')
    expect(body.data.map(({ act }) => act)).toContain('picture.added')
  })

  it('is not sent if the database contains something else', async () => {
    const world = new World()
    const { url } = (await add(world)).body
    await env.DB.prepare('update pictures set content = ?')
      .bind(toBase64(utf8('<script>alert(1)</script>'.repeat(3))))
      .run()
    expect((await world.request(new URL(url).pathname)).status).toBe(404)
  })

  it('is gone with its book, and is back if the book is restored', async () => {
    const world = new World()
    const path = new URL((await add(world, {}, await aBook(world))).body.url).pathname
    await add(world)
    const count = () => env.DB.prepare('select count(*) as n from pictures').first('n')
    await world.api('DELETE', '/api/books/summer')
    expect((await world.request(path)).status).toBe(404)
    await world.api('POST', '/api/books/summer/restore')
    expect((await world.request(path)).status).toBe(200)
    await world.api('DELETE', '/api/books/summer')
    await world.sweep(Date.now() + DAY_MS - 60_000, 'expired_books')
    expect(await count()).toBe(2)
    await world.sweep(Date.now() + DAY_MS + 60_000, 'expired_books')
    expect(await count()).toBe(1)
  })
})

describe('the page of the pictures', () => {
  async function upload(world: World, file: Blob, fields: Record<string, string> = {}) {
    const browser = await ownerBrowser(world)
    const body = new FormData()
    body.append('content', file, 'moth.gif')
    for (const [name, value] of Object.entries({ use: 'header', alt: '', ...fields })) body.append(name, value)
    const headers = { ...browser.cookie, Origin: BASE }
    const response = await world.request(ADMIN, { method: 'POST', headers, body, redirect: 'manual' })
    return { browser, status: response.status, to: response.headers.get('Location'), html: await response.text() }
  }

  const gif = new Blob([fromBase64(PICTURES.gif) ?? ''], { type: 'text/html' })

  it('takes a file, whatever its name and type say, and leads back to itself', async () => {
    const world = new World()
    const { status, to, browser } = await upload(world, gif, { alt: 'Möth', use: 'tile' })
    expect([status, to]).toEqual([303, `${ADMIN}?done=uploaded`])
    const [one] = await list(world)
    expect(one).toMatchObject({ type: 'gif', use: 'tile', alt: 'Möth' })
    const page = await (await browser.get(ADMIN)).text()
    expect(page).toContain(`src="/pictures/main/${one?.id}" alt="Möth"`)
    expect((await browser.post(`${ADMIN}/${one?.id}`, { use: 'divider', alt: '' })).headers.get('Location')).toMatch(
      /done=/
    )
    expect(await list(world)).toMatchObject([{ use: 'divider', alt: '' }])
    await browser.post(`${ADMIN}/${one?.id}/remove`, {})
    expect(await list(world)).toEqual([])
    expect(await (await browser.get('/admin/books/main')).text()).toContain(`href="${ADMIN}"`)
  })

  it.each([
    ['a photo', new Blob([new Uint8Array(1_500_000)]), /larger than 50 KB/],
    ['SVG', new Blob(['<svg xmlns="http://www.w3.org/2000/svg"></svg>']), /WebP/],
    ['nothing', new Blob([]), /WebP/],
  ])('says beside the field what is wrong with %s, and keeps the rest', async (_, file, message) => {
    const { status, html } = await upload(new World(), file, { alt: 'Kept', use: 'divider' })
    expect(status).toBe(422)
    expect(partOf(html, 'id="content-error"')).toMatch(message)
    expect(html).toMatch(/name="alt"[^>]*value="Kept"/)
    expect(html).toMatch(/<option value="divider" selected/)
  })

  it('refuses what is no form, and what is far too large', async () => {
    const world = new World()
    const { cookie } = await ownerBrowser(world)
    const send = (type: string, body: string) =>
      world.request(ADMIN, { method: 'POST', headers: { ...cookie, Origin: BASE, 'Content-Type': type }, body })
    expect((await send('multipart/form-data; boundary=x', 'nothing')).status).toBe(415)
    expect((await send('application/json', '{}')).status).toBe(415)
    expect((await send('multipart/form-data; boundary=x', 'x'.repeat(17 * 1024 * 1024))).status).toBe(413)
    expect(
      (await world.request('/sign', { method: 'POST', headers: { Origin: BASE }, body: new FormData() })).status
    ).toBe(415)
  })
})
