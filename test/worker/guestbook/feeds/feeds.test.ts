import { env } from 'cloudflare:workers'
import { parseAtomFeed, parseJsonFeed } from 'feedsmith'
import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'
import { bookOf, FEEDS, read, withBook } from './reading'
import { get, getText } from './site'

describe('a feed', () => {
  it.each(FEEDS)('has the entries of its own book, newest first, each with its permalink: %s', async (path) => {
    const world = await withBook()
    const ids: string[] = []
    for (const body of ['one', 'two', 'three']) ids.push((await aComment(world, { book: bookOf(path), body })).id)
    await aComment(world, { book: bookOf(path) === 'main' ? 'summer' : 'main' })
    expect(await read(world, path)).toEqual({
      ids: ids.reverse().map((id) => `${BASE}/comments/${id}`),
      next: undefined,
    })
    expect((await world.request(`/comments/${ids[0]}`)).status).toBe(200)
  })

  it.each([
    ['/feed.atom', 'application/atom+xml; charset=utf-8'],
    ['/feed.json', 'application/feed+json; charset=utf-8'],
  ])('can be read by any site: %s is %s', async (path, type) => {
    const world = new World()
    const { response } = await get(world, path)
    expect(response.headers.get('Content-Type')).toBe(type)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const preflight = await get(world, path, {}, 'OPTIONS')
    expect(preflight.response.status).toBe(204)
    expect(preflight.response.headers.get('Access-Control-Allow-Headers')).toContain('If-None-Match')
  })

  it('has the answers to the questions of the owner', async () => {
    const world = new World()
    const { id } = await aComment(world)
    const answers = JSON.stringify([{ question: 'Where <from>?', answer: 'R&D' }])
    await env.DB.prepare('update comments set answers = ?1 where id = ?2').bind(answers, id).run()
    const html = '<p dir="auto"><strong>Where &lt;from&gt;?</strong></p><p dir="auto">R&amp;D</p>'
    expect(await getText(world, '/feed.atom')).toContain(html)
    const [item] = JSON.parse(await getText(world, '/feed.json')).items
    expect(item.content_html).toContain(html)
    expect(item.content_text).toBe('Hello\n\nWhere <from>?\nR&D')
  })

  it('names the guest, the website, the times and the reply of the owner', async () => {
    const world = await withBook({ language: 'de', welcome: 'Willkommen & hallo' })
    const { id } = await aComment(world, {
      book: 'summer',
      name: '<Ada> & Co',
      website: 'https://ada.example/?a=1&b=2',
      body: 'Hello ]]> there\n<b>second</b> line',
    })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Thank <you>' })
    const atom = parseAtomFeed(await getText(world, '/b/summer/feed.atom'))
    expect(atom).toMatchObject({ id: `${BASE}/b/summer`, title: { value: 'Summer' } })
    const [entry] = atom.entries ?? []
    expect(entry).toMatchObject({ authors: [{ name: '<Ada> & Co', uri: 'https://ada.example/?a=1&b=2' }] })
    const html = entry?.content?.value ?? ''
    expect(html).toContain('Hello ]]&gt; there<br>&lt;b&gt;second&lt;/b&gt; line')
    expect(html).toContain('<blockquote>')
    expect(html).toContain('Thank &lt;you&gt;')
    const json = parseJsonFeed(await getText(world, '/b/summer/feed.json'))
    expect(json).toMatchObject({ language: 'de', description: 'Willkommen & hallo', home_page_url: `${BASE}/b/summer` })
    const [item] = json.items ?? []
    expect(item).toMatchObject({ authors: [{ name: '<Ada> & Co', url: 'https://ada.example/?a=1&b=2' }] })
    expect(item?.content_text).toMatch(/^Hello \]\]> there\n<b>second<\/b> line\n\n.+\nThank <you>$/)
    expect(item?.content_html).toBe(html)
    expect(Date.parse(String(item?.date_modified))).toBeGreaterThan(Date.parse(String(item?.date_published)))
  })

  it('shows markup as the page does as soon as the owner turns it on, and never in its plain texts', async () => {
    const world = new World()
    const body = 'A *walk*, `code` and *<b>x</b>*\n> quoted'
    const { id } = await aComment(world, { body })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'So **true**' })
    const contents = async (headers = {}) => {
      const { response } = await get(world, '/feed.json', headers)
      const json = await response.text()
      const [item] = JSON.parse(json).items
      const [entry] = parseAtomFeed(await getText(world, '/feed.atom')).entries ?? []
      expect(entry?.content?.value).toBe(item.content_html)
      expect([entry?.summary?.value, item.summary]).toEqual([body, body])
      expect(item.content_text).toMatch(/^A \*walk\*.*\n> quoted\n\n.*\nSo \*\*true\*\*$/)
      return { html: String(item.content_html), tag: response.headers.get('ETag') ?? '' }
    }
    const before = await contents()
    expect(before.html).toContain('A *walk*, `code` and *&lt;b&gt;x&lt;/b&gt;*<br>&gt; quoted')
    await world.api('PATCH', '/api/books/main', { markup: true })
    const { html } = await contents({ 'If-None-Match': before.tag })
    const shown = '<em>walk</em>, <code dir="auto">code</code> and <em>&lt;b&gt;x&lt;/b&gt;</em></p>'
    expect(html).toContain(`${shown}<blockquote dir="auto">quoted</blockquote>`)
    expect(html).toContain('<p dir="auto">So <strong>true</strong></p>')
    const page = await (await world.request('/')).text()
    for (const part of [shown, '<p dir="auto">So <strong>true</strong></p>']) expect(page).toContain(part)
    await env.DB.prepare('update comments set pre = 1 where id = ?1').bind(id).run()
    expect(await getText(new World(), '/feed.atom')).toContain('\nA *walk*, `code` and *&lt;b&gt;')
  })

  it('is updated by the newest change, which is also its Last-Modified', async () => {
    const world = new World()
    const { id } = await aComment(world, { body: 'old' })
    await aComment(world, { body: 'new' })
    const times: number[] = []
    for (const change of ['none', 'edit', 'reply']) {
      if (change === 'edit') await world.api('PATCH', `/api/comments/${id}`, { body: 'edited' })
      if (change === 'reply') await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Thanks' })
      const { response } = await get(world, '/feed.atom')
      const modified = Date.parse(response.headers.get('Last-Modified') ?? '')
      const updated = Date.parse(String(parseAtomFeed(await response.text()).updated))
      expect(modified).toBe(Math.floor(updated / 1_000) * 1_000)
      expect((await get(world, '/feed.json')).response.headers.get('Last-Modified')).toBe(
        new Date(modified).toUTCString()
      )
      times.push(updated)
    }
    const { reply, edited_at } = (
      await world.api<{ reply: { created_at: string }; edited_at: string }>('GET', `/api/comments/${id}`)
    ).body
    expect(times.slice(1)).toEqual([Date.parse(edited_at), Date.parse(reply.created_at)])
  })

  it('of a book without entries is valid', async () => {
    const world = await withBook()
    const { response } = await get(world, '/b/summer/feed.atom')
    const created_at = await env.DB.prepare("select created_at from books where slug = 'summer'").first<number>(
      'created_at'
    )
    expect(parseAtomFeed(await response.text())).toMatchObject({
      title: { value: 'Summer' },
      updated: new Date(created_at ?? 0).toISOString(),
    })
    expect(parseJsonFeed(await getText(world, '/b/summer/feed.json')).items ?? []).toEqual([])
  })

  it.each(FEEDS)('never contains entries that are not published: %s', async (path) => {
    const world = await withBook()
    const book = bookOf(path)
    const shown = await aComment(world, { book, body: 'shown' })
    for (const status of ['held', 'hidden', 'spam']) {
      const { id } = await aComment(world, { book, body: `secret ${status}` })
      await world.api('PATCH', `/api/comments/${id}`, { status })
    }
    await aComment(world, { book, body: 'secret https://a.example https://b.example https://c.example' })
    const priv = await aComment(world, { book, body: 'secret, only for the owner' })
    await env.DB.prepare(`update comments set status = 'held', is_private = 1 where id = ?`).bind(priv.id).run()
    const removed = await aComment(world, { book, body: 'secret, removed' })
    await world.api('DELETE', `/api/comments/${removed.id}`)
    for (const before of ['', `?before=${removed.id}`, `?before=${shown.id}`]) {
      expect(await getText(new World(), path + before)).not.toContain('secret')
    }
    expect((await read(new World(), path)).ids).toEqual([`${BASE}/comments/${shown.id}`])
  })

  it.each(['/b/none/feed.atom', '/b/none/feed.json', '/b/none/card.svg', '/b/none/card.png'])(
    'that does not exist is 404, also for a client that knows a tag: %s',
    async (path) => {
      const world = new World()
      expect((await get(world, path)).response.status).toBe(404)
      expect((await get(world, path, { 'If-None-Match': '*' })).response.status).toBe(404)
    }
  )

  it.each(['feed.atom', 'feed.json', 'card.svg'])('of a deleted book is gone at once: %s', async (file) => {
    const world = await withBook()
    await aComment(world, { book: 'summer' })
    const path = `/b/summer/${file}`
    const first = await get(world, path)
    expect(first.response.status).toBe(200)
    await world.api('DELETE', '/api/books/summer?confirm=summer')
    for (const isolate of [world, new World()]) {
      expect((await get(isolate, path)).response.status).toBe(404)
      const headers = { 'If-None-Match': first.response.headers.get('ETag') ?? '' }
      expect((await get(isolate, path, headers)).response.status).toBe(404)
    }
    await world.api('POST', '/api/books/summer/restore')
    expect((await get(world, path)).response.status).toBe(200)
  })

  it.each(['feed.atom', 'feed.json'])('of the main book has one address: %s', async (file) => {
    const { response } = await get(new World(), `/b/main/${file}?before=x`)
    expect([response.status, response.headers.get('Location')]).toEqual([301, `/${file}?before=x`])
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it.each(['/', '/b/summer/'])('is found from the footer of its book, and at the usual addresses: %s', async (path) => {
    const world = await withBook()
    const page = await (await world.request(path.replace(/(.)\/$/, '$1'))).text()
    expect(page).toMatch(new RegExp(`<footer>\\s*<p>\\s*<a href="${path}feed.atom">`))
    for (const name of ['feed', 'feed.xml', 'rss.xml']) {
      const response = await world.request(path + name, { redirect: 'manual' })
      const to = new URL(response.headers.get('Location') ?? '', BASE + path + name).pathname
      expect([response.status, to]).toEqual([301, `${path}feed.atom`])
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect((await world.request(path + name, { method: 'OPTIONS' })).status).toBe(204)
    }
  })
})
